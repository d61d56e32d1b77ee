/**
 * Planes as cornerstone-core images, through a loader of our own: `assay:<plane id>`. The loader finds the plane's
 * description in a register because cornerstone hands it nothing but the id.
 */
import * as cornerstone from 'cornerstone-core'
import { AssayError } from '../../shared/errors'
import type { PixelPlane } from '../../shared/types'
import { platform } from '../platform'
import { storedPixels } from './plane-data'
import type { StoredPixels } from './plane-data'
import { displayPixels } from './quantise'
import type { DisplayPixels } from './quantise'
import type { Window } from './window-level'

export interface PlaneImage {
  plane: PixelPlane
  stored: StoredPixels
  display: DisplayPixels
  image: cornerstone.Image
}

const scheme = 'assay'
const described = new Map<string, PixelPlane>()

async function fetchPlane(plane: PixelPlane, signal?: AbortSignal): Promise<StoredPixels> {
  const response = await fetch(platform.urlFor('pixels', plane.id), { signal: signal ?? null }).catch((error: unknown) => {
    throw new AssayError('engine-stopped', 'The picture could not be fetched; see whether Assay is still running.', {}, { cause: error })
  })
  if (!response.ok) throw new AssayError('result-not-found', 'The picture is no longer kept; open the scan again.', { status: response.status })
  return storedPixels(plane, await response.arrayBuffer())
}

/** `PlaneImage` rides on the image object, so that true values survive cornerstone's own loading. */
type CarryingImage = cornerstone.Image & { planeImage: PlaneImage }

function toCornerstone(plane: PixelPlane, stored: StoredPixels): CarryingImage {
  const display = displayPixels(plane, stored)
  const window = plane.windows[0]!
  const image = {
    imageId: `${scheme}:${plane.id}`,
    minPixelValue: display.min,
    maxPixelValue: display.max,
    slope: display.slope,
    intercept: display.intercept,
    windowCenter: window.center,
    windowWidth: window.width,
    getPixelData: () => display.data,
    rows: plane.height,
    columns: plane.width,
    height: plane.height,
    width: plane.width,
    color: plane.samples === 3,
    rgba: plane.samples === 3,
    rowPixelSpacing: plane.spacing?.row,
    columnPixelSpacing: plane.spacing?.column,
    invert: plane.invert,
    sizeInBytes: display.data.byteLength,
  } as unknown as CarryingImage
  image.planeImage = { plane, stored, display, image }
  return image
}

cornerstone.registerImageLoader(scheme, ((imageId: string) => {
  const controller = new AbortController()
  const plane = described.get(imageId)
  const promise = plane
    ? fetchPlane(plane, controller.signal).then((stored) => toCornerstone(plane, stored))
    : Promise.reject(new AssayError('result-not-found', 'The picture is not known; open the scan again.'))
  return { promise, cancelFn: () => controller.abort() }
}) as unknown as cornerstone.ImageLoader)

/** A grey or colour plane, ready to display. */
export async function loadPlaneImage(plane: PixelPlane): Promise<PlaneImage> {
  const imageId = `${scheme}:${plane.id}`
  described.set(imageId, plane)
  try {
    const image = (await cornerstone.loadImage(imageId)) as CarryingImage
    return image.planeImage
  } finally {
    described.delete(imageId)
  }
}

/** Just the numbers of a plane that is never displayed by cornerstone itself (the heat map). */
export const loadStored = (plane: PixelPlane): Promise<StoredPixels> => fetchPlane(plane)

/** cornerstone windows grey images in modality values but colour ones in stored values. */
export function viewportWindow({ plane, display }: PlaneImage, { center, width }: Window): { windowCenter: number; windowWidth: number } {
  if (plane.samples === 1) return { windowCenter: center, windowWidth: width }
  return { windowCenter: (center - display.intercept) / display.slope, windowWidth: width / Math.abs(display.slope) }
}

/**
 * Planes as cornerstone-core images. cornerstone places and redraws them; what colour each pixel has is ours (paint.ts),
 * so the image brings its own renderer.
 */
import type * as cornerstone from 'cornerstone-core'
import { AssayError } from '../../shared/errors'
import type { PixelPlane } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { paddingOf, pixelShape, storedPixels } from './plane-data'
import type { Padding, StoredPixels } from './plane-data'
import { displayPixels } from './quantise'
import type { DisplayPixels } from './quantise'

export interface PlaneImage {
  plane: PixelPlane
  stored: StoredPixels
  display: DisplayPixels
  /** Where the scan is no image. */
  padding: Padding | null
}

/** The bytes behind a handle. @throws AssayError result-not-found when they were pushed out, engine-stopped */
export async function fetchBytes(id: string): Promise<ArrayBuffer> {
  const response = await fetch(platform.urlFor('pixels', id)).catch((error: unknown) => {
    throw new AssayError('engine-stopped', t('view.notFetched'), {}, { cause: error })
  })
  if (!response.ok) throw new AssayError('result-not-found', t('view.notKept'), { status: response.status })
  return response.arrayBuffer()
}

export const fetchPlane = async (plane: PixelPlane): Promise<StoredPixels> => storedPixels(plane, await fetchBytes(plane.id))

/** @param scan the padding of the scan that a plane was made from; a scan brings its own */
export function planeImage(plane: PixelPlane, stored: StoredPixels, scan?: Padding | null): PlaneImage {
  const padding = scan === undefined ? paddingOf(plane, stored) : scan
  return { plane, stored, padding, display: displayPixels(plane, stored, padding) }
}

/** @param render draws the image on the element's canvas */
export function cornerstoneImage({ plane, display }: PlaneImage, render: (element: cornerstone.EnabledElement) => void): cornerstone.Image {
  const shape = pixelShape(plane)
  return {
    imageId: `assay:${plane.id}`,
    minPixelValue: display.min,
    maxPixelValue: display.max,
    slope: display.slope,
    intercept: display.intercept,
    windowCenter: plane.windows[0]!.center,
    windowWidth: plane.windows[0]!.width,
    getPixelData: () => display.data,
    rows: plane.height,
    columns: plane.width,
    height: plane.height,
    width: plane.width,
    color: plane.samples === 3,
    rgba: false,
    rowPixelSpacing: shape?.row,
    columnPixelSpacing: shape?.column,
    invert: false,
    sizeInBytes: display.data.byteLength,
    render,
  } as unknown as cornerstone.Image
}

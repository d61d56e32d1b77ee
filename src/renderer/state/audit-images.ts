/** The images of one run of an audit, and the one that is looked at. */
import { create } from 'zustand'
import type { AuditImage, AuditView } from '../../shared/audit'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { platform } from '../platform'
import { fetchPlane, planeImage } from '../viewer/cornerstone-image'
import type { PlaneImage } from '../viewer/cornerstone-image'

export type ImageFilter = 'all' | 'broken' | 'resisted' | 'evaded'

export interface OpenedAttack {
  view: AuditView
  clean: PlaneImage
  attacked: PlaneImage
  purified: PlaneImage | null
  /** attacked − clean, share of full range, row by row. */
  difference: Float32Array
}

interface AuditImagesState {
  /** `<job> <run>` */
  key: string
  images: AuditImage[]
  error: SerializedError | null
  loading: boolean
  filter: ImageFilter
  image: number | null
  opened: OpenedAttack | null
  openError: SerializedError | null
}

export const useAuditImages = create<AuditImagesState>()(() => ({ key: '', images: [], error: null, loading: false, filter: 'all', image: null, opened: null, openError: null }))

const keyOf = (jobId: string, run: string): string => `${jobId} ${run}`

/** Behind the purifier where there is one: what a person would have been told. */
export const defenceOf = (image: AuditImage): string => (image.clean.predicted['purifier'] === undefined ? 'none' : 'purifier')

/** What became of an image under a run. */
export function fateOf(image: AuditImage, alpha: number): 'not attacked' | 'resisted' | 'broken' | 'evaded' {
  if (!image.attacked) return 'not attacked'
  if (image.attacked.predicted[defenceOf(image)] === image.label) return 'resisted'
  return image.attacked.pValue !== null && image.attacked.pValue > alpha ? 'evaded' : 'broken'
}

export const filterImages = (images: readonly AuditImage[], filter: ImageFilter, alpha: number): AuditImage[] =>
  images.filter((image) => {
    const fate = fateOf(image, alpha)
    return filter === 'all' || fate === filter || (filter === 'broken' && fate === 'evaded')
  })

export async function showRun(jobId: string, run: string): Promise<void> {
  const key = keyOf(jobId, run)
  const current = (): boolean => useAuditImages.getState().key === key
  if (current()) return
  useAuditImages.setState({ key, images: [], error: null, loading: true, image: null, opened: null, openError: null })
  try {
    const images = await platform.call('audit.images', { jobId, run })
    if (!current()) return
    useAuditImages.setState({ images, loading: false })
    const first = images.find(({ attacked }) => attacked !== null)
    if (first) await openAttack(jobId, run, first.image)
  } catch (error) {
    if (current()) useAuditImages.setState({ error: serializeError(error), loading: false })
  }
}

let opening = 0

export async function openAttack(jobId: string, run: string, image: number): Promise<void> {
  const mine = ++opening
  useAuditImages.setState({ image, openError: null })
  try {
    const view = await platform.call('audit.image', { jobId, run, image })
    const [clean, attacked, purified, difference] = await Promise.all([view.clean, view.attacked, view.purified, view.difference].map(async (plane) => plane && { plane, stored: await fetchPlane(plane) }))
    if (mine !== opening) return
    const shown = (each: typeof clean) => planeImage(each!.plane, each!.stored)
    useAuditImages.setState({ opened: { view, clean: shown(clean), attacked: shown(attacked), purified: purified ? shown(purified) : null, difference: Float32Array.from(difference!.stored) } })
  } catch (error) {
    if (mine === opening) useAuditImages.setState({ opened: null, openError: serializeError(error) })
  }
}

/** Opens the neighbour in the list as it is filtered. */
export function stepImage(jobId: string, run: string, alpha: number, by: 1 | -1): void {
  const { images, filter, image } = useAuditImages.getState()
  const shown = filterImages(images, filter, alpha).filter(({ attacked }) => attacked !== null)
  const at = shown.findIndex((each) => each.image === image)
  const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))]
  if (next) void openAttack(jobId, run, next.image)
}

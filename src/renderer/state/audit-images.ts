/** The images of one run of an audit at one strength, and the one that is looked at. */
import { create } from 'zustand'
import type { AuditImage, AuditView, ImageFate } from '../../shared/audit'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { platform } from '../platform'
import { fetchPlane, planeImage } from '../viewer/cornerstone-image'
import type { PlaneImage } from '../viewer/cornerstone-image'

export type ImageFilter = 'all' | 'broken' | 'resisted' | 'evaded'

/** A row of the table, whose images are looked at. */
export interface ShownRow {
  jobId: string
  run: string
  eps: number
}

export interface OpenedAttack {
  view: AuditView
  clean: PlaneImage
  /** Null where the run did not attack the image. */
  attacked: PlaneImage | null
  purified: PlaneImage | null
  /** attacked − clean, share of full range, row by row. */
  difference: Float32Array | null
}

interface AuditImagesState {
  /** `<job> <run> <ε>` */
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

const keyOf = ({ jobId, run, eps }: ShownRow): string => `${jobId} ${run} ${eps}`

/** Behind the purifier where there is one: what a person would have been told. */
export const defenceOf = (image: AuditImage): string => (image.clean.predicted['purifier'] === undefined ? 'none' : 'purifier')

/** As the table counts them: the unnoticed are broken too, and what took more than ε resisted at ε. */
const fatesOf: Readonly<Record<Exclude<ImageFilter, 'all'>, readonly ImageFate[]>> = { broken: ['broken', 'evaded'], resisted: ['resisted', 'beyond'], evaded: ['evaded'] }

export const filterImages = (images: readonly AuditImage[], filter: ImageFilter): AuditImage[] => images.filter(({ fate }) => filter === 'all' || fatesOf[filter].includes(fate))

export async function showRun(row: ShownRow): Promise<void> {
  const key = keyOf(row)
  const current = (): boolean => useAuditImages.getState().key === key
  if (current()) return
  useAuditImages.setState({ key, images: [], error: null, loading: true, image: null, opened: null, openError: null })
  try {
    const images = await platform.call('audit.images', { ...row })
    if (!current()) return
    useAuditImages.setState({ images, loading: false })
    const first = images.find(({ attacked }) => attacked !== null) ?? images[0]
    if (first) await openAttack(row, first.image)
  } catch (error) {
    if (current()) useAuditImages.setState({ error: serializeError(error), loading: false })
  }
}

let opening = 0

export async function openAttack(row: ShownRow, image: number): Promise<void> {
  const mine = ++opening
  useAuditImages.setState({ image, openError: null })
  try {
    const view = await platform.call('audit.image', { ...row, image })
    const [clean, attacked, purified, difference] = await Promise.all([view.clean, view.attacked, view.purified, view.difference].map(async (plane) => plane && { plane, stored: await fetchPlane(plane) }))
    if (mine !== opening) return
    const shown = (each: typeof clean) => each && planeImage(each.plane, each.stored)
    useAuditImages.setState({ opened: { view, clean: shown(clean)!, attacked: shown(attacked) ?? null, purified: shown(purified) ?? null, difference: difference ? Float32Array.from(difference.stored) : null } })
  } catch (error) {
    if (mine === opening) useAuditImages.setState({ opened: null, openError: serializeError(error) })
  }
}

/** Opens the neighbour in the list as it is filtered. */
export function stepImage(row: ShownRow, by: 1 | -1): void {
  const { images, filter, image } = useAuditImages.getState()
  const shown = filterImages(images, filter)
  const at = shown.findIndex((each) => each.image === image)
  const next = shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))]
  if (next) void openAttack(row, next.image)
}

/** One frame of a screened file with its planes in memory: what the viewer shows. The last few are kept for going back and forth. */
import type { ScreenedView } from '../../shared/types'
import { fetchBytes, fetchPlane, planeImage } from './cornerstone-image'
import type { PlaneImage } from './cornerstone-image'
import type { StoredPixels } from './plane-data'
import type { VoiTable } from './window-level'

export interface Study {
  view: ScreenedView
  scan: PlaneImage
  purified: PlaneImage
  heat: StoredPixels
  /** The file's VOI lookup tables. */
  tables: VoiTable[]
  bytes: number
}

const fetchTables = ({ scan }: ScreenedView): Promise<VoiTable[]> =>
  Promise.all((scan.tables ?? []).map(async ({ id, explanation, first, bits }) => ({ explanation, first, bits, values: new Uint16Array(await fetchBytes(id)) })))

/** Fetches the three planes and the tables. @throws AssayError */
export async function loadStudy(view: ScreenedView): Promise<Study> {
  const [stored, purifiedStored, heat, tables] = await Promise.all([
    fetchPlane(view.scan),
    fetchPlane(view.purified),
    fetchPlane(view.heatmap),
    fetchTables(view),
  ])
  const scan = planeImage(view.scan, stored)
  const purified = planeImage(view.purified, purifiedStored, scan.padding)
  const parts = new Set([stored, scan.display.data, purifiedStored, purified.display.data, heat].map(({ buffer }) => buffer))
  const bytes = [...parts].reduce((sum, { byteLength }) => sum + byteLength, 0)
  return { view, scan, purified, heat, tables, bytes }
}

/** Bytes of all studies that are kept. */
export const studyBudget = 400e6
const kept = new Map<string, Study>()
const keyOf = (resultId: string, frame: number): string => `${resultId}/${frame}`

export function rememberStudy(study: Study): void {
  const key = keyOf(study.view.resultId, study.view.frame)
  kept.delete(key)
  kept.set(key, study)
  let total = [...kept.values()].reduce((sum, each) => sum + each.bytes, 0)
  for (const [id, each] of kept) {
    if (total <= studyBudget || kept.size === 1) return
    kept.delete(id)
    total -= each.bytes
  }
}

/** @param frame counted from 1 */
export const recallStudy = (resultId: string, frame: number): Study | undefined => kept.get(keyOf(resultId, frame))

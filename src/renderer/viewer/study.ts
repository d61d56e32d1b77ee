/** A screened file with its three planes in memory: what the viewer shows. The last few are kept for going back and forth. */
import type { ScreenedView } from '../../shared/types'
import { loadPlaneImage, loadStored } from './cornerstone-image'
import type { PlaneImage } from './cornerstone-image'
import { heatPixels } from './heat-colours'
import type { StoredPixels } from './plane-data'

export interface Study {
  view: ScreenedView
  scan: PlaneImage
  purified: PlaneImage
  heat: StoredPixels
  /** The heat map in colour at the scan's size, to be laid over it. */
  heatCanvas: HTMLCanvasElement
  bytes: number
}

function paintHeat(view: ScreenedView, heat: StoredPixels): HTMLCanvasElement {
  const { width, height, slope, intercept } = view.heatmap
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pixels = heatPixels(heat, view.heatmapScale, slope, intercept)
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0)
  return canvas
}

/** Fetches the three planes. @throws AssayError */
export async function loadStudy(view: ScreenedView): Promise<Study> {
  const [scan, purified, heat] = await Promise.all([
    loadPlaneImage(view.scan),
    loadPlaneImage(view.purified),
    loadStored(view.heatmap),
  ])
  const heatCanvas = paintHeat(view, heat)
  const bytes = [scan.stored, purified.stored, purified.display.data, heat].reduce((sum, part) => sum + part.byteLength, heat.length * 4)
  return { view, scan, purified, heat, heatCanvas, bytes }
}

const budget = 400e6
const kept = new Map<string, Study>()

export function rememberStudy(study: Study): void {
  kept.delete(study.view.resultId)
  kept.set(study.view.resultId, study)
  let total = [...kept.values()].reduce((sum, each) => sum + each.bytes, 0)
  for (const [id, each] of kept) {
    if (total <= budget || kept.size === 1) return
    kept.delete(id)
    total -= each.bytes
  }
}

export const recallStudy = (resultId: string): Study | undefined => kept.get(resultId)

/**
 * What the views draw from: the scan, the purified scan and the heat, painted once at the scan's own size, however many
 * views show them. One canvas for each, painted anew when the frame or the look changes; a study that is only kept for
 * going back costs no canvas.
 */
import { heatPixels } from '../../shared/heat-colours'
import type { HeatLook } from '../../shared/heat-colours'
import type { PlaneImage } from './cornerstone-image'
import { paintPlane } from './paint'
import type { Look } from './paint'
import type { Study } from './study'

interface Painting {
  canvas: HTMLCanvasElement
  pixels: ImageData | null
  /** What is on it. */
  of: unknown
  look: Look | null
  heatLook?: HeatLook
}

const painting = (): Painting => ({ canvas: document.createElement('canvas'), pixels: null, of: null, look: null })
const scan = painting()
const purified = painting()
const heat = painting()

/** The painting's pixels at a size, those of before where it is the same. */
function sized(target: Painting, width: number, height: number): ImageData {
  if (target.pixels?.width === width && target.pixels.height === height) return target.pixels
  target.canvas.width = width
  target.canvas.height = height
  return (target.pixels = new ImageData(width, height))
}

const sameLook = (a: Look, b: Look | null): boolean =>
  b !== null && a.table === b.table && a.invert === b.invert && (a.table !== null || (a.window.center === b.window.center && a.window.width === b.window.width))

/** The scan or the purified scan as it is to be seen. `look.invert` is what the person asked for; MONOCHROME1 comes on top. */
export function paintedPlane(name: 'scan' | 'purified', image: PlaneImage, look: Look): HTMLCanvasElement {
  const target = name === 'scan' ? scan : purified
  const { plane } = image
  if (target.of === image && sameLook(look, target.look)) return target.canvas
  const pixels = sized(target, plane.width, plane.height)
  paintPlane(plane, image.display, { ...look, invert: plane.invert !== look.invert }, new Uint32Array(pixels.data.buffer))
  target.canvas.getContext('2d')!.putImageData(pixels, 0, 0)
  target.of = image
  target.look = look
  return target.canvas
}

/** The heat in colour, clear where nothing remarkable was removed. */
export function paintedHeat(study: Study, look: HeatLook): HTMLCanvasElement {
  if (heat.of === study && heat.heatLook === look) return heat.canvas
  const { heatmap, heatmapScale } = study.view
  const pixels = sized(heat, heatmap.width, heatmap.height)
  pixels.data.set(heatPixels(study.heat, heatmapScale, heatmap.slope, heatmap.intercept, look))
  heat.canvas.getContext('2d')!.putImageData(pixels, 0, 0)
  heat.of = study
  heat.heatLook = look
  return heat.canvas
}

/**
 * Where image pixels land on a canvas: canvas = canvasSize / 2 + turned(scale × (image − imageSize / 2 + pan)), x and y
 * stretched apart where pixels are not square. What is in the middle of the canvas stays there when the image is turned.
 */
import { upright } from '../../shared/orientation'
import type { Orientation } from '../../shared/orientation'

export interface Size {
  width: number
  height: number
}
export interface Point {
  x: number
  y: number
}
export interface Frame {
  canvas: Size
  image: Size
  /** Millimetres between pixel centres. */
  spacing?: { row: number; column: number } | undefined
}
/** Zoom 1 fits the image in the canvas; pan is in image pixels. Independent of the canvas, so that views stay linked. */
export interface Placement extends Orientation {
  zoom: number
  pan: Point
}

const quarter = (turns: number): Orientation['quarterTurns'] => (((turns % 4) + 4) % 4) as Orientation['quarterTurns']

/** As seen: to the right is clockwise. */
export const turnedBy = <O extends Orientation>(orientation: O, turns: 1 | -1): O => ({ ...orientation, quarterTurns: quarter(orientation.quarterTurns + turns) })

/** As seen, however the image is turned: `across` exchanges left and right, `down` top and bottom. */
export const mirroredBy = <O extends Orientation>(orientation: O, way: 'across' | 'down'): O => ({
  ...orientation,
  quarterTurns: quarter((way === 'across' ? 0 : 2) - orientation.quarterTurns),
  mirrored: !orientation.mirrored,
})

/** From directions in the image to directions on the canvas. */
export function turned({ quarterTurns, mirrored }: Orientation, { x, y }: Point): Point {
  const across = mirrored ? -x : x
  return [
    { x: across, y },
    { x: -y, y: across },
    { x: -across, y: -y },
    { x: y, y: -across },
  ][quarterTurns]!
}

/** The way back. */
function turnedBack({ quarterTurns, mirrored }: Orientation, { x, y }: Point): Point {
  const back = [
    { x, y },
    { x: y, y: -x },
    { x: -x, y: -y },
    { x: -y, y: x },
  ][quarterTurns]!
  return mirrored ? { x: -back.x, y: back.y } : back
}

/** Stretch of a pixel so that the smaller of its sides is 1. */
export function pixelAspect(spacing: Frame['spacing']): Point {
  if (!spacing || !(spacing.row > 0) || !(spacing.column > 0)) return { x: 1, y: 1 }
  return spacing.row < spacing.column ? { x: spacing.column / spacing.row, y: 1 } : { x: 1, y: spacing.row / spacing.column }
}

/** cornerstone's viewport.scale at which the whole image is just visible. */
export function fitScale({ canvas, image, spacing }: Frame, { quarterTurns }: Pick<Orientation, 'quarterTurns'> = upright): number {
  const aspect = pixelAspect(spacing)
  const room = quarterTurns % 2 === 0 ? canvas : { width: canvas.height, height: canvas.width }
  return Math.max(Math.min(room.width / (image.width * aspect.x), room.height / (image.height * aspect.y)), 1e-4)
}

/** Canvas pixels per image pixel along the image's own x and y. */
function scales(frame: Frame, placement: Pick<Placement, 'zoom' | 'quarterTurns'>): Point {
  const aspect = pixelAspect(frame.spacing)
  const scale = fitScale(frame, placement) * placement.zoom
  return { x: scale * aspect.x, y: scale * aspect.y }
}

export function imageToCanvas(frame: Frame, placement: Placement, point: Point): Point {
  const scale = scales(frame, placement)
  const { pan } = placement
  const { x, y } = turned(placement, { x: scale.x * (point.x - frame.image.width / 2 + pan.x), y: scale.y * (point.y - frame.image.height / 2 + pan.y) })
  return { x: frame.canvas.width / 2 + x, y: frame.canvas.height / 2 + y }
}

export function canvasToImage(frame: Frame, placement: Placement, point: Point): Point {
  const scale = scales(frame, placement)
  const { x, y } = turnedBack(placement, { x: point.x - frame.canvas.width / 2, y: point.y - frame.canvas.height / 2 })
  return { x: x / scale.x + frame.image.width / 2 - placement.pan.x, y: y / scale.y + frame.image.height / 2 - placement.pan.y }
}

const zoomLimits = { smallest: 0.25, largest: 40 }

/** Zooms by `factor` with the image point under `anchor` (canvas pixels) staying where it is. */
export function zoomAround(frame: Frame, placement: Placement, factor: number, anchor: Point): Placement {
  const next = { ...placement, zoom: Math.min(zoomLimits.largest, Math.max(zoomLimits.smallest, placement.zoom * factor)) }
  const [before, after] = [scales(frame, placement), scales(frame, next)]
  const from = turnedBack(placement, { x: anchor.x - frame.canvas.width / 2, y: anchor.y - frame.canvas.height / 2 })
  return { ...next, pan: { x: placement.pan.x + from.x * (1 / after.x - 1 / before.x), y: placement.pan.y + from.y * (1 / after.y - 1 / before.y) } }
}

/** Pans by canvas pixels; at least a corner of the image stays reachable. */
export function panBy(frame: Frame, placement: Placement, dx: number, dy: number): Placement {
  const scale = scales(frame, placement)
  const hold = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value))
  const room = placement.quarterTurns % 2 === 0 ? frame.canvas : { width: frame.canvas.height, height: frame.canvas.width }
  const reach = { x: (frame.image.width + room.width / scale.x) / 2, y: (frame.image.height + room.height / scale.y) / 2 }
  const moved = turnedBack(placement, { x: dx, y: dy })
  const { pan } = placement
  return { ...placement, pan: { x: hold(pan.x + moved.x / scale.x, reach.x * 0.95), y: hold(pan.y + moved.y / scale.y, reach.y * 0.95) } }
}

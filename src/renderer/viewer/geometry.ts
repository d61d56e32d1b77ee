/**
 * Where image pixels land on a canvas. The same arithmetic as cornerstone-core's calculateTransform without rotation:
 * canvas = canvasSize / 2 + scale × (image − imageSize / 2 + pan), x and y stretched apart where pixels are not square.
 */
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
export interface Placement {
  zoom: number
  pan: Point
}

/** Stretch of a pixel so that the smaller of its sides is 1. */
export function pixelAspect(spacing: Frame['spacing']): Point {
  if (!spacing || !(spacing.row > 0) || !(spacing.column > 0)) return { x: 1, y: 1 }
  return spacing.row < spacing.column ? { x: spacing.column / spacing.row, y: 1 } : { x: 1, y: spacing.row / spacing.column }
}

/** cornerstone's viewport.scale at which the whole image is just visible. */
export function fitScale({ canvas, image, spacing }: Frame): number {
  const aspect = pixelAspect(spacing)
  return Math.max(Math.min(canvas.width / (image.width * aspect.x), canvas.height / (image.height * aspect.y)), 1e-4)
}

/** Canvas pixels per image pixel along x and y. */
export function scales(frame: Frame, zoom: number): Point {
  const aspect = pixelAspect(frame.spacing)
  const scale = fitScale(frame) * zoom
  return { x: scale * aspect.x, y: scale * aspect.y }
}

export function imageToCanvas(frame: Frame, { zoom, pan }: Placement, point: Point): Point {
  const scale = scales(frame, zoom)
  return {
    x: frame.canvas.width / 2 + scale.x * (point.x - frame.image.width / 2 + pan.x),
    y: frame.canvas.height / 2 + scale.y * (point.y - frame.image.height / 2 + pan.y),
  }
}

export function canvasToImage(frame: Frame, { zoom, pan }: Placement, point: Point): Point {
  const scale = scales(frame, zoom)
  return {
    x: (point.x - frame.canvas.width / 2) / scale.x + frame.image.width / 2 - pan.x,
    y: (point.y - frame.canvas.height / 2) / scale.y + frame.image.height / 2 - pan.y,
  }
}

const zoomLimits = { smallest: 0.25, largest: 40 }

/** Zooms by `factor` with the image point under `anchor` (canvas pixels) staying where it is. */
export function zoomAround(frame: Frame, { zoom, pan }: Placement, factor: number, anchor: Point): Placement {
  const next = Math.min(zoomLimits.largest, Math.max(zoomLimits.smallest, zoom * factor))
  const before = scales(frame, zoom)
  const after = scales(frame, next)
  return {
    zoom: next,
    pan: {
      x: pan.x + (anchor.x - frame.canvas.width / 2) * (1 / after.x - 1 / before.x),
      y: pan.y + (anchor.y - frame.canvas.height / 2) * (1 / after.y - 1 / before.y),
    },
  }
}

/** Pans by canvas pixels; at least a corner of the image stays reachable. */
export function panBy(frame: Frame, { zoom, pan }: Placement, dx: number, dy: number): Placement {
  const scale = scales(frame, zoom)
  const hold = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value))
  const reach = { x: (frame.image.width + frame.canvas.width / scale.x) / 2, y: (frame.image.height + frame.canvas.height / scale.y) / 2 }
  return { zoom, pan: { x: hold(pan.x + dx / scale.x, reach.x * 0.95), y: hold(pan.y + dy / scale.y, reach.y * 0.95) } }
}

/** Resizing in all modes and coordinates, and sampling at computed positions. */
import { float, int, ints, text, type Attributes } from '../../../../../src/engine/onnx/model'
import { float32 } from '../../../../../src/engine/tensor/tensor'
import { node, normal, vector, type Cases, type Draw } from '../draw'

function coordinatesOf(d: Draw, opset: number, mode: string): string {
  const all = ['half_pixel', 'align_corners', 'asymmetric', 'pytorch_half_pixel']
  if (mode === 'nearest' && opset < 13) all.push('tf_half_pixel_for_nn')
  if (opset >= 19) all.push('half_pixel_symmetric')
  return d.pick(...all)
}

export const resizing: Cases = {
  Resize: (d) => {
    const opset = d.opset(10)
    const mode = opset === 10 ? d.pick('nearest', 'linear') : d.pick('nearest', 'linear', 'cubic')
    const n = mode === 'cubic' ? 2 : d.pick(1, 2, 2, 3)
    const spatial = d.list(n, () => d.int(2, 5))
    const x = normal([d.int(1, 2), d.int(1, 2), ...spatial])
    const scales = spatial.map(() => d.pick(0.5, 0.75, 1, 1.5, 2, 3))
    if (opset === 10) return node(d, 'Resize', 10, [x, float32([n + 2], [1, 1, ...scales])], { mode: text(mode) })
    const antialias = opset >= 18 && mode !== 'nearest' && n === 2 && d.int(0, 2) === 0
    const attributes: Attributes = {
      mode: text(mode),
      ...(d.bool() ? { coordinate_transformation_mode: text(antialias ? 'half_pixel' : coordinatesOf(d, opset, mode)) } : {}),
      ...(mode === 'nearest' && d.bool() ? { nearest_mode: text(d.pick('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil')) } : {}),
      ...(mode === 'cubic' && d.bool() ? { cubic_coeff_a: float(-0.5) } : {}),
      ...((mode === 'cubic' || antialias) && d.bool() ? { exclude_outside: int(1) } : {}),
      ...(antialias ? { antialias: int(1) } : {}),
    }
    const empty = opset < 13 ? float32([0], []) : undefined
    const some = opset >= 18 && d.bool()
    const own = some ? { axes: ints(spatial.map((_, i) => i + 2)) } : {}
    const lead = some ? [] : [1, 1]
    if (d.bool()) return node(d, 'Resize', opset, [x, empty, float32([lead.length + n], [...lead, ...scales])], { ...attributes, ...own })
    const sizes = spatial.map((s, i) => Math.max(1, Math.floor(s * scales[i]!) + d.int(0, 1)))
    const policy = some && d.bool() ? { keep_aspect_ratio_policy: text(d.pick('not_larger', 'not_smaller')) } : {}
    return node(d, 'Resize', opset, [x, empty, empty, vector(...(some ? [] : (x.shape.slice(0, 2) as number[])), ...sizes)], { ...attributes, ...own, ...policy })
  },
}

export const sampling: Cases = {
  GridSample: (d) => {
    const opset = d.opset(16)
    const [n, c, h, w] = [d.int(1, 2), d.int(1, 2), d.int(2, 4), d.int(2, 4)]
    const [ho, wo] = [d.int(1, 3), d.int(1, 3)]
    const nearest = d.int(0, 2) === 0
    const align = d.int(0, 1)
    // Positions inside a pixel's cell, not on its border: there the slope jumps.
    const position = (length: number) => (r: { uniform(a: number, b: number): number; integer(n: number): number }) => {
      const pixel = r.integer(length + 1) - 1 + r.uniform(0.15, 0.4)
      return align ? (2 * pixel) / (length - 1) - 1 : (2 * pixel + 1) / length - 1
    }
    const [along, down] = [position(w), position(h)]
    const grid = { shape: [n, ho, wo, 2], values: (r: Parameters<typeof along>[0], i: number) => (i % 2 ? down(r) : along(r)) }
    const mode = nearest ? 'nearest' : opset >= 20 ? 'linear' : 'bilinear'
    return node(d, 'GridSample', opset, [normal([n, c, h, w]), grid], { mode: text(mode), align_corners: int(align), padding_mode: text(d.pick('zeros', 'border', 'reflection')) })
  },
}

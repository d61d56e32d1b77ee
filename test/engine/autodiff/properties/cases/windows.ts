/** Convolutions and pools of one to three dimensions, of random strides, dilations, pads and groups. */
import { int, ints, text, type Attributes } from '../../../../../src/engine/onnx/model'
import { int64, type Shape } from '../../../../../src/engine/tensor/tensor'
import { away, distinct, node, normal, vector, type Case, type Cases, type Draw, type Optional } from '../draw'
import type { Free } from '../harness'

interface Windows {
  spatial: number[]
  kernel: number[]
  attributes: Attributes
}

interface Abilities {
  dilations?: boolean
  ceil?: boolean
  /** No window may lie in the padding alone. */
  smallPads?: boolean
}

function windows(d: Draw, { dilations = false, ceil = false, smallPads = false }: Abilities): Windows {
  const n = d.pick(1, 2, 2, 2, 3)
  const kernel = d.list(n, () => d.int(1, 3))
  const strides = d.list(n, () => d.int(1, 3))
  const dilation = kernel.map(() => (dilations && d.bool() ? 2 : 1))
  const reach = kernel.map((k, i) => (k - 1) * dilation[i]! + 1)
  const spatial = reach.map((r) => r + d.int(0, n === 3 ? 2 : 4))
  const auto = d.pick('NOTSET', 'NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID')
  const pad = (i: number) => d.int(0, smallPads ? Math.max(0, kernel[i]! - 1) : 2)
  const undilated = dilation.every((v) => v === 1)
  // ONNX Runtime itself refuses to pad automatically around dilated convolutions, or windows smaller than their stride.
  const automatic = auto !== 'NOTSET' && (undilated || smallPads) && kernel.every((k, i) => k >= strides[i]!)
  return {
    spatial,
    kernel,
    attributes: {
      ...(strides.some((s) => s > 1) || d.bool() ? { strides: ints(strides) } : {}),
      ...(undilated ? {} : { dilations: ints(dilation) }),
      ...(automatic ? { auto_pad: text(auto) } : d.bool() ? { pads: ints([...kernel.map((_, i) => pad(i)), ...kernel.map((_, i) => pad(i))]) } : {}),
      ...(ceil && !automatic && d.bool() ? { ceil_mode: int(1) } : {}),
    },
  }
}

/** Kernel shape, and no window that would begin behind the image. */
function poolOf(d: Draw, op: string, since: number, abilities: (opset: number) => Abilities, values: (shape: Shape) => Free, more: (d: Draw) => Optional = () => ({})): ReturnType<Case> {
  const opset = d.opset(since)
  const { spatial, kernel, attributes } = windows(d, { smallPads: true, ...abilities(opset) })
  return node(d, op, opset, [values([d.int(1, 2), d.int(1, 2), ...spatial])], { kernel_shape: ints(kernel), ...attributes, ...more(d) })
}

export const convolutions: Cases = {
  Col2Im: (d) => columns(d),
  Conv: (d) => {
    const { spatial, kernel, attributes } = windows(d, { dilations: true })
    const group = d.pick(1, 1, 2, 3)
    const depthwise = d.int(0, 3) === 0
    const [ci, co] = depthwise ? [group, group * d.int(1, 2)] : [group * d.int(1, 2), group * d.int(1, 2)]
    const x = normal([d.int(1, 2), ci, ...spatial])
    const w = normal([co, ci / group, ...kernel])
    return node(d, 'Conv', d.opset(7), [x, w, ...(d.bool() ? [normal([co])] : [])], { ...attributes, ...(group > 1 ? { group: int(group) } : {}), ...(d.bool() ? { kernel_shape: ints(kernel) } : {}) })
  },
  ConvTranspose: (d) => {
    const n = d.pick(1, 2, 2, 3)
    const kernel = d.list(n, () => d.int(1, 3))
    const strides = d.list(n, () => d.int(1, 3))
    const dilations = kernel.map(() => (d.int(0, 3) === 0 ? 2 : 1))
    const group = d.pick(1, 1, 2)
    const [ci, co] = [group * d.int(1, 2), d.int(1, 2)]
    const spatial = d.list(n, () => d.int(2, 4))
    const extent = spatial.map((s, i) => (s - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1)
    const way = d.pick('pads', 'pads', 'output', 'auto')
    const common = { strides: ints(strides), ...(dilations.some((v) => v > 1) ? { dilations: ints(dilations) } : {}), ...(group > 1 ? { group: int(group) } : {}) }
    const attributes: Attributes =
      way === 'auto'
        ? { auto_pad: text(d.pick('SAME_UPPER', 'SAME_LOWER')) }
        : way === 'output'
          ? // Smaller than the windows reach, or larger by less than a stride.
            { output_shape: ints(extent.map((e, i) => Math.max(1, e + d.int(-2, strides[i]! - 1)))), ...(d.bool() ? { auto_pad: text(d.pick('SAME_UPPER', 'SAME_LOWER')) } : {}) }
          : {
              pads: ints(d.list(2 * n, (i) => Math.min(d.int(0, 1), Math.floor((extent[i % n]! - 1) / 2)))),
              ...(d.bool() ? { output_padding: ints(strides.map((s) => d.int(0, s - 1))) } : {}),
            }
    return node(d, 'ConvTranspose', d.opset(7), [normal([d.int(1, 2), ci, ...spatial]), normal([ci, co, ...kernel]), ...(d.bool() ? [normal([co * group])] : [])], { ...common, ...attributes })
  },
}

const columns: Case = (d) => {
  const n = d.pick(1, 2, 2, 3)
  const kernel = d.list(n, () => d.int(1, 3))
  const strides = d.list(n, () => d.int(1, 3))
  // ONNX Runtime 1.30 forgets the dilation in any other number of dimensions than two.
  const dilations = d.list(n, () => d.int(1, n === 2 ? 2 : 1))
  const pads = d.list(2 * n, () => d.int(0, 1))
  const spatial = kernel.map((k, i) => (k - 1) * dilations[i]! + 1 + d.int(0, 3))
  const windowsOf = spatial.map((s, i) => Math.floor((s + pads[i]! + pads[n + i]! - (kernel[i]! - 1) * dilations[i]! - 1) / strides[i]!) + 1)
  const product = (list: number[]) => list.reduce((a, b) => a * b, 1)
  return node(d, 'Col2Im', d.opset(18), [normal([d.int(1, 2), d.int(1, 2) * product(kernel), product(windowsOf)]), vector(...spatial), vector(...kernel)], { strides: ints(strides), dilations: ints(dilations), pads: ints(pads) })
}

export const pools: Cases = {
  MaxPool: (d) => {
    const drawn = poolOf(d, 'MaxPool', 8, (opset) => ({ dilations: opset >= 10, ceil: opset >= 10 }), distinct)
    // Where the largest stands is an output too, which nobody differentiates.
    return drawn
  },
  AveragePool: (d) => poolOf(d, 'AveragePool', 7, (opset) => ({ dilations: opset >= 19, ceil: opset >= 10 }), normal, (e) => (e.bool() ? { count_include_pad: int(1) } : {})),
  LpPool: (d) => poolOf(d, 'LpPool', 7, (opset) => ({ dilations: opset >= 18, ceil: opset >= 18 }), away(0), (e) => (e.bool() ? { p: int(e.int(1, 3)) } : {})),
  GlobalAveragePool: (d) => node(d, 'GlobalAveragePool', d.opset(7), [normal([d.int(1, 2), d.int(1, 3), ...d.shape(1, 3)])]),
  GlobalMaxPool: (d) => node(d, 'GlobalMaxPool', d.opset(7), [distinct([d.int(1, 2), d.int(1, 3), ...d.shape(1, 3)])]),
  GlobalLpPool: (d) => node(d, 'GlobalLpPool', d.opset(7, 21), [away(0)([d.int(1, 2), d.int(1, 3), ...d.shape(1, 3)])], d.bool() ? { p: int(d.int(1, 3)) } : {}),
  MaxUnpool: (d) => {
    const [n, c, h, w] = [d.int(1, 2), d.int(1, 2), d.int(1, 3), d.int(1, 3)]
    const whole = [n, c, 2 * h, 2 * w]
    // One of the four pixels of every tile.
    const indices = Array.from({ length: n * c * h * w }, (_, i) => {
      const [plane, row, column] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w]
      return plane * 4 * h * w + (2 * row + d.int(0, 1)) * 2 * w + 2 * column + d.int(0, 1)
    })
    const sized = d.bool()
    return node(d, 'MaxUnpool', d.opset(9), [normal([n, c, h, w]), int64([n, c, h, w], indices), ...(sized ? [vector(...whole)] : [])], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) })
  },
}

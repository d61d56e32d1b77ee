/**
 * The image gradient of a convolution written as convolutions of constant weights, which ONNX Runtime runs in its
 * layout of blocks (blocked-layout.ts), where it would otherwise be a ConvTranspose (at strides) or a convolution to a
 * few channels, of which a block is mostly padding.
 *
 * At stride s the pixels s·q + r of the gradient, r fixed, are a convolution of dy with every s-th tap of the kernel:
 * a phase. What comes next may want the phases one by one, or laid together into one image; both are on offer, and only
 * what is used ends up in the graph. Gradients by an image of few channels are computed for a square of pixels at a
 * time, with a channel for each.
 */
import type { GraphBuilder, Value } from '../../onnx/builder'
import type { WindowGeometry } from '../../onnx/windows'
import { add, concat, conv, depthToSpace, reshape, transpose } from '../../onnx/ops'
import { float32, sizeOf } from '../../tensor/tensor'
import { affineInBlocks, channelsPerBlock, inBlocks } from './blocked-layout'
import { range } from './helpers'

type Pair = readonly [number, number]

/** The pixels (sy·q + i, sx·q + j) of an image [N, C, H, W]. */
export interface Phases {
  strides: Pair
  phase(i: number, j: number): Value
}

const known = new WeakMap<Value, Phases>()

/** The phases of a gradient that was made of them. */
export const phasesOf = (v: Value): Phases | undefined => known.get(v)

/** Says of which phases a gradient is made, for whoever can go on with them; each is written when it is first asked for. */
export function madeOf(v: Value, strides: Pair, write: (i: number, j: number) => Value): Value {
  const written = new Map<number, Value>()
  const phase = (i: number, j: number): Value => {
    const key = i * strides[1] + j
    if (!written.has(key)) written.set(key, write(i, j))
    return written.get(key)!
  }
  known.set(v, { strides, phase })
  return v
}

const whole: Pair = [1, 1]
/** What DepthToSpace takes for an element, in multiplications of a convolution. */
const copying = 100

/** dx of y = conv(x, w), or undefined where the plain ways are taken. */
export function gradientInBlocks(g: GraphBuilder, x: Value, dy: Value, w: Value, at: WindowGeometry, group: number): Value | undefined {
  const [co, ci] = w.shape as [number, number]
  if (!w.constant || w.dtype !== 'float32' || w.shape.length !== 4 || group !== 1 || co % channelsPerBlock !== 0 || at.dilations.some((d) => d !== 1)) return undefined
  if (ci < channelsPerBlock) return bySquares(g, x, dy, w, at)
  const strides = at.strides as [number, number]
  if (strides.every((s) => s === 1) || !inBlocks(g, x)) return undefined
  const phases = range(strides[0]).map((i) => range(strides[1]).map((j) => tapsOf(x, w, at, strides, [[i], [j]], whole)))
  if (phases.flat().includes(undefined)) return undefined
  const written = phases.map((row) => row.map((taps) => gathered(g, taps!, w, () => dy)))
  return madeOf(interleaved(g, written), strides, (i, j) => written[i]![j]!)
}

/** Gradient by an image of few channels: the square that costs least, of those that fit. */
function bySquares(g: GraphBuilder, x: Value, dy: Value, w: Value, at: WindowGeometry): Value | undefined {
  const [co, ci] = w.shape as [number, number]
  const phases = phasesOf(dy)
  let best: { cost: number; taps: Gathering; side: number } | undefined
  for (const side of [1, 2, 4, 8]) {
    const taps = tapsOf(x, w, at, [side, side], [range(side), range(side)], phases?.strides ?? whole)
    if (!taps) continue
    const channels = Math.ceil((side * side * ci) / channelsPerBlock) * channelsPerBlock
    const cost = (channels * co * taps.inputs.reduce((sum, { size }) => sum + sizeOf(size), 0)) / (side * side) + (side > 1 ? ci * copying : 0)
    if (!best || cost < best.cost) best = { cost, taps, side }
  }
  if (!best) return undefined
  const squares = gathered(g, best.taps, w, (i, j) => phases?.phase(i, j) ?? dy)
  return best.side === 1 ? squares : depthToSpace(g, squares, best.side)
}

/** Of one phase of dy: where its window lies, and which tap of the kernel each of the window's places meets. */
interface GatheredInput {
  phase: Pair
  size: Pair
  pads: number[]
  /** Per axis: position of the square, place in the window, tap. */
  taps: readonly [Tap[], Tap[]]
}
interface Tap {
  position: number
  place: number
  tap: number
}
interface Gathering {
  inputs: GatheredInput[]
  positions: Pair
  strides: Pair
}

/**
 * How the pixels side·q + r of the image, for the positions r, come from dy: pixel p = s·o + tap − pad for output o.
 * Undefined where convolutions do not reach: sizes that are no multiples, positions that no output has seen, outputs
 * that nothing asks for.
 * @param split strides of the phases that dy is given in
 */
function tapsOf(x: Value, w: Value, at: WindowGeometry, sides: Pair, positions: readonly [number[], number[]], split: Pair): Gathering | undefined {
  const [rows, columns] = ([0, 1] as const).map((axis) => tapsOfAxis(x.shape[axis + 2]!, w.shape[axis + 2]!, at.strides[axis]!, at.pads[axis]!, at.output[axis]!, sides[axis], positions[axis], split[axis]))
  if (!rows || !columns) return undefined
  return {
    inputs: rows.inputs.flatMap((row) =>
      columns.inputs.map((column) => ({ phase: [row.phase, column.phase] as const, size: [row.size, column.size] as const, pads: [row.before, column.before, row.after, column.after], taps: [row.taps, column.taps] as const })),
    ),
    positions: [positions[0].length, positions[1].length],
    strides: [rows.stride, columns.stride],
  }
}

function tapsOfAxis(pixels: number, kernel: number, stride: number, pad: number, outputs: number, side: number, positions: readonly number[], split: number) {
  const step = side / stride / split
  if (pixels % side !== 0 || !Number.isInteger(step) || outputs % split !== 0) return undefined
  // The output that tap k brings to position r of the first square.
  const all = positions.flatMap((r, position) => range(kernel).flatMap((tap) => ((r + pad - tap) % stride === 0 ? [{ position, tap, output: (r + pad - tap) / stride }] : [])))
  if (new Set(all.map(({ position }) => position)).size < positions.length) return undefined
  const inputs = range(split).flatMap((phase) => {
    const here = all.flatMap(({ position, tap, output }) => ((output - phase) % split === 0 ? [{ position, tap, place: (output - phase) / split }] : []))
    if (!here.length) return []
    const first = Math.min(...here.map(({ place }) => place))
    const last = Math.max(...here.map(({ place }) => place))
    const taps: Tap[] = here.map((t) => ({ ...t, place: t.place - first }))
    return [{ phase, size: last - first + 1, before: -first, after: step * (pixels / side - 1) + last - (outputs / split - 1), taps }]
  })
  return inputs.some(({ before, after }) => before < 0 || after < 0) ? undefined : { inputs, stride: step }
}

/** The convolutions of a gathering, added up: [N, positions · Ci, …], the channels of a position together. */
function gathered(g: GraphBuilder, { inputs, positions, strides }: Gathering, w: Value, dy: (i: number, j: number) => Value): Value {
  const [co, ci, kh, kw] = w.shape as [number, number, number, number]
  const weights = w.constant!.data as Float32Array
  return inputs
    .map(({ phase, size, pads, taps: [rows, columns] }) => {
      const kernel = new Float32Array(positions[0] * positions[1] * ci * co * sizeOf(size))
      for (const row of rows)
        for (const column of columns)
          for (let c = 0; c < ci; c++)
            for (let o = 0; o < co; o++)
              kernel[(((row.position * positions[1] + column.position) * ci + c) * co + o) * sizeOf(size) + row.place * size[1] + column.place] = weights[((o * ci + c) * kh + row.tap) * kw + column.tap]!
      return conv(g, dy(...phase), g.constant(float32([positions[0] * positions[1] * ci, co, ...size], kernel)), undefined, { strides, pads })
    })
    .reduce((sum, more) => add(g, sum, more))
}

/**
 * One image of its phases [N, C, h, w]. With the channels last, which is how a block lies in memory, whole pixels are
 * copied. ONNX Runtime takes blocks apart and makes new ones in the same pass, the latter for a single convolution,
 * which here leaves everything as it is.
 */
function interleaved(g: GraphBuilder, phases: readonly (readonly Value[])[]): Value {
  const [n, c, h, w] = phases[0]![0]!.shape as [number, number, number, number]
  const [sy, sx] = [phases.length, phases[0]!.length]
  const rows = phases.map((row) => reshape(g, concat(g, row.map((v) => transpose(g, v, [0, 2, 3, 1])), 3), [n, h, 1, w * sx * c]))
  return affineInBlocks(g, transpose(g, reshape(g, concat(g, rows, 2), [n, h * sy, w * sx, c]), [0, 3, 1, 2]), 1, 0)
}

/**
 * What Square proposes: the first point of an image, and changes of small windows of it (Andriushchenko, Croce,
 * Flammarion & Hein, "Square Attack", ECCV 2020: Algorithms 2 and 3, section 3.4 for the initialisations).
 *
 * A proposal is written into the image's row in place, and says which windows it touched, so that accepting and undoing
 * cost as much as the windows and no more.
 */
import type { Norm } from '../../shared/audit'
import type { Random } from '../tensor/random'

export interface Window {
  top: number
  left: number
  height: number
  width: number
}

export interface Images {
  /** The images as they were, [n, C, H, W]. */
  x: Float32Array
  /** The points reached. */
  current: Float32Array
  /** The points proposed: equal to `current` but for the windows. */
  proposed: Float32Array
}

export interface Proposals {
  /** Writes the first point of the image that begins at `at`, from `x` into `proposed`. */
  begin(images: Images, at: number, random: Random): void
  /** Proposes a change of about `share` of the image's area. @returns the windows that differ */
  propose(images: Images, at: number, share: number, random: Random): readonly Window[]
}

type Shape = readonly [channels: number, height: number, width: number]

const clamp = (v: number): number => (v < 0 ? 0 : v > 1 ? 1 : v)
const signOf = (random: Random): number => (random.nextUint32() & 1 ? 1 : -1)

/** Share of the area that is changed at a query: halved ever more rarely, the schedule stretched to the number of queries. */
export function shareAt(query: number, queries: number, first: number): number {
  const on10000 = Math.floor((query / queries) * 10_000)
  const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000].filter((limit) => on10000 > limit).length
  return first / 2 ** halvings
}

/** A window of that share of the area, square where the image leaves room for it, as long as it must be where not. */
export function windowSize(share: number, height: number, width: number, least = 1): { height: number; width: number } {
  const area = share * height * width
  const side = Math.max(least, Math.round(Math.sqrt(area)))
  if (side <= Math.min(height, width)) return { height: side, width: side }
  return height < width ? { height, width: Math.min(width, Math.round(area / height)) } : { height: Math.min(height, Math.round(area / width)), width }
}

function placed({ height, width }: { height: number; width: number }, [, H, W]: Shape, random: Random): Window {
  return { top: random.integer(H - height + 1), left: random.integer(W - width + 1), height, width }
}

export const proposalsOf = (norm: Norm, shape: Shape, epsilon: number): Proposals => (norm === 'linf' ? squares(shape, epsilon) : bumps(shape, epsilon))

/** L∞: a window of each channel goes to x ± ε; begins with vertical stripes of ±ε. */
function squares(shape: Shape, epsilon: number): Proposals {
  const [channels, height, width] = shape
  /** Proposals that change nothing are drawn anew, so many times. */
  const tries = 20
  return {
    begin({ x, proposed }, at, random) {
      for (let c = 0; c < channels; c++)
        for (let column = 0; column < width; column++) {
          const delta = epsilon * signOf(random)
          for (let row = 0, i = at + c * height * width + column; row < height; row++, i += width) proposed[i] = clamp(x[i]! + delta)
        }
    },
    propose({ x, current, proposed }, at, share, random) {
      const size = windowSize(share, height, width)
      for (let attempt = 1; ; attempt++) {
        const window = placed(size, shape, random)
        let changed = false
        for (let c = 0; c < channels; c++) {
          const delta = epsilon * signOf(random)
          for (let row = window.top; row < window.top + window.height; row++)
            for (let i = at + (c * height + row) * width + window.left, end = i + window.width; i < end; i++) {
              proposed[i] = clamp(x[i]! + delta)
              changed ||= proposed[i] !== current[i]
            }
        }
        // A window that changes nothing leaves nothing to undo either.
        if (changed || attempt === tries) return [window]
      }
    },
  }
}

/**
 * L2: all of the norm that a second window held, and what the ball has left, goes to a first window, in the shape of two
 * opposite bumps laid over what is there. Begins with a grid of such bumps.
 */
function bumps(shape: Shape, epsilon: number): Proposals {
  const [channels, height, width] = shape
  const plane = height * width
  const known = new Map<string, readonly [upright: Float64Array, sideways: Float64Array]>()
  /** Bumps of that size, either way round. */
  const drawnBumps = (rows: number, columns: number, random: Random): Float64Array => {
    const key = `${rows}x${columns}`
    let both = known.get(key)
    if (!both) known.set(key, (both = [twoBumps(rows, columns), transposed(twoBumps(columns, rows), columns, rows)]))
    return both[random.next() < 0.5 ? 0 : 1]
  }
  return {
    begin({ x, proposed }, at, random) {
      const delta = new Float64Array(channels * plane)
      const side = Math.max(1, Math.floor(Math.min(height, width) / 5))
      const [firstRow, firstColumn] = [Math.floor((height % side) / 2), Math.floor((width % side) / 2)]
      for (let top = firstRow; top + side <= height; top += side)
        for (let left = firstColumn; left + side <= width; left += side) {
          const bump = drawnBumps(side, side, random)
          for (let c = 0; c < channels; c++) {
            const s = signOf(random)
            for (let r = 0; r < side; r++) for (let q = 0; q < side; q++) delta[c * plane + (top + r) * width + left + q] = s * bump[r * side + q]!
          }
        }
      const scale = epsilon / Math.sqrt(delta.reduce((sum, v) => sum + v * v, 0))
      for (let i = 0; i < delta.length; i++) proposed[at + i] = clamp(x[at + i]! + scale * delta[i]!)
    },
    propose({ x, current, proposed }, at, share, random) {
      const size = windowSize(share, height, width, Math.min(3, height, width))
      const [target, source] = [placed(size, shape, random), placed(size, shape, random)]
      const bump = drawnBumps(size.height, size.width, random)
      const index = (c: number, row: number, column: number) => at + (c * height + row) * width + column
      const inTarget = (row: number, column: number) => row >= target.top && row < target.top + size.height && column >= target.left && column < target.left + size.width
      // Norm of the whole change, and of what lies in either window.
      let [whole, windows] = [0, 0]
      for (let i = at; i < at + channels * plane; i++) whole += (current[i]! - x[i]!) ** 2
      const ownNorm = new Float64Array(channels)
      for (let c = 0; c < channels; c++) {
        for (let r = 0; r < size.height; r++)
          for (let q = 0; q < size.width; q++) {
            const i = index(c, target.top + r, target.left + q)
            ownNorm[c]! += (current[i]! - x[i]!) ** 2
            if (inTarget(source.top + r, source.left + q)) continue
            const j = index(c, source.top + r, source.left + q)
            windows += (current[j]! - x[j]!) ** 2
            proposed[j] = x[j]!
          }
        windows += ownNorm[c]!
      }
      const budget = Math.sqrt((Math.max(epsilon * epsilon - whole, 0) + windows) / channels)
      const values = new Float64Array(size.height * size.width)
      for (let c = 0; c < channels; c++) {
        const s = signOf(random)
        const old = 1 / (1e-12 + Math.sqrt(ownNorm[c]!))
        let sum = 0
        for (let r = 0, k = 0; r < size.height; r++)
          for (let q = 0; q < size.width; q++, k++) {
            const i = index(c, target.top + r, target.left + q)
            const v = s * bump[k]! + (current[i]! - x[i]!) * old
            values[k] = v
            sum += v * v
          }
        const scale = budget / (1e-12 + Math.sqrt(sum))
        for (let r = 0, k = 0; r < size.height; r++)
          for (let q = 0; q < size.width; q++, k++) {
            const i = index(c, target.top + r, target.left + q)
            proposed[i] = clamp(x[i]! + scale * values[k]!)
          }
      }
      return [target, source]
    },
  }
}

/** Two bumps of opposite sign, one above the other, of norm 1 together: [height, width]. */
function twoBumps(height: number, width: number): Float64Array {
  const half = Math.floor(height / 2)
  const parts = [unit(oneBump(half, width)), unit(oneBump(height - half, width)).map((v) => -v)]
  return unit(Float64Array.from(parts.flatMap((part) => Array.from(part))))
}

function unit(values: Float64Array): Float64Array {
  const norm = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
  return norm === 0 ? values : values.map((v) => v / norm)
}

/** η of the paper: the sum of 1/k² over the rings from a pixel's own outwards, highest in the middle. [rows, columns] */
function oneBump(rows: number, columns: number): Float64Array {
  const [middleRow, middleColumn] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  const outermost = Math.max(middleRow, middleColumn) + 1
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    const ring = Math.max(Math.abs(Math.floor(i / columns) - middleRow), Math.abs((i % columns) - middleColumn))
    let v = 0
    for (let k = ring + 1; k <= outermost; k++) v += 1 / (k * k)
    return v
  })
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!)
}

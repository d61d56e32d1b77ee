/**
 * Square attack: random search by squares, which asks for nothing but the model's answers.
 *
 * Source: Andriushchenko, Croce, Flammarion & Hein, "Square Attack: a query-efficient black-box adversarial attack via
 * random search", ECCV 2020, algorithms 1 to 3.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import type { Random } from '../tensor/random'
import { randomOf, type Attack, type AttackOptions, type AttackRequest, type AttackResult, type Norm } from './attack'
import { withoutRounding } from './bounds'
import { indicesWhere } from './image-lists'
import { logitsProgram } from './programs'

export interface SquareOptions extends AttackOptions {
  /** Most questions asked about an image. */
  queries: number
  /** Share of the pixels in the first squares. */
  p: number
}

/** Query numbers, for 10,000 in all, at which the area of the squares is halved. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]

/** Share of the pixels in the square of a query, counted from 1. */
export function shareAt(query: number, queries: number, p: number): number {
  const scaled = Math.floor((query / queries) * 10_000)
  return p / 2 ** halvings.filter((at) => scaled > at).length
}

interface Shape {
  channels: number
  height: number
  width: number
}

/** z_y − max of the others, per row; at most 0 where the image is misclassified. */
export function margins(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Float64Array {
  return Float64Array.from({ length: labels.length }, (_, i) => {
    let other = -Infinity
    for (let c = 0; c < classes; c++) if (c !== labels[i]) other = Math.max(other, logits[i * classes + c]!)
    return logits[i * classes + labels[i]!]! - other
  })
}

/** How an image is searched: proposals are written into `row` from the image and what was best so far. */
interface Search {
  begin(row: Float32Array): void
  /** Writes a proposal over `row`, which holds the best so far, and remembers what to take back. */
  propose(row: Float32Array, share: number): void
  /** Takes the proposal back. */
  undo(row: Float32Array): void
}

const clamp = (v: number): number => (v < 0 ? 0 : v > 1 ? 1 : v)

/** Stripes of ±ε per column and channel; then squares in which every channel goes to one side of the ball. */
class BoxSearch implements Search {
  private window = { top: 0, left: 0, rows: 0, columns: 0 }
  private readonly saved: Float32Array

  constructor(
    private readonly x: Float32Array,
    private readonly shape: Shape,
    private readonly epsilon: number,
    private readonly random: Random,
  ) {
    this.saved = new Float32Array(x.length)
  }

  begin(row: Float32Array): void {
    const { channels, height, width } = this.shape
    for (let c = 0; c < channels; c++)
      for (let column = 0; column < width; column++) {
        const side = this.side()
        for (let i = (c * height) * width + column, end = (c + 1) * height * width; i < end; i += width) row[i] = clamp(this.x[i]! + side)
      }
  }

  propose(row: Float32Array, share: number): void {
    const { channels, height, width } = this.shape
    const side = Math.max(1, Math.round(Math.sqrt(share * height * width)))
    const [rows, columns] = [Math.min(side, height), Math.min(side, width)]
    const [top, left] = [this.random.integer(height - rows + 1), this.random.integer(width - columns + 1)]
    this.window = { top, left, rows, columns }
    let k = 0
    for (let c = 0; c < channels; c++) {
      // ±2ε on what is best so far, projected on the ball, is the one end of the ball or the other.
      const change = 2 * this.side()
      for (let r = top; r < top + rows; r++)
        for (let i = (c * height + r) * width + left, end = i + columns; i < end; i++) {
          const [x, before] = [this.x[i]!, row[i]!]
          this.saved[k++] = before
          row[i] = clamp(Math.min(x + this.epsilon, Math.max(x - this.epsilon, before + change)))
        }
    }
  }

  undo(row: Float32Array): void {
    const { height, width, channels } = this.shape
    const { top, left, rows, columns } = this.window
    let k = 0
    for (let c = 0; c < channels; c++)
      for (let r = top; r < top + rows; r++) {
        const at = (c * height + r) * width + left
        row.set(this.saved.subarray(k, k + columns), at)
        k += columns
      }
  }

  private side(): number {
    return this.random.next() < 0.5 ? -this.epsilon : this.epsilon
  }
}

/** A pyramid of rectangles of `rows` × `columns`, of unit length: where the L2 attack puts its weight. */
function pyramid(rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns)
  const [middleRow, middleColumn] = [rows >> 1, columns >> 1]
  for (let ring = 0; ring < Math.max(middleRow, middleColumn) + 1; ring++) {
    const weight = 1 / (ring + 1) ** 2
    const rowEnd = Math.min(rows, middleRow + ring + 1)
    const columnEnd = Math.min(columns, middleColumn + ring + 1)
    for (let r = Math.max(0, middleRow - ring); r < rowEnd; r++) for (let c = Math.max(0, middleColumn - ring); c < columnEnd; c++) out[r * columns + c]! += weight
  }
  return scaled(out, 1)
}

function scaled(values: Float64Array, length: number): Float64Array {
  const now = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))
  return now > 0 ? values.map((v) => (v * length) / now) : values
}

/** Two pyramids side by side, one up and one down, along either axis: [side, side], of unit length. */
function hill(side: number, upright: boolean): Float64Array {
  const first = side >> 1
  const [a, b] = [pyramid(first, side), pyramid(side - first, side)]
  const out = new Float64Array(side * side)
  for (let r = 0; r < side; r++)
    for (let c = 0; c < side; c++) {
      const value = r < first ? a[r * side + c]! : -b[(r - first) * side + c]!
      out[upright ? r * side + c : c * side + r] = value
    }
  return scaled(out, 1)
}

/** The budget of length is moved into a window from another one, and from what is not spent. */
class LengthSearch implements Search {
  private delta: Float64Array
  private before: Float64Array
  private readonly hills = new Map<string, Float64Array>()

  constructor(
    private readonly x: Float32Array,
    private readonly shape: Shape,
    private readonly epsilon: number,
    private readonly random: Random,
  ) {
    this.delta = new Float64Array(x.length)
    this.before = this.delta
  }

  begin(row: Float32Array): void {
    const { channels, height, width } = this.shape
    const side = Math.max(1, Math.floor(Math.min(height, width) / 5))
    for (let top = (height % side) >> 1; top + side <= height; top += side)
      for (let left = (width % side) >> 1; left + side <= width; left += side) {
        const shape = this.hill(side)
        for (let c = 0; c < channels; c++) {
          const sign = this.sign()
          this.inWindow(c, top, left, side, (i, k) => (this.delta[i] = sign * shape[k]!))
        }
      }
    this.write(row)
  }

  propose(row: Float32Array, share: number): void {
    const { channels, height, width } = this.shape
    let side = Math.max(3, Math.round(Math.sqrt(share * height * width)))
    if (side % 2 === 0) side++
    side = Math.min(side, height, width)
    // What the clipping to [0, 1] took away is there to be spent again.
    for (let i = 0; i < this.delta.length; i++) this.delta[i] = row[i]! - this.x[i]!
    this.before = this.delta
    const next = this.delta.slice()
    const place = () => [this.random.integer(height - side + 1), this.random.integer(width - side + 1)] as const
    const [to, from] = [place(), place()]
    const spent = this.delta.reduce((sum, v) => sum + v * v, 0)
    const free = Math.max(this.epsilon ** 2 - spent, 0) / channels
    const shape = this.hill(side)
    for (let c = 0; c < channels; c++) {
      let [own, both] = [0, 0]
      this.inWindow(c, to[0], to[1], side, (i) => (own += this.delta[i]! ** 2))
      both = own
      this.inWindow(c, from[0], from[1], side, (i, k) => {
        const [r, column] = [from[0] + Math.floor(k / side), from[1] + (k % side)]
        if (!(r >= to[0] && r < to[0] + side && column >= to[1] && column < to[1] + side)) both += this.delta[i]! ** 2
      })
      const sign = this.sign()
      const fresh = new Float64Array(side * side)
      this.inWindow(c, to[0], to[1], side, (i, k) => (fresh[k] = sign * shape[k]! + this.delta[i]! / (1e-12 + Math.sqrt(own))))
      const put = scaled(fresh, Math.sqrt(free + both))
      this.inWindow(c, from[0], from[1], side, (i) => (next[i] = 0))
      this.inWindow(c, to[0], to[1], side, (i, k) => (next[i] = put[k]!))
    }
    this.delta = next
    this.write(row)
  }

  undo(row: Float32Array): void {
    this.delta = this.before
    for (let i = 0; i < row.length; i++) row[i] = clamp(this.x[i]! + this.delta[i]!)
  }

  private write(row: Float32Array): void {
    const delta = scaled(this.delta, this.epsilon)
    for (let i = 0; i < row.length; i++) row[i] = clamp(this.x[i]! + delta[i]!)
  }

  private inWindow(channel: number, top: number, left: number, side: number, work: (index: number, inWindow: number) => void): void {
    const { height, width } = this.shape
    for (let r = 0, k = 0; r < side; r++) for (let c = 0; c < side; c++, k++) work((channel * height + top + r) * width + left + c, k)
  }

  private hill(side: number): Float64Array {
    const upright = this.random.next() < 0.5
    const key = `${side} ${upright}`
    let found = this.hills.get(key)
    if (!found) this.hills.set(key, (found = hill(side, upright)))
    return found
  }

  private sign(): number {
    return this.random.next() < 0.5 ? -1 : 1
  }
}

function searchOf(request: AttackRequest<SquareOptions>, image: number): Search {
  const { model, x, norm, epsilon } = request
  const [channels, height, width] = model.target.imageShape
  const own = x.subarray(image * model.pixels, (image + 1) * model.pixels)
  const random = randomOf(request, image, `square ${norm}`)
  return norm === 'linf' ? new BoxSearch(own, { channels, height, width }, epsilon, random) : new LengthSearch(own, { channels, height, width }, epsilon, random)
}

/** Rows of `rows` are kept in front of the buffer: those of images that are done are overwritten by later ones. */
async function run(request: AttackRequest<SquareOptions>): Promise<AttackResult> {
  const { model, x, labels, norm, epsilon, options, signal, progress } = request
  const { pixels, classes } = model
  const program = logitsProgram(model)
  const count = labels.length
  const adversarial = x.slice()
  const queries = new Int32Array(count)
  const marginOf = async (rows: Float32Array, images: readonly number[]) => margins((await program.run({ x: model.images(rows) }))['logits']!.data as Float32Array, images.map((image) => labels[image]!), classes)

  const clean = await marginOf(x, indicesWhere(count, () => true))
  // What is wrong as it is needs no attack.
  let left = indicesWhere(count, (i) => clean[i]! > 0)
  const searches = new Map(left.map((image) => [image, searchOf(request, image)]))
  let rows = new Float32Array(left.length * pixels)
  const row = (i: number) => rows.subarray(i * pixels, (i + 1) * pixels)
  const best = new Float64Array(count)
  left.forEach((image, i) => searches.get(image)!.begin(row(i)))

  for (let query = 1; query <= options.queries && left.length; query++) {
    throwIfAborted(signal)
    const share = shareAt(query - 1, options.queries, options.p)
    if (query > 1) left.forEach((image, i) => searches.get(image)!.propose(row(i), share))
    const now = await marginOf(rows.subarray(0, left.length * pixels), left)
    const stays: number[] = []
    left.forEach((image, i) => {
      queries[image]!++
      if (query === 1 || now[i]! < best[image]!) best[image] = now[i]!
      else searches.get(image)!.undo(row(i))
      if (best[image]! > 0) stays.push(i)
      else {
        adversarial.set(row(i), image * pixels)
        searches.delete(image)
      }
    })
    if (stays.length < left.length) {
      stays.forEach((from, to) => from !== to && rows.copyWithin(to * pixels, from * pixels, (from + 1) * pixels))
      left = stays.map((i) => left[i]!)
      rows = rows.subarray(0, left.length * pixels)
    }
    if (query % 32 === 0) progress?.(1 - (left.length / count) * (1 - query / options.queries))
  }
  left.forEach((image, i) => adversarial.set(row(i), image * pixels))
  withoutRounding(x, adversarial, count, norm, epsilon)
  progress?.(1)
  return { adversarial, queries }
}

export const square: Attack<SquareOptions> = {
  name: 'square',
  title: 'Square',
  norms: ['linf', 'l2'] satisfies Norm[],
  access: 'queries',
  minimumNorm: false,
  random: true,
  reference: 'Andriushchenko, Croce, Flammarion & Hein: Square Attack: a query-efficient black-box adversarial attack via random search. ECCV 2020',
  parameters: {
    queries: { label: 'Queries', minimum: 1, maximum: 1_000_000, integer: true },
    p: { label: 'Share of the pixels in the first squares', minimum: 0.001, maximum: 1, integer: false },
  },
  defaults: () => ({ queries: 5000, p: 0.8 }),
  cost: ({ queries }) => ({ forward: queries + 1, gradient: 0 }),
  run,
}

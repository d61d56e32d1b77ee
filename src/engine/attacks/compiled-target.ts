/**
 * A target with its graphs compiled: programs are written once per name and batch size, kept, and run on any number of
 * images. Shapes are fixed when a graph is built, so images that have left the attack are saved by running smaller
 * graphs, not by masking.
 */
import { AssayError } from '../../shared/errors'
import { GraphBuilder } from '../onnx/builder'
import { batchWithin, memoryBudget, peakMemory } from '../runtime/memory'
import { createSession, type Session } from '../runtime/session'
import { WhereItRan } from '../runtime/where-it-ran'
import { sizeOf, tensor, type Tensor } from '../tensor/tensor'
import type { Answering } from './answering'
import type { AttackTarget } from './target'

/** Writes a program for a batch: every input and output has the batch as its first axis. */
export type WriteProgram = (g: GraphBuilder, batch: number) => void

export interface Program {
  /** @param feeds tensors with the same first axis, any length. @returns outputs of that length */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>
}

/** Sessions beyond this many bytes of models are released, the longest unused first. */
const mostBytes = 1.5 * 2 ** 30
/** Models up to this size are compiled for every power of two; larger ones for three batch sizes only. */
const smallModel = 8 * 2 ** 20

/** Errors by which a graph says that Assay does not know what it computes. */
export const unfollowable: ReadonlySet<string> = new Set(['onnx-operator-unsupported', 'onnx-shape-unknown'])

interface Compiled {
  session: Session
  bytes: number
}

export class CompiledTarget {
  private readonly compiled = new Map<string, Promise<Compiled | undefined>>()
  private answering: Answering | undefined
  /** Largest batch of a program, where memory sets one. */
  private readonly limits = new Map<string, number>()
  private readonly programs = new Map<string, Program>()
  private ladder: readonly number[]
  /** Where the programs compiled so far run. */
  readonly ran = new WhereItRan()

  /**
   * @param batch most images per call of ONNX Runtime
   * @param memory bytes that a graph may take while it runs; batches are split to stay below
   */
  constructor(
    readonly target: AttackTarget,
    readonly batch = 32,
    private readonly memory = memoryBudget(),
  ) {
    this.ladder = ladderOf(batch)
  }

  get pixels(): number {
    return sizeOf(this.target.imageShape)
  }

  get classes(): number {
    return this.target.classes.length
  }

  /** The program of that name, written by `write` on first use. The name must say all that `write` depends on. */
  program(name: string, write: WriteProgram): Program {
    let program = this.programs.get(name)
    if (!program) this.programs.set(name, (program = { run: (feeds) => this.run(name, write, feeds) }))
    return program
  }

  /** Logits alone: input `x`; output `logits` [n, classes]. A model whose graph cannot be followed is asked itself. */
  get logits(): Program {
    const graph = this.program('logits', (g, batch) => g.output('logits', this.target.logits(g, g.input('x', [batch, ...this.target.imageShape]))))
    return {
      run: async (feeds) => {
        if (!this.answering)
          try {
            return await graph.run(feeds)
          } catch (error) {
            if (!(error instanceof AssayError) || !unfollowable.has(error.code) || !this.target.answers) throw error
            this.answering = await this.target.answers()
            for (const session of this.answering.sessions) this.ran.note(session)
          }
        const x = feeds['x']!
        return { logits: tensor('float32', [x.shape[0]!, this.classes], Float32Array.from((await this.answering.answers(x.data as Float32Array)).flat())) }
      },
    }
  }

  /** A batch of images as a tensor over `data`. */
  images(data: Float32Array): Tensor<'float32'> {
    return tensor('float32', [data.length / this.pixels, ...this.target.imageShape], data)
  }

  private async run(name: string, write: WriteProgram, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const count = Object.values(feeds)[0]!.shape[0]!
    if (Object.values(feeds).some((t) => t.shape[0] !== count)) throw new AssayError('internal', 'An attack gave its program inputs of different lengths; this is a defect of Assay.', { program: name })
    const parts: Piece[] = []
    const results: Record<string, Tensor>[] = []
    for (let start = 0; start < count; ) {
      const most = this.limits.get(name) ?? Infinity
      const { length, size } = pieces(count - start, this.ladder.filter((each) => each <= most))[0]!
      const compiled = await this.session(name, write, size)
      // Too large for the memory that there is: cut anew.
      if (!compiled) continue
      const { session } = compiled
      const fed = Object.fromEntries(session.inputNames.map((input) => [input, rows(feeds[input]!, start, length, size)]))
      results.push(await session.run(fed))
      parts.push({ start, length, size })
      start += length
    }
    return joined(results, parts, count)
  }

  /** Undefined where a batch of this size does not fit into memory; smaller ones are used from then on. */
  private async session(name: string, write: WriteProgram, size: number): Promise<Compiled | undefined> {
    const key = `${name} × ${size}`
    let entry = this.compiled.get(key)
    if (entry) this.compiled.delete(key)
    else {
      entry = this.compile(name, write, size)
      entry.catch(() => this.compiled.delete(key))
    }
    // Set anew, so that the map's order is the order of use.
    this.compiled.set(key, entry)
    const compiled = await entry
    if (!compiled) this.compiled.delete(key)
    await this.evict(key)
    return compiled
  }

  private async compile(name: string, write: WriteProgram, size: number): Promise<Compiled | undefined> {
    const build = (batch: number): GraphBuilder => {
      const g = new GraphBuilder()
      write(g, batch)
      return g
    }
    const g = build(size)
    if (size > 1 && peakMemory(g) > this.memory) {
      const most = batchWithin(this.memory, size, build)
      this.limits.set(name, this.ladder.find((each) => each <= most) ?? 1)
      if (most < size) return undefined
    }
    const bytes = g.toBytes()
    if (bytes.length > smallModel && this.ladder.length > 3) this.ladder = [...new Set([this.batch, Math.max(1, this.batch >> 2), 1])]
    const session = await createSession(bytes, { provider: this.target.provider })
    this.ran.note(session)
    return { session, bytes: bytes.length }
  }

  private async evict(current: string): Promise<void> {
    let total = 0
    for (const [key, entry] of [...this.compiled].reverse()) {
      total += (await entry)?.bytes ?? 0
      if (total <= mostBytes || key === current) continue
      this.compiled.delete(key)
      await (await entry)?.session.release()
    }
  }

  async release(): Promise<void> {
    await this.answering?.release()
    this.answering = undefined
    const entries = [...this.compiled.values()]
    this.compiled.clear()
    for (const entry of entries) await (await entry.catch(() => undefined))?.session.release()
  }
}

/** Batch sizes, largest first: the wanted one and the powers of two below. */
function ladderOf(batch: number): number[] {
  const sizes = [batch]
  for (let size = 2 ** Math.floor(Math.log2(Math.max(1, batch - 1))); size >= 1; size /= 2) if (size < batch) sizes.push(size)
  return sizes
}

interface Piece {
  start: number
  /** Images that count. */
  length: number
  /** Images of the graph; what is over repeats the first. */
  size: number
}

/** `count` images as runs of graphs of the ladder's sizes; up to a third of the last one may be padding. */
export function pieces(count: number, ladder: readonly number[]): Piece[] {
  const found: Piece[] = []
  for (let start = 0; start < count; ) {
    const left = count - start
    const enough = ladder.filter((size) => size >= left).at(-1)
    const below = ladder.find((size) => size <= left)
    const size = enough !== undefined && (below === undefined || 3 * left >= 2 * enough) ? enough : below!
    const length = Math.min(left, size)
    found.push({ start, length, size })
    start += length
  }
  return found
}

/** Rows start to start + length of a tensor, filled up with the first of them to `size` rows. */
function rows(t: Tensor, start: number, length: number, size: number): Tensor {
  const row = t.data.length / t.shape[0]!
  const cut = t.data.subarray(start * row, (start + length) * row)
  const shape = [size, ...t.shape.slice(1)]
  if (length === size) return { dtype: t.dtype, shape, data: cut }
  const data = new (t.data.constructor as Float32ArrayConstructor)(size * row)
  data.set(cut as Float32Array)
  for (let i = length; i < size; i++) data.set(cut.subarray(0, row) as Float32Array, i * row)
  return { dtype: t.dtype, shape, data }
}

function joined(results: readonly Record<string, Tensor>[], parts: readonly Piece[], count: number): Record<string, Tensor> {
  if (results.length === 1 && parts[0]!.size === count) return results[0]!
  const out: Record<string, Tensor> = {}
  for (const [name, first] of Object.entries(results[0] ?? {})) {
    const row = first.data.length / first.shape[0]!
    const data = new (first.data.constructor as Float32ArrayConstructor)(count * row)
    parts.forEach(({ start, length }, i) => data.set((results[i]![name]!.data as Float32Array).subarray(0, length * row), start * row))
    out[name] = { dtype: first.dtype, shape: [count, ...first.shape.slice(1)], data }
  }
  return out
}

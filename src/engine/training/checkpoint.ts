/**
 * The state of an unfinished training, in one file that is replaced atomically: kill the process at any moment and
 * `--resume` goes on from the last one. What was asked is in it, so that a resumed run cannot quietly be another one.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { writeFileAtomic } from '../bundle/atomic'
import { decodeNpz, encodeNpz } from '../tensor/npz'
import { float32, tensor } from '../tensor/tensor'

export interface EpochRecord {
  epoch: number
  [metric: string]: number
}

export interface TrainingState {
  weights: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
  /** Steps done in all. */
  step: number
  history: EpochRecord[]
  /** Sums of the metrics of the epoch under way. */
  running: Record<string, number>
}

/** Hash of everything that decides what a run computes. */
export const fingerprint = (asked: unknown): string => createHash('sha256').update(JSON.stringify(asked)).digest('hex')

function hashOf(vectors: readonly Float32Array[]): string {
  const hash = createHash('sha256')
  for (const v of vectors) hash.update(new Uint8Array(v.buffer, v.byteOffset, v.byteLength))
  return hash.digest('hex')
}

export async function saveCheckpoint(path: string, state: TrainingState, asked: string): Promise<void> {
  const { weights, firstMoment, secondMoment, ...rest } = state
  const text = new TextEncoder().encode(JSON.stringify({ format: 'assay-checkpoint/1', asked, sha256: hashOf([weights, firstMoment, secondMoment]), ...rest }))
  await mkdir(dirname(path), { recursive: true })
  const size = [weights.length]
  await writeFileAtomic(
    path,
    encodeNpz({ weights: float32(size, weights), firstMoment: float32(size, firstMoment), secondMoment: float32(size, secondMoment), state: tensor('uint8', [text.length], text) }),
  )
}

/**
 * @returns undefined when there is no checkpoint
 * @throws AssayError `checkpoint-invalid` when it is broken or belongs to a run that was asked for differently
 */
export async function loadCheckpoint(path: string, size: number, asked: string): Promise<TrainingState | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (toAssayError(error).code === 'file-not-found') return undefined
    throw toAssayError(error)
  }
  const broken = (cause?: unknown) => new AssayError('checkpoint-invalid', `The checkpoint ${path} cannot be read; start the training again without --resume.`, { path }, { cause })
  try {
    const { weights, firstMoment, secondMoment, state } = decodeNpz(bytes, path)
    const { asked: before, sha256, step, history, running } = JSON.parse(new TextDecoder().decode(state!.data as Uint8Array)) as TrainingState & { asked: string; sha256: string }
    if (before !== asked)
      throw new AssayError('checkpoint-invalid', `The checkpoint ${path} belongs to a training with other data or settings; repeat those, or start again without --resume.`, { path })
    const vectors = [weights, firstMoment, secondMoment].map((t) => t!.data as Float32Array) as [Float32Array, Float32Array, Float32Array]
    // A zip's own checksums are not looked at by whoever unpacks it here.
    if (vectors.some((v) => v.length !== size) || hashOf(vectors) !== sha256) throw broken()
    return { weights: vectors[0], firstMoment: vectors[1], secondMoment: vectors[2], step, history, running }
  } catch (error) {
    throw error instanceof AssayError && error.code === 'checkpoint-invalid' ? error : broken(error)
  }
}

/** The training is done: the checkpoint goes, and its folder with it unless another training's is in there. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true })
  await rmdir(dirname(path)).catch(() => undefined)
}

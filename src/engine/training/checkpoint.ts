/**
 * The state of an unfinished training, in one file that is replaced atomically: kill the process at any moment and
 * `--resume` goes on from the last one. What was asked is in it, so that a resumed run cannot quietly be another one.
 */
import { createHash } from 'node:crypto'
import { readFile, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { makeFolder, writeFileAtomic } from '../bundle/atomic'
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
  /** Exponential moving average of the weights: what is measured and kept. */
  averaged: Float32Array
  /** The averaged weights of the best epoch so far; empty before the first. */
  best: Float32Array
  /** That epoch, counted from 1, and what it was chosen by; the epoch is 0 before the first. */
  bestEpoch: number
  bestScore: number
  /** Steps done in all. */
  step: number
  history: EpochRecord[]
  /** Sums of the metrics of the epoch under way, over the steps of a whole one. */
  running: Record<string, number>
  /** Where steps were taken, in order of first use: a training may go on on another provider, whose sums round otherwise. */
  providers: readonly string[]
}

const vectors = ['weights', 'firstMoment', 'secondMoment', 'averaged', 'best'] as const

export const freshState = (weights: Float32Array): TrainingState => ({
  weights,
  firstMoment: new Float32Array(weights.length),
  secondMoment: new Float32Array(weights.length),
  averaged: weights.slice(),
  best: new Float32Array(0),
  bestEpoch: 0,
  bestScore: 0,
  step: 0,
  history: [],
  running: {},
  providers: [],
})

/**
 * Bytes of a checkpoint being replaced by the next, and of the networks that are written at the end.
 * @param parameters that are learned @param others bytes of what else is written: a file also holds layers that stay as they are
 */
export const roomNeeded = (parameters: number, others: number): number => 4 * parameters * (2 * vectors.length + 2) + others + 16 * 2 ** 20

/** Hash of everything that decides what a run computes. */
export const fingerprint = (asked: unknown): string => createHash('sha256').update(JSON.stringify(asked)).digest('hex')

function hashOf(state: Pick<TrainingState, (typeof vectors)[number]>): string {
  const hash = createHash('sha256')
  for (const name of vectors) hash.update(new Uint8Array(state[name].buffer, state[name].byteOffset, state[name].byteLength))
  return hash.digest('hex')
}

export async function saveCheckpoint(path: string, state: TrainingState, asked: string): Promise<void> {
  const { step, history, running, bestEpoch, bestScore, providers } = state
  const text = new TextEncoder().encode(JSON.stringify({ format: 'assay-checkpoint/2', asked, sha256: hashOf(state), step, history, running, bestEpoch, bestScore, providers }))
  await makeFolder(dirname(path))
  const arrays = Object.fromEntries(vectors.map((name) => [name, float32([state[name].length], state[name])]))
  await writeFileAtomic(path, encodeNpz({ ...arrays, state: tensor('uint8', [text.length], text) }))
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
  const broken = (cause?: unknown) => new AssayError('checkpoint-invalid', `The checkpoint ${path} cannot be read; remove it and start the training again.`, { path }, { cause })
  try {
    const arrays = decodeNpz(bytes, path)
    const { asked: before, sha256, step, history, running, bestEpoch, bestScore, providers = [] } = JSON.parse(new TextDecoder().decode(arrays.state!.data as Uint8Array)) as TrainingState & { asked: string; sha256: string }
    if (before !== asked)
      throw new AssayError('checkpoint-invalid', `The checkpoint ${path} belongs to a training with other data or settings; repeat those, or choose another folder.`, { path })
    const read = Object.fromEntries(vectors.map((name) => [name, arrays[name]!.data])) as Record<(typeof vectors)[number], Float32Array>
    const state: TrainingState = { ...read, step, history, running, bestEpoch, bestScore, providers }
    // A zip's own checksums are not looked at by whoever unpacks it here.
    if (vectors.some((name) => state[name].length !== size && !(name === 'best' && bestEpoch === 0)) || hashOf(state) !== sha256) throw broken()
    return state
  } catch (error) {
    throw error instanceof AssayError && error.code === 'checkpoint-invalid' ? error : broken(error)
  }
}

/** The training is done: the checkpoint goes, and its folder with it unless another training's is in there. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true })
  await rmdir(dirname(path)).catch(() => undefined)
}

/**
 * Files as model inputs: read ahead, decoded one after another, a bad file never taking the others with it.
 */
import { AssayError, toAssayError } from '../../shared/errors'
import type { ModelInput } from '../../shared/bundle'
import type { DecodedImage } from '../image/decoded-image'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'

export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new AssayError('cancelled', 'Cancelled.')
}

/** `work` of each item in order, the next `ahead` already begun, so that the disk is not waited for. */
export async function* readAhead<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>, ahead = 4): AsyncGenerator<R> {
  const pending: Promise<R>[] = []
  try {
    for (const item of items) {
      const begun = work(item)
      // A consumer that stops early must not leave an unhandled rejection behind.
      begun.catch(() => undefined)
      pending.push(begun)
      if (pending.length > ahead) yield await pending.shift()!
    }
    while (pending.length > 0) yield await pending.shift()!
  } finally {
    await Promise.allSettled(pending)
  }
}

export interface LoadFailure {
  path: string
  error: AssayError
}

/** Where nothing is left to work on. @param messages what was wrong with each: the first says what can be done */
export const noneRead = (data: string, [first, ...others]: readonly string[]): AssayError =>
  new AssayError('data-set-invalid', `None of the images in ${data} could be read.${first === undefined ? '' : ` ${others.length ? 'Of the first: ' : ''}${first}`}`, { path: data })

export interface ModelInputs<Item> {
  /** [count, channels, height, width] in [0, 1]; mean and standard deviation not applied. */
  x: Float32Array
  count: number
  /** Per image; −1 where there is no label. */
  labels: Int32Array
  /** The items that were read, in order: one per image. */
  items: Item[]
  failures: LoadFailure[]
}

export interface LoadOptions<Item = never> {
  /** `skip` (default) collects failures; `throw` ends at the first. */
  onError?: 'skip' | 'throw'
  signal?: AbortSignal
  progress?: (done: number, total: number) => void
  /** Sees each picture before it becomes a model input. */
  decoded?: (item: Item, image: DecodedImage) => void
}

/**
 * All items as one array; of files with several frames the one to begin with. The whole array is in memory: 64 KiB per grey
 * image of 128 × 128.
 * @throws AssayError `cancelled`; a file's own error with `onError: 'throw'`
 */
export async function loadModelInputs<Item extends { path: string; label: number | null }>(
  items: readonly Item[],
  spec: ModelInput,
  { onError = 'skip', signal, progress, decoded }: LoadOptions<Item> = {},
): Promise<ModelInputs<Item>> {
  const size = spec.channels * spec.height * spec.width
  const x = new Float32Array(items.length * size)
  const labels: number[] = []
  const read: Item[] = []
  const failures: LoadFailure[] = []

  const load = async (item: Item): Promise<{ item: Item; input: Float32Array } | { item: Item; error: AssayError }> => {
    throwIfAborted(signal)
    try {
      const image = await readImage(item.path, undefined, signal)
      decoded?.(item, image)
      return { item, input: toModelInput(image, spec) }
    } catch (error) {
      return { item, error: toAssayError(error) }
    }
  }
  let done = 0
  for await (const loaded of readAhead(items, load)) {
    throwIfAborted(signal)
    if ('input' in loaded) {
      x.set(loaded.input, read.length * size)
      read.push(loaded.item)
      labels.push(loaded.item.label ?? -1)
    } else {
      if (onError === 'throw') throw loaded.error
      failures.push({ path: loaded.item.path, error: loaded.error })
    }
    progress?.(++done, items.length)
  }
  return { x: x.subarray(0, read.length * size), count: read.length, labels: Int32Array.from(labels), items: read, failures }
}

/** Labelled images to attack: class folders, or an .npz with `x` and `y`. */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { ModelInput } from '../../shared/bundle'
import { AssayError, toAssayError } from '../../shared/errors'
import { spread } from '../dataset/evaluation-set'
import { readLabelled } from '../dataset/labelled'
import { loadModelInputs, type LoadFailure, type LoadOptions } from '../dataset/model-inputs'
import { decodeNpz } from '../tensor/npz'
import { toNumbers } from '../tensor/tensor'

export interface AttackImages {
  /** [count, C, H, W] in [0, 1]. */
  x: Float32Array
  labels: Int32Array
  /** File name stem of each image, unique within its class. */
  names: string[]
  failures: LoadFailure[]
}

/** @throws AssayError `data-set-invalid`, `file-not-found`, `cancelled` */
export async function loadAttackImages(path: string, classes: readonly string[], spec: ModelInput, limit: number | undefined, hooks: Pick<LoadOptions, 'signal' | 'progress'>): Promise<AttackImages> {
  if (extname(path).toLowerCase() === '.npz') return fromArchive(path, classes, spec, limit)
  const { items } = await readLabelled(path, classes)
  const chosen = spread(items.map(({ label }) => label), limit).map((i) => items[i]!)
  const loaded = await loadModelInputs(chosen, spec, hooks)
  const stems = loaded.items.map((item) => basename(item.path, extname(item.path)))
  const seen = new Map<string, number>()
  const names = stems.map((stem, i) => {
    const key = `${loaded.labels[i]}/${stem}`
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return count ? `${stem}-${count + 1}` : stem
  })
  return { x: loaded.x, labels: loaded.labels, names, failures: loaded.failures }
}

async function fromArchive(path: string, classes: readonly string[], spec: ModelInput, limit: number | undefined): Promise<AttackImages> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw toAssayError(error)
  })
  const { x, y } = decodeNpz(bytes, path, { only: ['x', 'y'] })
  const wanted = `float32 x of [N, ${spec.channels}, ${spec.height}, ${spec.width}] in [0, 1] and y of [N]`
  const wrong = (what: string) => new AssayError('data-set-invalid', `${path} ${what}; this bundle needs ${wanted}.`, { path })
  if (!x || !y) throw wrong('does not hold both x and y')
  if (x.dtype !== 'float32' || x.shape.length !== 4 || x.shape[1] !== spec.channels || x.shape[2] !== spec.height || x.shape[3] !== spec.width) throw wrong(`holds ${x.dtype} x of [${x.shape.join(', ')}]`)
  const all = toNumbers(y)
  const chosen = spread(all, limit)
  const labels = Int32Array.from(chosen, (i) => all[i]!)
  if (all.length !== x.shape[0] || labels.some((label) => label < 0 || label >= classes.length)) throw wrong(`holds labels that do not fit ${x.shape[0]} images of ${classes.length} classes`)
  const pixels = spec.channels * spec.height * spec.width
  const data = new Float32Array(chosen.length * pixels)
  for (const [at, i] of chosen.entries()) data.set((x.data as Float32Array).subarray(i * pixels, (i + 1) * pixels), at * pixels)
  if (data.some((v) => !(v >= 0 && v <= 1))) throw wrong('holds values outside [0, 1]')
  return { x: data, labels, names: chosen.map((i) => `image-${String(i).padStart(6, '0')}`), failures: [] }
}

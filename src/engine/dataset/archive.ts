/**
 * Labelled images in an .npz: `x` and `y`, the exchange format of Assay, or MedMNIST's layout (`test_images`, `test_labels`
 * and so on for `train` and `val`).
 */
import { readFile } from 'node:fs/promises'
import type { ModelInput } from '../../shared/bundle'
import { AssayError, toAssayError } from '../../shared/errors'
import { fullWindow } from '../image/decoded-image'
import { inputOfUnit, toModelInput } from '../image/model-input'
import { decodeNpz } from '../tensor/npz'
import { toNumbers, type Tensor } from '../tensor/tensor'

export interface ImageArchive {
  readonly bytes: Uint8Array
  readonly labels: Int32Array
  /** [channels, height, width] in [0, 1]. */
  input(row: number): Float32Array
}

interface Layout {
  count: number
  height: number
  width: number
  samples: 1 | 3
  /** Samples side by side at each pixel, not plane after plane. */
  interleaved: boolean
}

/** Which axis is which: uint8 [N, H, W] or [N, H, W, C] as MedMNIST has them, anything [N, C, H, W] else. */
function layoutOf({ dtype, shape }: Tensor): Layout | undefined {
  const [count = 0, a = 0, b = 0, c = 0] = shape
  const colour = (n: number): n is 1 | 3 => n === 1 || n === 3
  if (shape.length === 3) return { count, height: a, width: b, samples: 1, interleaved: true }
  if (shape.length !== 4) return undefined
  if (dtype === 'uint8' && colour(c)) return { count, height: a, width: b, samples: c, interleaved: true }
  return colour(a) ? { count, height: b, width: c, samples: a, interleaved: false } : undefined
}

/**
 * @param classes of the bundle; two where one finding is audited
 * @param finding the index of one finding among several, and how many there are
 * @throws AssayError `data-set-invalid`, `file-not-found`, `file-empty`
 */
export async function readArchive(path: string, spec: ModelInput, classes: readonly string[], part: 'train' | 'val' | 'test', finding?: { index: number; of: number }): Promise<ImageArchive> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw toAssayError(error)
  })
  const names = ['x', 'y', `${part}_images`, `${part}_labels`]
  const arrays = decodeNpz(bytes, path, { only: names })
  const [x, y] = arrays[names[2]!] ? [arrays[names[2]!], arrays[names[3]!]] : [arrays['x'], arrays['y']]
  const refuse = (what: string) => new AssayError('data-set-invalid', `${path} ${what}; give x [N, C, H, W] in [0, 1] and y [N], or images and labels as MedMNIST has them.`, { path })
  if (!x || !y) throw refuse(`does not hold both x and y, or both ${names[2]} and ${names[3]}`)
  const layout = layoutOf(x)
  if (!layout || (x.dtype !== 'float32' && x.dtype !== 'uint8')) throw refuse(`holds images as ${x.dtype} [${x.shape.join(', ')}]`)
  const { count, height, width, samples, interleaved } = layout
  const labels = labelsOf(y, count, classes.length, finding)
  if (!labels) throw refuse(`holds labels [${y.shape.join(', ')}] that do not fit ${count} images of ${classes.length} classes${finding ? '' : '; of several findings in each image name one'}`)
  const outside = x.dtype === 'float32' && (x.data as Float32Array).some((v) => !(v >= 0 && v <= 1))
  if (outside) throw refuse('holds values outside [0, 1]')

  const size = height * width * samples
  return {
    bytes,
    labels,
    input(row) {
      const values = (x.data as Float32Array | Uint8Array).slice(row * size, (row + 1) * size)
      const pixels = interleaved || samples === 1 ? values : interleavedOf(values, samples)
      if (pixels instanceof Float32Array) return inputOfUnit({ values: pixels, width, height, samples }, spec)
      // Eight-bit pictures in another wrapping: the bundle says how they become [0, 1].
      return toModelInput(
        { format: 'png', width, height, frames: 1, frame: 0, samples, pixels, bitsStored: 8, signed: false, photometric: samples === 3 ? 'RGB' : 'MONOCHROME2', rescale: { slope: 1, intercept: 0 }, unit: '', windows: [fullWindow(0, 255)], facts: [] },
        spec,
      )
    },
  }
}

function interleavedOf<T extends Float32Array | Uint8Array>(planes: T, samples: number): T {
  const size = planes.length / samples
  return planes.map((_, i) => planes[(i % samples) * size + Math.floor(i / samples)]!) as T
}

/** One class index per image, of y [N], [N, 1], one-hot [N, classes], or one finding's column of [N, findings]. */
function labelsOf(y: Tensor, count: number, classes: number, finding?: { index: number; of: number }): Int32Array | undefined {
  const values = toNumbers(y)
  if (y.shape[0] !== count || values.length % Math.max(1, count) !== 0) return undefined
  const columns = values.length / count
  const column = (c: number) => Int32Array.from({ length: count }, (_, i) => values[i * columns + c]!)
  let labels: Int32Array | undefined
  if (columns === 1) labels = column(0)
  else if (finding && columns === finding.of) labels = column(finding.index)
  else if (!finding && columns === classes) {
    const rows = Array.from({ length: count }, (_, i) => values.slice(i * columns, (i + 1) * columns))
    if (rows.every((row) => row.filter((v) => v === 1).length === 1 && row.every((v) => v === 0 || v === 1))) labels = Int32Array.from(rows, (row) => row.indexOf(1))
  }
  return labels?.every((label) => label >= 0 && label < classes) ? labels : undefined
}

/**
 * Labelled images in an .npz: `x` and `y`, the exchange format of Assay, or MedMNIST's layout (`test_images`, `test_labels`
 * and so on for `train` and `val`).
 */
import { readFile } from 'node:fs/promises'
import type { ModelInput } from '../../shared/bundle'
import { AssayError, toAssayError } from '../../shared/errors'
import { fullWindow, type DecodedImage } from '../image/decoded-image'
import { quantize } from '../image/encode'
import { inputOfUnit, toModelInput } from '../image/model-input'
import { decodeNpz } from '../tensor/npz'
import { toNumbers, type Tensor } from '../tensor/tensor'
import type { ClassNames } from './class-names'

/** More are no classes but measurements. */
const mostClasses = 1000

export interface ImageArchive {
  readonly bytes: Uint8Array
  /** As asked for; numbers from 0 where none were. */
  readonly classes: readonly string[]
  readonly labels: Int32Array
  /** [channels, height, width] in [0, 1]. */
  input(row: number, spec: ModelInput): Float32Array
  /** The picture by itself; values in [0, 1] as 16 bits. */
  image(row: number): DecodedImage
}

export interface ArchiveQuery {
  /** Of the bundle; two where one finding is audited. All that the labels name when absent. */
  classes?: readonly string[] | undefined
  part: 'train' | 'val' | 'test'
  /** The index of one finding among several, and how many there are. */
  finding?: { index: number; of: number } | undefined
  /** Asked for with folders; an archive has its own labels, as places among the classes. */
  labels?: string | undefined
  classNames?: ClassNames | undefined
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

/** @throws AssayError `data-set-invalid`, `file-not-found`, `file-empty`; `invalid-arguments` where labels or names for them are given beside it */
export async function readArchive(path: string, { classes: asked, part, finding, labels: table, classNames = {} }: ArchiveQuery): Promise<ImageArchive> {
  if (Object.keys(classNames).length > 0) throw new AssayError('invalid-arguments', 'An archive holds its labels as numbers; leave the names for its classes out.', { path })
  if (table !== undefined) throw new AssayError('invalid-arguments', 'An archive holds its labels itself; leave the table of labels out.', { path })
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
  const classes = asked ?? namesOf(y)
  const labels = labelsOf(y, count, classes.length, finding)
  if (!labels) throw refuse(`holds labels [${y.shape.join(', ')}] that do not fit ${count} images of ${classes.length} classes${finding ? '' : '; of several findings in each image name one'}`)
  const outside = x.dtype === 'float32' && (x.data as Float32Array).some((v) => !(v >= 0 && v <= 1))
  if (outside) throw refuse('holds values outside [0, 1]')

  const size = height * width * samples
  const pixelsOf = (row: number): Float32Array | Uint8Array => {
    const values = (x.data as Float32Array | Uint8Array).slice(row * size, (row + 1) * size)
    return interleaved || samples === 1 ? values : interleavedOf(values, samples)
  }
  // Eight-bit pictures in another wrapping: the bundle says how they become [0, 1].
  const picture = (pixels: Uint8Array | Uint16Array): DecodedImage => {
    const bitsStored = 8 * pixels.BYTES_PER_ELEMENT
    return { format: 'png', width, height, frames: 1, frame: 0, samples, pixels, bitsStored, signed: false, photometric: samples === 3 ? 'RGB' : 'MONOCHROME2', rescale: { slope: 1, intercept: 0 }, unit: '', windows: [fullWindow(0, 2 ** bitsStored - 1)], facts: [] }
  }
  return {
    bytes,
    classes,
    labels,
    input(row, spec) {
      const pixels = pixelsOf(row)
      return pixels instanceof Float32Array ? inputOfUnit({ values: pixels, width, height, samples }, spec) : toModelInput(picture(pixels), spec)
    },
    image(row) {
      const pixels = pixelsOf(row)
      return picture(pixels instanceof Float32Array ? quantize(pixels, 16) : pixels)
    },
  }
}

/** Names of the classes that labels [N], [N, 1] or one-hot [N, classes] speak of, which nobody has named: numbers. */
function namesOf(y: Tensor): string[] {
  const columns = y.shape.slice(1).reduce((a, b) => a * b, 1)
  const count = columns > 1 ? columns : toNumbers(y).reduce((most, label) => Math.max(most, label + 1), 0)
  return Array.from({ length: Number.isInteger(count) && count <= mostClasses ? count : 0 }, (_, i) => String(i))
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

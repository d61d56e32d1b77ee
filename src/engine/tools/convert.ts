/**
 * Decoded scans as files that other programs read: `assay convert`.
 */
import { join } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { expandPaths } from '../batch/expand'
import { isThere, makeFolder, writeFileAtomic } from '../bundle/atomic'
import type { DecodedImage, StoredImage, StoredPixels } from '../image/decoded-image'
import { encodePng } from '../image/encode'
import { readImage, readStored } from '../image/files'
import { UniqueNames } from '../image/names'
import { renderPlane } from '../screening/picture'
import { scanPlane } from '../screening/planes'
import { encodeNpz } from '../tensor/npz'
import { tensor } from '../tensor/tensor'
import type { DType, Tensor } from '../tensor/tensor'

export type ConversionFormat = 'npz' | 'png'

export interface ConvertedFile {
  path: string
  /** Names of the files made, relative to the output folder. */
  written: string[]
  error?: SerializedError
}

const dtypes = new Map<unknown, DType>([
  [Uint8Array, 'uint8'],
  [Uint16Array, 'uint16'],
  [Uint32Array, 'uint32'],
  [Int16Array, 'int16'],
  [Int32Array, 'int32'],
  [Float32Array, 'float32'],
])

/** Stored values before modality and VOI transforms, [frames, rows, columns, samples]. */
export function storedValues({ pixels, frames, height, width, samples }: StoredImage): Tensor {
  const dtype = dtypes.get(pixels.constructor)
  if (!dtype) throw new TypeError(`No tensor type for ${pixels.constructor.name}`)
  return tensor(dtype, [frames, height, width, samples], pixels as StoredPixels & Tensor['data'])
}

/** One frame as a person sees it through its default window, 8 bits. */
function picture(image: DecodedImage): Uint8Array {
  const { width, height, rgb } = renderPlane(scanPlane(image), undefined)
  if (image.samples === 3) return encodePng({ width, height, samples: 3, data: rgb })
  return encodePng({ width, height, samples: 1, data: rgb.filter((_, i) => i % 3 === 0) })
}

/** The files made of one, each made only when the one before is written: a cine of thousands is never in memory at once. */
async function* filesOf(path: string, names: UniqueNames, format: ConversionFormat): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  const name = names.give(path, `.${format}`)
  if (format === 'npz') {
    yield { name, bytes: encodeNpz({ pixels: storedValues(await readStored(path)) }, { compress: true }) }
    return
  }
  let frames = 1
  for (let frame = 0; frame < frames; frame++) {
    const image = await readImage(path, frame)
    frames = image.frames
    const number = String(frame + 1).padStart(String(frames).length, '0')
    // Another file may be called like a frame of this one.
    yield { name: frames === 1 ? name : names.named(`${name.slice(0, -'.png'.length)}.${number}`, '.png'), bytes: picture(image) }
  }
}

/**
 * What stands in `out` may be anybody's, the very file that is converted among it.
 * @throws AssayError `invalid-arguments`; `output-not-writable`, `disk-full`
 */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  if (await isThere(path)) throw new AssayError('invalid-arguments', `${path} is there already and is not overwritten; choose another folder.`, { path })
  await writeFileAtomic(path, bytes)
}

/**
 * Decodes files, and all images of folders, into `out`, where nothing is overwritten. A file that cannot be read, or whose
 * place is taken, is reported and the rest goes on.
 * @throws AssayError `output-not-writable`, `disk-full`
 */
export async function convert(paths: readonly string[], out: string, format: ConversionFormat, progress: (done: number, total: number) => void): Promise<ConvertedFile[]> {
  await makeFolder(out)
  const names = new UniqueNames()
  const converted: ConvertedFile[] = []
  const wanted = await expandPaths(paths, (folder) => folder !== out)
  for (const { path, error } of wanted) {
    const written: string[] = []
    try {
      if (error) throw AssayError.from(error)
      for await (const file of filesOf(path, names, format)) {
        await writeNew(join(out, file.name), file.bytes)
        written.push(file.name)
      }
      converted.push({ path, written })
    } catch (failure) {
      const error = serializeError(failure)
      // A full disk fails every file that follows, too.
      if (error.code === 'disk-full' || error.code === 'output-not-writable') throw failure
      converted.push({ path, written, error })
    }
    progress(converted.length, wanted.length)
  }
  return converted
}

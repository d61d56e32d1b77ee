/**
 * Decoded scans as files that other programs read: `assay convert`.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { expandPaths } from '../batch/expand'
import { UniqueNames } from '../batch/names'
import { writeError, writeFileAtomic } from '../bundle/atomic'
import { readAhead, readImage } from '../dataset/model-inputs'
import type { DecodedImage, StoredPixels } from '../image/decoded-image'
import { encodePng } from '../image/encode'
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
export function storedValues({ pixels, frames, height, width, samples }: DecodedImage): Tensor {
  const dtype = dtypes.get(pixels.constructor)
  if (!dtype) throw new TypeError(`No tensor type for ${pixels.constructor.name}`)
  return tensor(dtype, [frames, height, width, samples], pixels as StoredPixels & Tensor['data'])
}

/** One frame as a person sees it through its default window, 8 bits. */
function picture(image: DecodedImage, frame: number): Uint8Array {
  const { width, height, rgb } = renderPlane(scanPlane(image, frame), undefined)
  if (image.samples === 3) return encodePng({ width, height, samples: 3, data: rgb })
  return encodePng({ width, height, samples: 1, data: rgb.filter((_, i) => i % 3 === 0) })
}

function filesOf(image: DecodedImage, name: string, format: ConversionFormat): { name: string; bytes: Uint8Array }[] {
  if (format === 'npz') return [{ name, bytes: encodeNpz({ pixels: storedValues(image) }, { compress: true }) }]
  const digits = String(image.frames).length
  return Array.from({ length: image.frames }, (_, frame) => ({
    name: image.frames === 1 ? name : name.replace(/\.png$/, `.${String(frame + 1).padStart(digits, '0')}.png`),
    bytes: picture(image, frame),
  }))
}

/**
 * Decodes files, and all images of folders, into `out`. A file that cannot be read is reported and the rest goes on.
 * @throws AssayError `output-not-writable`, `disk-full`
 */
export async function convert(paths: readonly string[], out: string, format: ConversionFormat, progress: (done: number, total: number) => void): Promise<ConvertedFile[]> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw writeError(error, out)
  })
  const names = new UniqueNames()
  const converted: ConvertedFile[] = []
  const wanted = await expandPaths(paths, out)
  const decode = async ({ path, error }: (typeof wanted)[number]): Promise<{ path: string; image: DecodedImage } | { path: string; error: unknown }> => {
    if (error) return { path, error: AssayError.from(error) }
    try {
      return { path, image: await readImage(path) }
    } catch (failure) {
      return { path, error: failure }
    }
  }
  for await (const decoded of readAhead(wanted, decode, 2)) {
    if ('error' in decoded) converted.push({ path: decoded.path, written: [], error: serializeError(decoded.error) })
    else {
      const files = filesOf(decoded.image, names.give(decoded.path, `.${format}`), format)
      for (const { name, bytes } of files) await writeFileAtomic(join(out, name), bytes)
      converted.push({ path: decoded.path, written: files.map(({ name }) => name) })
    }
    progress(converted.length, wanted.length)
  }
  return converted
}

/**
 * Bytes in, images out, whatever the file is called. Runs on the thread that calls it; files from anywhere are decoded
 * in the pool (`pool/`), where a hostile one costs a worker and not the engine.
 */
import { AssayError } from '../../shared/errors'
import type { DecodedImage, ImageFile } from './decoded-image'
import { corrupt } from './errors'
import { nameForeign } from './foreign'
import { recogniseFormat } from './formats'

/** Third-party parsers throw Errors and strings of their own on bytes that they do not understand. */
const explained = (error: unknown, name: string, format: string): AssayError => {
  if (error instanceof AssayError) return error
  const why = error instanceof Error ? error.message : String(error)
  return corrupt(name, `its ${format.toUpperCase()} data cannot be decoded (${why})`, { format }, error)
}

function unknown(bytes: Uint8Array, name: string): AssayError {
  const foreign = nameForeign(bytes)
  const readable = 'DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP'
  return new AssayError(
    'image-format-unknown',
    foreign ? `${name} is ${foreign}, not a picture that Assay reads (${readable}); choose another file.` : `${name} is not a picture that Assay reads (${readable}); choose another file.`,
    { path: name },
  )
}

/**
 * Refuses what no format recognises, by its first bytes: whoever reads large files asks this before reading on.
 * @throws AssayError `image-format-unknown`
 */
export function assertRecognised(beginning: Uint8Array, name: string): void {
  if (!recogniseFormat(beginning)) throw unknown(beginning, name)
}

/**
 * @param name path or file name, for errors only.
 * @throws AssayError `file-empty`, `image-format-unknown`, `image-truncated`, `image-corrupt`, `image-too-large`,
 *   `image-unsupported`, `dicom-no-pixels`, `dicom-transfer-syntax-unsupported`; the frames of the file throw the same.
 */
export async function openImage(bytes: Uint8Array, name = 'The file'): Promise<ImageFile> {
  if (bytes.length === 0) throw new AssayError('file-empty', `${name} is empty; copy it again from where it came.`, { path: name })
  const format = recogniseFormat(bytes)
  if (!format) throw unknown(bytes, name)
  const explain = (error: unknown): never => {
    throw explained(error, name, format.id)
  }
  const file = await format.open(bytes, name).catch(explain)
  return {
    ...file,
    frame: async (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= file.frames)
        throw new AssayError('invalid-arguments', `${name} has ${file.frames} frames, and none with number ${index + 1}; choose another.`, { path: name, frames: file.frames })
      return file.frame(index).catch(explain)
    },
    stored: () => file.stored().catch(explain),
  }
}

/** One frame; the file's default frame where none is named. @throws AssayError like openImage */
export async function decodeImage(bytes: Uint8Array, name = 'The file', frame?: number): Promise<DecodedImage> {
  const file = await openImage(bytes, name)
  return file.frame(frame ?? file.defaultFrame)
}

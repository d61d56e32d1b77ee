/**
 * Bytes in, DecodedImage out, whatever the file is called.
 */
import { AssayError } from '../../shared/errors'
import type { DecodedImage } from './decoded-image'
import { corrupt } from './errors'
import { imageFormats } from './formats'

/**
 * @param name path or file name, for errors only.
 * @throws AssayError `file-empty`, `image-format-unknown`, `image-truncated`, `image-corrupt`, `image-too-large`,
 *   `image-unsupported`, `dicom-no-pixels`, `dicom-transfer-syntax-unsupported`.
 */
export async function decodeImage(bytes: Uint8Array, name = 'The file'): Promise<DecodedImage> {
  if (bytes.length === 0) throw new AssayError('file-empty', `${name} is empty; copy it again from where it came.`, { path: name })
  const format = imageFormats.find((candidate) => candidate.recognises(bytes))
  if (!format)
    throw new AssayError('image-format-unknown', `${name} is not a picture that Assay reads (DICOM, PNG, JPEG); choose another file.`, { path: name })
  try {
    return await format.decode(bytes, name)
  } catch (error) {
    if (error instanceof AssayError) throw error
    // Third-party parsers throw Errors and strings of their own on bytes that they do not understand.
    const why = error instanceof Error ? error.message : String(error)
    throw corrupt(name, `its ${format.id.toUpperCase()} data cannot be decoded (${why})`, { format: format.id }, error)
  }
}

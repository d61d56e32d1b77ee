/**
 * The formats that Assay reads, in the order in which they are tried.
 */
import { hasPreamble } from '../dicom/data-set'
import { bmpFormat } from './bmp'
import { dicomFormat } from './dicom'
import type { ImageFormat } from './format'
import { jpegFormat } from './jpeg'
import { niftiFormat } from './nifti'
import { pngFormat } from './png'
import { tiffFormat } from './tiff'
import { webpFormat } from './webp'

/** Data sets without a preamble come last, being recognised by the least. */
export const imageFormats: readonly ImageFormat[] = [pngFormat, jpegFormat, tiffFormat, webpFormat, bmpFormat, niftiFormat, dicomFormat]

/** Preambles of DICOM may hold the beginning of another format, TIFF for microscopes (PS3.10, 7.1); the file is DICOM all the same. */
const mayBePreamble: ReadonlySet<ImageFormat['id']> = new Set(['tiff', 'bmp', 'webp', 'nifti'])

/** The format of some bytes, by their content alone. */
export function recogniseFormat(bytes: Uint8Array): ImageFormat | undefined {
  const format = imageFormats.find((candidate) => candidate.recognises(bytes))
  return format && mayBePreamble.has(format.id) && hasPreamble(bytes) ? dicomFormat : format
}

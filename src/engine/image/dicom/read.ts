/**
 * A DICOM file to its stored values, before anything is made of them. What `convert` writes and what DCMTK is compared with.
 */
import type { StoredPixels } from '../decoded-image'
import { AssayError } from '../../../shared/errors'
import { truncated } from '../errors'
import type { ParsedDicom } from './data-set'
import { parseDicom, pixelElement, unsupportedSyntax } from './data-set'
import type { PixelDescription } from './pixel-description'
import { nativeByteLength, readPixelDescription } from './pixel-description'
import { nativeStoredPixels } from './stored-pixels'

export interface StoredDicom extends ParsedDicom {
  description: PixelDescription
  /** [frames, rows, columns, samples] in the file's own colour model. */
  pixels: StoredPixels
}

/** @throws AssayError `dicom-no-pixels`, `dicom-transfer-syntax-unsupported`, `image-*`. */
export async function readDicom(file: Uint8Array, name: string): Promise<StoredDicom> {
  const parsed = parseDicom(file, name)
  const found = pixelElement(parsed.dataSet)
  if (!found) throw new AssayError('dicom-no-pixels', `${name} is DICOM without a picture (a report, a plan or a directory); choose an image.`, { path: name })
  const { element, kind } = found
  const { transferSyntax, transferSyntaxUid, bytes } = parsed
  if (transferSyntax.encapsulated || element.length === 0xffffffff) throw unsupportedSyntax(name, transferSyntaxUid, transferSyntax.name)

  const description = readPixelDescription(parsed.dataSet, kind, name)
  const needed = nativeByteLength(description)
  const present = Math.min(element.length, bytes.length - element.dataOffset)
  if (present < needed) throw truncated(name, `it holds ${present} of the ${needed} bytes of its pixels`, { format: 'dicom' })
  // Kept even, as elements are: a word's second byte may hold the last pixel.
  const native = bytes.subarray(element.dataOffset, element.dataOffset + Math.min(present, needed + (needed & 1)))
  const words = element.vr === 'OW' || element.vr === 'OX'
  const pixels = nativeStoredPixels(native, description, { littleEndian: transferSyntax.littleEndian, words })
  return { ...parsed, description, pixels }
}

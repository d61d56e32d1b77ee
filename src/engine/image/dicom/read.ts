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

/** Stored values of one frame, and how they are to be read: a decoder may give another colour model than the file declares. */
export interface StoredFrame {
  /** [rows, columns, samples]; for native YBR_FULL_422 the stored Y, Y, Cb, Cr quadruples as they are. */
  pixels: StoredPixels
  photometric: PixelDescription['photometric']
}

export interface OpenedDicom extends ParsedDicom {
  description: PixelDescription
  /** @param index 0 … description.frames − 1. @throws AssayError `image-*` */
  frame(index: number): Promise<StoredFrame>
}

/** @throws AssayError `dicom-no-pixels`, `dicom-transfer-syntax-unsupported`, `image-*`. */
export async function openDicom(file: Uint8Array, name: string): Promise<OpenedDicom> {
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
  return {
    ...parsed,
    description,
    frame: async (index) => ({
      pixels: nativeStoredPixels(native, description, { littleEndian: transferSyntax.littleEndian, words }, index),
      photometric: description.photometric,
    }),
  }
}

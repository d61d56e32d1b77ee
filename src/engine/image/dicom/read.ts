/**
 * A DICOM file to its stored values, before anything is made of them. What `convert` writes and what DCMTK is compared with.
 */
import type { Element } from 'dicom-parser'
import type { StoredPixels } from '../decoded-image'
import { AssayError } from '../../../shared/errors'
import { asStoredPixels } from '../codecs/frame'
import { corrupt, truncated } from '../errors'
import type { ParsedDicom } from './data-set'
import { parseDicom, pixelElement, unsupportedSyntax } from './data-set'
import { frameReader, readExtendedOffsets, readItems } from './fragments'
import { noPicture } from './no-picture'
import type { PixelDescription } from './pixel-description'
import { nativeByteLength, readPixelDescription } from './pixel-description'
import { nativeStoredPixels } from './stored-pixels'
import type { TransferSyntax } from './transfer-syntaxes'

const undefinedLength = 0xffffffff

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
  /** The same with all bits of each cell as they are in the file: overlays above the bits stored stay, signs are not extended. */
  cells(index: number): Promise<StoredFrame>
}

type Frames = OpenedDicom['frame']

/** @throws AssayError `dicom-no-pixels`, `dicom-transfer-syntax-unsupported`, `image-*`. */
export async function openDicom(file: Uint8Array, name: string): Promise<OpenedDicom> {
  const parsed = parseDicom(file, name)
  const found = pixelElement(parsed.dataSet)
  if (!found) throw noPicture(parsed, name)
  const { transferSyntax, transferSyntaxUid } = parsed
  if (transferSyntax.encapsulated && !transferSyntax.decoder) throw refusedSyntax(name, transferSyntaxUid, transferSyntax)

  const description = readPixelDescription(parsed.dataSet, found.kind, name)
  const frames = transferSyntax.encapsulated
    ? compressedFrames(parsed, found.element, description, transferSyntax, name)
    : nativeFrames(parsed, found.element, description, name)
  return { ...parsed, description, frame: frames(description), cells: frames({ ...description, bitsStored: description.bitsAllocated, highBit: description.bitsAllocated - 1 }) }
}

const refusedSyntax = (name: string, uid: string, { name: title, refusal }: TransferSyntax) =>
  refusal === undefined
    ? unsupportedSyntax(name, uid, title)
    : new AssayError('dicom-transfer-syntax-unsupported', `${name} is stored as ${title} (${uid}), which is ${refusal}; export it as pictures.`, {
        path: name,
        transferSyntax: uid,
        transferSyntaxName: title,
      })

function nativeFrames({ transferSyntax, bytes }: ParsedDicom, element: Element, description: PixelDescription, name: string): (cell: PixelDescription) => Frames {
  if (element.length === undefinedLength) throw corrupt(name, 'its pixels come in pieces, where its transfer syntax says that they are in one', { format: 'dicom' })
  const needed = nativeByteLength(description)
  const present = Math.min(element.length, bytes.length - element.dataOffset)
  if (present < needed) throw truncated(name, `it holds ${present} of the ${needed} bytes of its pixels`, { format: 'dicom' })
  // Kept even, as elements are: a word's second byte may hold the last pixel.
  const native = bytes.subarray(element.dataOffset, element.dataOffset + Math.min(present, needed + (needed & 1)))
  const words = element.vr === 'OW' || element.vr === 'OX'
  return (cell) => async (index) => ({
    pixels: nativeStoredPixels(native, cell, { littleEndian: transferSyntax.littleEndian && !transferSyntax.bigEndianPixels, words }, index),
    photometric: description.photometric,
  })
}

function compressedFrames(
  { dataSet, bytes }: ParsedDicom,
  element: Element,
  description: PixelDescription,
  { decoder, startsFrame }: TransferSyntax,
  name: string,
): (cell: PixelDescription) => Frames {
  if (description.kind !== 'integer') throw corrupt(name, 'its pixels are compressed, which those of floating point cannot be', { format: 'dicom' })
  // A length of its own, where the standard has none, is where the fragments end at the latest.
  const end = element.length === undefinedLength ? bytes.length : Math.min(bytes.length, element.dataOffset + element.length)
  const encapsulated = readItems(bytes, element.dataOffset, end, name)
  const read = frameReader(bytes, encapsulated, { frames: description.frames, extended: readExtendedOffsets(dataSet), startsFrame, name })
  return (cell) => async (index) => {
    const decoded = await decoder!(read(index), description, name)
    return { pixels: asStoredPixels(decoded, cell), photometric: decoded.photometric }
  }
}

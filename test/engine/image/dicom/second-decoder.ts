/**
 * A second opinion on a compressed DICOM file, by code of others throughout: dicom-parser finds the frames, and another
 * library than Assay's for the syntax decodes them, or another build of it where there is no other.
 */
import { createRequire } from 'node:module'
import dicomParser from 'dicom-parser'
import type { DataSet, Element } from 'dicom-parser'
import type { StoredPixels } from '../../../../src/engine/image/decoded-image'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'
import { openDicom } from '../../../../src/engine/image/dicom/read'
import { decode } from '../codecs/dcmjs-codecs'
import { decodeWithJxlOxide } from '../codecs/jxl-oxide'
import { collection, load } from './collection'

export interface SecondOpinion {
  decoder: string
  /** The frames that it was asked for. */
  frames: number[]
  pixels: StoredPixels
  /** Grey levels that two decoders may differ by where rounding is left to them. */
  tolerance: number
}

type DecodeFrame = (frame: Uint8Array, d: PixelDescription) => Promise<Uint8Array>

const byDcmjs =
  (family: Parameters<typeof decode>[0]): DecodeFrame =>
  (frame, d) =>
    decode(family, frame, d)

/** OpenJPEG decodes HTJ2K too, and shares no code with OpenJPH. */
const byOpenJpeg: DecodeFrame = async (frame) => {
  const { default: start } = (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')) as unknown as {
    default: (options: object) => Promise<{ J2KDecoder: new () => { getEncodedBuffer(n: number): Uint8Array; decode(): void; getDecodedBuffer(): Uint8Array; delete(): void } }>
  }
  const decoder = new (await start({ print: () => undefined, printErr: () => undefined })).J2KDecoder()
  decoder.getEncodedBuffer(frame.length).set(frame)
  decoder.decode()
  const bytes = new Uint8Array(decoder.getDecodedBuffer())
  decoder.delete()
  return bytes
}

/** In JavaScript, and older than the WebAssembly that Assay uses. */
const byLosslessDecoder: DecodeFrame = async (frame, d) => {
  const { Decoder } = createRequire(import.meta.url)('jpeg-lossless-decoder-js') as { Decoder: new () => { decode(b: ArrayBuffer, at: number, length: number, bytes: number): Uint16Array | Uint8Array } }
  const own = Uint8Array.from(frame) // a Buffer's slice() would share
  const values = new Decoder().decode(own.buffer, 0, own.length, d.bitsAllocated > 8 ? 2 : 1)
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

const byJxlOxide: DecodeFrame = async (frame) => {
  const { data } = decodeWithJxlOxide(frame)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

const opinions: [syntax: RegExp, decoder: string, tolerance: number, decode: DecodeFrame][] = [
  [/^5$/, 'dcmjs-codecs (RLE)', 0, byDcmjs('Rle')],
  [/^4\.5[0-6]$/, 'dcmjs-codecs (libijg)', 0, byDcmjs('Jpeg')],
  [/^4\.(57|70)$/, 'jpeg-lossless-decoder-js', 0, byLosslessDecoder],
  [/^4\.8[01]$/, 'dcmjs-codecs (CharLS)', 0, byDcmjs('JpegLs')],
  [/^4\.9[01]$/, 'dcmjs-codecs (OpenJPEG)', 0, byDcmjs('Jpeg2000')],
  [/^4\.20[12]$/, 'OpenJPEG', 0, byOpenJpeg],
  [/^4\.203$/, 'OpenJPEG', 1, byOpenJpeg],
  [/^4\.11\d$/, 'jxl-oxide', 1, byJxlOxide],
]

/** Undefined for syntaxes without a second decoder. */
export async function decodeBySecond(file: string): Promise<SecondOpinion | undefined> {
  const { syntax } = collection.find((row) => row.file === file)!
  const opinion = opinions.find(([syntaxes]) => syntaxes.test(syntax))
  if (!opinion) return undefined
  const [, decoder, tolerance, decodeFrame] = opinion
  const { description } = await openDicom(load(file), file)
  const dataSet = dicomParser.parseDicom(load(file))
  const last = description.frames - 1
  // jxl-oxide packs every frame as PNG, which takes its time.
  const frames = decoder === 'jxl-oxide' && last > 2 ? [0, last >> 1, last] : Array.from({ length: description.frames }, (_, i) => i)
  const parts: Uint8Array[] = []
  for (const index of frames) parts.push(await decodeFrame(frameOf(dataSet, description.frames, index), description))
  return { decoder, frames, tolerance, pixels: asValues(new Uint8Array(Buffer.concat(parts)), description) }
}

function frameOf(dataSet: DataSet, frames: number, index: number): Uint8Array {
  const element = dataSet.elements['x7fe00010'] as Element & { fragments: unknown[]; basicOffsetTable: number[] }
  const { readEncapsulatedPixelDataFromFragments: fromFragments, readEncapsulatedImageFrame: fromTable, createJPEGBasicOffsetTable } = dicomParser
  if (frames === 1) return fromFragments(dataSet, element, 0, element.fragments.length)
  if (element.basicOffsetTable.length > 0) return fromTable(dataSet, element, index)
  if (element.fragments.length === frames) return fromFragments(dataSet, element, index, 1)
  return fromTable(dataSet, element, index, createJPEGBasicOffsetTable(dataSet, element))
}

/** The bytes of a decoder as values of the data set's kind. */
function asValues(bytes: Uint8Array, d: PixelDescription): StoredPixels {
  if (d.bitsAllocated <= 8) return d.signed ? Int16Array.from(new Int8Array(bytes.buffer)) : bytes
  if (d.bitsAllocated > 16) return new Uint32Array(bytes.buffer)
  const spare = 16 - d.bitsStored // DCMTK and others leave these zero
  return d.signed ? new Int16Array(bytes.buffer).map((value) => (value << (16 + spare)) >> (16 + spare)) : new Uint16Array(bytes.buffer)
}

/**
 * What every codec of compressed DICOM frames takes and gives, and the checks that all of them share: a codestream says
 * in its own header what it holds, and that is held against the data set before anything is allocated or decoded.
 */
import type { StoredPixels } from '../decoded-image'
import type { PhotometricInterpretation, PixelDescription } from '../dicom/pixel-description'
import { corrupt } from '../errors'

export type SampleArray = Uint8Array | Uint16Array | Int16Array | Uint32Array

/** One decoded frame. */
export interface DecodedFrame {
  /** [rows, columns, samples]. */
  values: SampleArray
  /** Bits per sample that the codestream declares. */
  precision: number
  /** The colour model of the values, where it may differ from the data set's. */
  photometric: PhotometricInterpretation
  /** The values are what was compressed, bit by bit, so that they may have bits above those stored that mean something else. */
  exact?: boolean
}

/** @param name of the file, for errors. @throws AssayError `image-corrupt`, `image-truncated`, `image-unsupported` */
export type FrameDecoder = (frame: Uint8Array, description: PixelDescription, name: string) => Promise<DecodedFrame>

export interface CodestreamHeader {
  width: number
  height: number
  components: number
  precision: number
}

/** @param kind as in "its JPEG-LS data". @throws AssayError `image-corrupt` where codestream and data set contradict each other */
export function checkHeader(kind: string, header: CodestreamHeader, d: PixelDescription, name: string): void {
  const { width, height, components, precision } = header
  if (width !== d.columns || height !== d.rows || components !== d.samples)
    throw corrupt(
      name,
      `its ${kind} data is ${width} × ${height} with ${components} samples, where its header says ${d.columns} × ${d.rows} with ${d.samples}`,
    )
  if (precision < 1 || precision > Math.max(8, d.bitsAllocated)) throw corrupt(name, `its ${kind} data has ${precision} bits for pixels of ${d.bitsAllocated}`)
}

/** @param least bytes without which the frame cannot be whole, by the limits of the format */
export function checkLength(kind: string, frame: Uint8Array, least: number, name: string): void {
  if (frame.length < least) throw corrupt(name, `its ${kind} data of ${frame.length} bytes is too small to hold a picture of its size`)
}

/** What a codec's own failure becomes. */
export const undecodable = (kind: string, name: string, cause?: unknown) => corrupt(name, `its ${kind} data cannot be decoded`, {}, cause)

/**
 * Decoded samples in the form that native pixel data has (`nativeStoredPixels`): only the bits stored, sign extended. What
 * a lossy codec gives beyond them is kept: it is brighter than the brightest, and not black.
 */
export function asStoredPixels({ values, precision, exact }: DecodedFrame, d: PixelDescription): StoredPixels {
  const container = d.bitsAllocated <= 8 ? 8 : d.bitsAllocated <= 16 ? 16 : 32
  const bits = exact ? Math.min(container, d.bitsStored) : Math.min(container, Math.max(d.bitsStored, precision))
  // Cells that were compressed whole have their samples where the data set says.
  const low = exact && precision >= d.bitsAllocated ? d.highBit + 1 - d.bitsStored : 0
  const plain = bits === container && low === 0
  const above = 32 - bits - low
  const down = 32 - bits
  if (d.signed) {
    if (values instanceof Int16Array && container === 16 && plain) return values
    const out = container === 32 ? new Int32Array(values.length) : new Int16Array(values.length)
    for (let i = 0; i < values.length; i++) out[i] = (values[i]! << above) >> down
    return out
  }
  // Samples of no more bits than are kept are as they should be.
  const asIs = plain || (low === 0 && precision <= bits)
  if (asIs && container === 8 && values instanceof Uint8Array) return values
  if (asIs && container === 16 && values instanceof Uint16Array) return values
  if (asIs && container === 32 && values instanceof Uint32Array) return values
  const out = container === 8 ? new Uint8Array(values.length) : container === 16 ? new Uint16Array(values.length) : new Uint32Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = (values[i]! << above) >>> down
  return out
}

/**
 * The transfer syntaxes of DICOM PS3.5 (section 10, annex A; registry in PS3.6): how a data set and its pixels are laid out.
 * A compressed syntax becomes readable by giving its record a `decoder`.
 */
import type { StoredPixels } from '../decoded-image'
import type { PixelDescription } from './pixel-description'

/** One frame's compressed bytes to [rows, columns, samples]; resolves to undefined where the bytes do not decode. */
export type FrameDecoder = (frame: Uint8Array, description: PixelDescription) => Promise<StoredPixels | undefined>

export interface TransferSyntax {
  readonly name: string
  readonly littleEndian: boolean
  /** Value representations are written in the file. */
  readonly explicit: boolean
  /** The whole data set after the file meta information is deflated. */
  readonly deflated?: boolean
  /** Pixel data is a sequence of compressed fragments. */
  readonly encapsulated: boolean
  readonly decoder?: FrameDecoder
}

const native = (name: string, options: { littleEndian?: boolean; explicit?: boolean; deflated?: boolean } = {}): TransferSyntax => ({
  name,
  littleEndian: true,
  explicit: true,
  encapsulated: false,
  ...options,
})
/** Compressed syntaxes are all explicit little endian around their fragments. */
const encapsulated = (name: string, decoder?: FrameDecoder): TransferSyntax => ({
  name,
  littleEndian: true,
  explicit: true,
  encapsulated: true,
  ...(decoder && { decoder }),
})

export const implicitLittleEndian = '1.2.840.10008.1.2'
export const explicitLittleEndian = '1.2.840.10008.1.2.1'

export const transferSyntaxes: Readonly<Record<string, TransferSyntax>> = {
  [implicitLittleEndian]: native('Implicit VR Little Endian', { explicit: false }),
  [explicitLittleEndian]: native('Explicit VR Little Endian'),
  '1.2.840.10008.1.2.1.98': encapsulated('Encapsulated Uncompressed Explicit VR Little Endian'),
  '1.2.840.10008.1.2.1.99': native('Deflated Explicit VR Little Endian', { deflated: true }),
  '1.2.840.10008.1.2.2': native('Explicit VR Big Endian', { littleEndian: false }),
  '1.2.840.10008.1.2.4.50': encapsulated('JPEG Baseline (Process 1)'),
  '1.2.840.10008.1.2.4.51': encapsulated('JPEG Extended (Process 2 & 4)'),
  '1.2.840.10008.1.2.4.53': encapsulated('JPEG Spectral Selection (Process 6 & 8)'),
  '1.2.840.10008.1.2.4.55': encapsulated('JPEG Full Progression (Process 10 & 12)'),
  '1.2.840.10008.1.2.4.57': encapsulated('JPEG Lossless (Process 14)'),
  '1.2.840.10008.1.2.4.70': encapsulated('JPEG Lossless, First-Order Prediction (Process 14, Selection Value 1)'),
  '1.2.840.10008.1.2.4.80': encapsulated('JPEG-LS Lossless'),
  '1.2.840.10008.1.2.4.81': encapsulated('JPEG-LS Near-Lossless'),
  '1.2.840.10008.1.2.4.90': encapsulated('JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.91': encapsulated('JPEG 2000'),
  '1.2.840.10008.1.2.4.92': encapsulated('JPEG 2000 Part 2 Multi-component Lossless'),
  '1.2.840.10008.1.2.4.93': encapsulated('JPEG 2000 Part 2 Multi-component'),
  '1.2.840.10008.1.2.4.100': encapsulated('MPEG2 Main Profile / Main Level'),
  '1.2.840.10008.1.2.4.101': encapsulated('MPEG2 Main Profile / High Level'),
  '1.2.840.10008.1.2.4.102': encapsulated('MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.103': encapsulated('MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.107': encapsulated('HEVC/H.265 Main Profile / Level 5.1'),
  '1.2.840.10008.1.2.4.110': encapsulated('JPEG XL Lossless'),
  '1.2.840.10008.1.2.4.111': encapsulated('JPEG XL JPEG Recompression'),
  '1.2.840.10008.1.2.4.112': encapsulated('JPEG XL'),
  '1.2.840.10008.1.2.4.201': encapsulated('High-Throughput JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.202': encapsulated('High-Throughput JPEG 2000 Lossless, RPCL'),
  '1.2.840.10008.1.2.4.203': encapsulated('High-Throughput JPEG 2000'),
  '1.2.840.10008.1.2.5': encapsulated('RLE Lossless'),
  '1.2.840.10008.1.2.8.1': encapsulated('Deflated Image Frame Compression'),
}

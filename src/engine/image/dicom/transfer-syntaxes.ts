/**
 * The transfer syntaxes of DICOM PS3.5 (section 10, annex A; registry in PS3.6, A): how a data set and its pixels are laid
 * out. A compressed syntax becomes readable by giving its record a `decoder`.
 */
import type { FrameDecoder } from '../codecs/frame'
import { decodeJpeg } from '../codecs/jpeg'
import { decodeJpeg2000 } from '../codecs/jpeg-2000'
import { decodeJpegLs } from '../codecs/jpeg-ls'
import { decodeJpegXl } from '../codecs/jpeg-xl'
import { decodeDeflated, decodeUncompressed } from '../codecs/native-frames'
import { decodeRle } from '../codecs/rle'
import type { StartsFrame } from './fragments'

export interface TransferSyntax {
  readonly name: string
  readonly littleEndian: boolean
  /** Pixels alone are the other way round. */
  readonly bigEndianPixels?: boolean
  /** Value representations are written in the file. */
  readonly explicit: boolean
  /** The whole data set after the file meta information is deflated. */
  readonly deflated?: boolean
  /** Pixel data is a sequence of compressed fragments. */
  readonly encapsulated: boolean
  readonly decoder?: FrameDecoder
  /** Tells a frame's first fragment from the others. */
  readonly startsFrame?: StartsFrame
  /** Why pixels of this syntax are not read at all, as in "is stored as …, which is …". */
  readonly refusal?: string
}

const native = (name: string, options: { littleEndian?: boolean; explicit?: boolean; deflated?: boolean } = {}): TransferSyntax => ({
  name,
  littleEndian: true,
  explicit: true,
  encapsulated: false,
  ...options,
})
/** Compressed syntaxes are all explicit little endian around their fragments. */
const encapsulated = (name: string, decoder?: FrameDecoder, startsFrame?: StartsFrame): TransferSyntax => ({
  name,
  littleEndian: true,
  explicit: true,
  encapsulated: true,
  ...(decoder && { decoder }),
  ...(startsFrame && { startsFrame }),
})
const refused = (name: string, refusal: string): TransferSyntax => ({ ...encapsulated(name), refusal })

const begins = (...starts: number[][]): StartsFrame => (fragment) => starts.some((start) => start.every((byte, i) => fragment[i] === byte))
const jpeg = (name: string) => encapsulated(name, decodeJpeg, begins([0xff, 0xd8, 0xff]))
const jpegLs = (name: string) => encapsulated(name, decodeJpegLs, begins([0xff, 0xd8, 0xff]))
const jpeg2000 = (name: string) => encapsulated(name, decodeJpeg2000, begins([0xff, 0x4f, 0xff, 0x51], [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]))
const jpegXl = (name: string) => encapsulated(name, decodeJpegXl, begins([0xff, 0x0a], [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20]))
const video = (name: string) => refused(name, 'a video')
const remote = (name: string) => refused(name, 'a reference to pixels on a server')
const retired = (name: string) => refused(name, 'a retired syntax that no decoder is left for')

export const implicitLittleEndian = '1.2.840.10008.1.2'
export const explicitLittleEndian = '1.2.840.10008.1.2.1'
export const explicitBigEndian = '1.2.840.10008.1.2.2'

export const transferSyntaxes: Readonly<Record<string, TransferSyntax>> = {
  [implicitLittleEndian]: native('Implicit VR Little Endian', { explicit: false }),
  [explicitLittleEndian]: native('Explicit VR Little Endian'),
  '1.2.840.10008.1.2.1.98': encapsulated('Encapsulated Uncompressed Explicit VR Little Endian', decodeUncompressed),
  '1.2.840.10008.1.2.1.99': native('Deflated Explicit VR Little Endian', { deflated: true }),
  [explicitBigEndian]: native('Explicit VR Big Endian', { littleEndian: false }),
  '1.2.840.10008.1.2.4.50': jpeg('JPEG Baseline (Process 1)'),
  '1.2.840.10008.1.2.4.51': jpeg('JPEG Extended (Process 2 & 4)'),
  '1.2.840.10008.1.2.4.52': jpeg('JPEG Extended (Process 3 & 5)'),
  '1.2.840.10008.1.2.4.53': jpeg('JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)'),
  '1.2.840.10008.1.2.4.54': jpeg('JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)'),
  '1.2.840.10008.1.2.4.55': jpeg('JPEG Full Progression, Non-Hierarchical (Process 10 & 12)'),
  '1.2.840.10008.1.2.4.56': jpeg('JPEG Full Progression, Non-Hierarchical (Process 11 & 13)'),
  '1.2.840.10008.1.2.4.57': jpeg('JPEG Lossless, Non-Hierarchical (Process 14)'),
  '1.2.840.10008.1.2.4.58': jpeg('JPEG Lossless, Non-Hierarchical (Process 15)'),
  '1.2.840.10008.1.2.4.59': jpeg('JPEG Extended, Hierarchical (Process 16 & 18)'),
  '1.2.840.10008.1.2.4.60': jpeg('JPEG Extended, Hierarchical (Process 17 & 19)'),
  '1.2.840.10008.1.2.4.61': jpeg('JPEG Spectral Selection, Hierarchical (Process 20 & 22)'),
  '1.2.840.10008.1.2.4.62': jpeg('JPEG Spectral Selection, Hierarchical (Process 21 & 23)'),
  '1.2.840.10008.1.2.4.63': jpeg('JPEG Full Progression, Hierarchical (Process 24 & 26)'),
  '1.2.840.10008.1.2.4.64': jpeg('JPEG Full Progression, Hierarchical (Process 25 & 27)'),
  '1.2.840.10008.1.2.4.65': jpeg('JPEG Lossless, Hierarchical (Process 28)'),
  '1.2.840.10008.1.2.4.66': jpeg('JPEG Lossless, Hierarchical (Process 29)'),
  '1.2.840.10008.1.2.4.70': jpeg('JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14, Selection Value 1)'),
  '1.2.840.10008.1.2.4.80': jpegLs('JPEG-LS Lossless'),
  '1.2.840.10008.1.2.4.81': jpegLs('JPEG-LS Near-Lossless'),
  '1.2.840.10008.1.2.4.90': jpeg2000('JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.91': jpeg2000('JPEG 2000'),
  '1.2.840.10008.1.2.4.92': jpeg2000('JPEG 2000 Part 2 Multi-component Lossless'),
  '1.2.840.10008.1.2.4.93': jpeg2000('JPEG 2000 Part 2 Multi-component'),
  '1.2.840.10008.1.2.4.94': remote('JPIP Referenced'),
  '1.2.840.10008.1.2.4.95': { ...remote('JPIP Referenced Deflate'), deflated: true },
  '1.2.840.10008.1.2.4.100': video('MPEG2 Main Profile / Main Level'),
  '1.2.840.10008.1.2.4.100.1': video('Fragmentable MPEG2 Main Profile / Main Level'),
  '1.2.840.10008.1.2.4.101': video('MPEG2 Main Profile / High Level'),
  '1.2.840.10008.1.2.4.101.1': video('Fragmentable MPEG2 Main Profile / High Level'),
  '1.2.840.10008.1.2.4.102': video('MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.102.1': video('Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.103': video('MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.103.1': video('Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  '1.2.840.10008.1.2.4.104': video('MPEG-4 AVC/H.264 High Profile / Level 4.2 for 2D Video'),
  '1.2.840.10008.1.2.4.104.1': video('Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 for 2D Video'),
  '1.2.840.10008.1.2.4.105': video('MPEG-4 AVC/H.264 High Profile / Level 4.2 for 3D Video'),
  '1.2.840.10008.1.2.4.105.1': video('Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 for 3D Video'),
  '1.2.840.10008.1.2.4.106': video('MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  '1.2.840.10008.1.2.4.106.1': video('Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  '1.2.840.10008.1.2.4.107': video('HEVC/H.265 Main Profile / Level 5.1'),
  '1.2.840.10008.1.2.4.108': video('HEVC/H.265 Main 10 Profile / Level 5.1'),
  '1.2.840.10008.1.2.4.110': jpegXl('JPEG XL Lossless'),
  '1.2.840.10008.1.2.4.111': jpegXl('JPEG XL JPEG Recompression'),
  '1.2.840.10008.1.2.4.112': jpegXl('JPEG XL'),
  '1.2.840.10008.1.2.4.201': jpeg2000('High-Throughput JPEG 2000 Lossless'),
  '1.2.840.10008.1.2.4.202': jpeg2000('High-Throughput JPEG 2000 with RPCL Options Lossless'),
  '1.2.840.10008.1.2.4.203': jpeg2000('High-Throughput JPEG 2000'),
  '1.2.840.10008.1.2.4.204': remote('JPIP HTJ2K Referenced'),
  '1.2.840.10008.1.2.4.205': { ...remote('JPIP HTJ2K Referenced Deflate'), deflated: true },
  '1.2.840.10008.1.2.5': encapsulated('RLE Lossless', decodeRle),
  '1.2.840.10008.1.2.6.1': retired('RFC 2557 MIME Encapsulation'),
  '1.2.840.10008.1.2.6.2': retired('XML Encoding'),
  '1.2.840.10008.1.2.7.1': video('SMPTE ST 2110-20 Uncompressed Progressive Active Video'),
  '1.2.840.10008.1.2.7.2': video('SMPTE ST 2110-20 Uncompressed Interlaced Active Video'),
  '1.2.840.10008.1.2.7.3': refused('SMPTE ST 2110-30 PCM Digital Audio', 'sound'),
  '1.2.840.10008.1.2.8.1': encapsulated('Deflated Image Frame Compression', decodeDeflated),
  '1.2.840.10008.1.20': retired('Papyrus 3 Implicit VR Little Endian'),
  '1.2.840.113619.5.2': { ...native('GE Private Implicit VR Little Endian with Big Endian Pixels', { explicit: false }), bigEndianPixels: true },
}

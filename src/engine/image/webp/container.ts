/**
 * WebP's RIFF container (RFC 9649): whether it is whole, how large the picture says it is, and of an animation the
 * first picture. Looked at before libwebp gets the bytes.
 */
import { checkSize, corrupt, truncated, unsupported } from '../errors'

export interface WebpContainer {
  width: number
  height: number
  lossless: boolean
  alpha: boolean
  /** Pictures of an animation; 1 for a still one. */
  pictures: number
  /** A still picture for the decoder: the file, or the first picture of an animation in a container of its own. */
  still: Uint8Array
}

interface Chunk {
  type: string
  content: Uint8Array
  /** With its header and padding. */
  whole: Uint8Array
}

const text = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
const uint16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8)
const uint24 = (bytes: Uint8Array, at: number) => uint16(bytes, at) | (bytes[at + 2]! << 16)
const uint32 = (bytes: Uint8Array, at: number) => (uint24(bytes, at) | (bytes[at + 3]! << 24)) >>> 0

export const looksLikeWebp = (bytes: Uint8Array): boolean => bytes.length >= 12 && text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WEBP'

/** Pictures of an animation, and some more; a hostile file could otherwise make one of every eight of its bytes. */
const maximumChunks = 2 ** 18

function readChunks(bytes: Uint8Array, name: string): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at < bytes.length; ) {
    if (chunks.length === maximumChunks) throw corrupt(name, 'it is in too many pieces')
    const length = at + 8 <= bytes.length ? uint32(bytes, at + 4) : 0
    if (at + 8 + length > bytes.length) throw truncated(name, 'a WebP chunk is not complete')
    const end = Math.min(bytes.length, at + 8 + length + (length & 1))
    chunks.push({ type: text(bytes, at), content: bytes.subarray(at + 8, at + 8 + length), whole: bytes.subarray(at, end) })
    at = end
  }
  return chunks
}

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `image-unsupported` */
export function readWebpContainer(bytes: Uint8Array, name: string): WebpContainer {
  const length = uint32(bytes, 4)
  // The size counts from the eighth byte on; bytes beyond it are not the picture's.
  if (length + 8 > bytes.length) throw truncated(name, `its WebP header says ${length + 8} bytes and ${bytes.length} are there`)
  const chunks = readChunks(bytes.subarray(12, 8 + length), name)
  const [first] = chunks
  if (!first) throw truncated(name, 'it holds no WebP picture')
  const extended = first.type === 'VP8X' ? first.content : undefined
  if (extended && extended.length < 10) throw corrupt(name, 'its WebP header is too short')
  const canvas = extended && { width: uint24(extended, 4) + 1, height: uint24(extended, 7) + 1 }
  if (canvas) checkSize(name, { ...canvas, samples: 3 })
  const animated = extended !== undefined && (extended[0]! & 2) !== 0
  if (animated) return firstPicture(chunks, canvas!, name)
  const coded = readCoded(chunks, name)
  if (canvas && (canvas.width !== coded.width || canvas.height !== coded.height)) throw corrupt(name, 'its WebP headers give two sizes')
  checkSize(name, { ...coded, samples: 3 })
  return { ...coded, alpha: coded.alpha || chunks.some(({ type }) => type === 'ALPH'), pictures: 1, still: bytes }
}

/** Size and kind of the coded picture among some chunks. */
function readCoded(chunks: readonly Chunk[], name: string): { width: number; height: number; lossless: boolean; alpha: boolean } {
  const coded = chunks.find(({ type }) => type === 'VP8 ' || type === 'VP8L')
  if (!coded) throw truncated(name, 'its WebP picture is missing')
  const { content } = coded
  if (coded.type === 'VP8L') {
    if (content.length < 5) throw truncated(name, 'its WebP picture stops early')
    if (content[0] !== 0x2f) throw corrupt(name, 'its lossless WebP data does not begin as it must')
    const bits = uint32(content, 1)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, lossless: true, alpha: ((bits >>> 28) & 1) === 1 }
  }
  if (content.length < 10) throw truncated(name, 'its WebP picture stops early')
  if ((content[0]! & 1) !== 0 || content[3] !== 0x9d || content[4] !== 0x01 || content[5] !== 0x2a) throw corrupt(name, 'its WebP data does not begin with a key frame')
  return { width: uint16(content, 6) & 0x3fff, height: uint16(content, 8) & 0x3fff, lossless: false, alpha: false }
}

/** The first picture of an animation, where it fills the canvas: a smaller one needs a background that nobody defined. */
function firstPicture(chunks: readonly Chunk[], canvas: { width: number; height: number }, name: string): WebpContainer {
  const pictures = chunks.filter(({ type }) => type === 'ANMF')
  const content = pictures[0]?.content
  if (!content || content.length < 16) throw truncated(name, 'its WebP animation holds no picture')
  const parts = readChunks(content.subarray(16), name)
  const coded = readCoded(parts, name)
  if (coded.width !== canvas.width || coded.height !== canvas.height) throw unsupported(name, 'a WebP animation whose first picture fills a part of it only')
  const picked = parts.filter(({ type }) => type === 'ALPH' || type === 'VP8 ' || type === 'VP8L')
  const alpha = coded.alpha || picked.some(({ type }) => type === 'ALPH')
  const header = new Uint8Array(30)
  const view = new DataView(header.buffer)
  const write = (at: number, word: string) => header.set([...word].map((c) => c.charCodeAt(0)), at)
  write(0, 'RIFF')
  view.setUint32(4, 22 + picked.reduce((sum, { whole }) => sum + whole.length, 0), true)
  write(8, 'WEBPVP8X')
  view.setUint32(16, 10, true)
  header[20] = alpha ? 16 : 0
  view.setUint32(24, canvas.width - 1, true)
  header.set([(canvas.height - 1) & 255, ((canvas.height - 1) >> 8) & 255, (canvas.height - 1) >> 16], 27)
  return { ...coded, alpha, pictures: pictures.length, still: Buffer.concat([header, ...picked.map(({ whole }) => whole)]) }
}

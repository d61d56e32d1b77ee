/**
 * What is done to whole files: damage as disks and networks do it, and lies as somebody writes them who knows the format.
 */
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateRawSync, inflateSync, crc32 as zlibCrc32 } from 'node:zlib'
import type { Random } from '../../src/engine/tensor/random'
import type { Seed } from './seeds'

export interface Mutation {
  name: string
  /** Undefined where the file gives no hold for it. */
  apply(bytes: Uint8Array, random: Random, others: readonly Seed[]): Uint8Array | undefined
}

const below = (random: Random, limit: number): number => Math.floor(random.next() * limit)
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
/** A length of the order of a header field now, of half the file then. */
const someLength = (random: Random, limit: number): number => Math.min(limit, Math.floor(2 ** (random.next() * Math.log2(limit + 1))))

/** Numbers at which code stumbles. */
const awkward = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 257, 1000, 4096, 32767, 32768, 65534, 65535, 65536, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
const awkwardOrNear = (random: Random, present: number, size: number): number =>
  pick(random, [...awkward, present + 1, present - 1, present * 2, present >> 1, size, size - 1, size + 1, below(random, 2 ** 32)]) >>> 0

function setInteger(bytes: Uint8Array, at: number, width: number, littleEndian: boolean, random: Random): boolean {
  if (at < 0 || at + width > bytes.length) return false
  const view = viewOf(bytes)
  if (width === 1) view.setUint8(at, awkwardOrNear(random, view.getUint8(at), bytes.length) & 0xff)
  else if (width === 2) view.setUint16(at, awkwardOrNear(random, view.getUint16(at, littleEndian), bytes.length) & 0xffff, littleEndian)
  else view.setUint32(at, awkwardOrNear(random, view.getUint32(at, littleEndian), bytes.length), littleEndian)
  return true
}

const anyFile: Mutation[] = [
  {
    name: 'bit flips',
    apply(bytes, random) {
      const out = copy(bytes)
      for (let n = 1 + someLength(random, 64); n > 0; n--) out[below(random, out.length)]! ^= 1 << below(random, 8)
      return out
    },
  },
  {
    name: 'bit flips in the header',
    apply(bytes, random) {
      const out = copy(bytes)
      for (let n = 1 + below(random, 8); n > 0; n--) out[below(random, Math.min(out.length, 1024))]! ^= 1 << below(random, 8)
      return out
    },
  },
  {
    name: 'noise',
    apply(bytes, random) {
      const out = copy(bytes)
      const length = someLength(random, out.length)
      const at = below(random, out.length - length + 1)
      for (let i = at; i < at + length; i++) out[i] = below(random, 256)
      return out
    },
  },
  { name: 'truncation', apply: (bytes, random) => bytes.slice(0, random.next() < 0.5 ? below(random, bytes.length) : bytes.length - someLength(random, bytes.length)) },
  {
    name: 'constant run',
    apply(bytes, random) {
      const out = copy(bytes)
      const length = someLength(random, out.length)
      const at = below(random, out.length - length + 1)
      return out.fill(pick(random, [0, 0, 0xff, 0x80, 0x20]), at, at + length)
    },
  },
  {
    name: 'range removed',
    apply(bytes, random) {
      const length = someLength(random, bytes.length - 1)
      const at = below(random, bytes.length - length)
      return joined(bytes.subarray(0, at), bytes.subarray(at + length))
    },
  },
  {
    name: 'range repeated',
    apply(bytes, random) {
      const length = someLength(random, Math.min(bytes.length, 65536))
      const at = below(random, bytes.length - length + 1)
      const times = 1 + below(random, 4)
      return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => bytes.subarray(at, at + length)), bytes.subarray(at))
    },
  },
  {
    name: 'fragment of another file',
    apply(bytes, random, others) {
      const other = pick(random, others).bytes
      const length = someLength(random, Math.min(other.length, 262144))
      const from = below(random, other.length - length + 1)
      const at = below(random, bytes.length)
      const keep = random.next() < 0.5 ? at : Math.min(bytes.length, at + length)
      return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(keep))
    },
  },
  {
    name: 'two files joined',
    apply(bytes, random, others) {
      const other = pick(random, others).bytes
      return joined(bytes.subarray(0, below(random, bytes.length)), other.subarray(below(random, other.length)))
    },
  },
  {
    name: 'awkward integers',
    apply(bytes, random) {
      const out = copy(bytes)
      const reach = random.next() < 0.7 ? Math.min(out.length, 2048) : out.length
      for (let n = 1 + below(random, 3); n > 0; n--) setInteger(out, below(random, reach), pick(random, [1, 2, 4]), random.next() < 0.5, random)
      return out
    },
  },
]

/* DICOM */

interface ElementAt {
  group: number
  element: number
  at: number
  lengthAt: number
  lengthWidth: 2 | 4
  valueAt: number
  length: number
}

const longVrs = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))
const isDicom = (bytes: Uint8Array): boolean => bytes.length > 140 && Buffer.from(bytes.subarray(128, 132)).toString('latin1') === 'DICM'

/** The top-level elements of a file in explicit or implicit little endian, as far as they can be followed. */
function elementsOf(bytes: Uint8Array): ElementAt[] {
  const found: ElementAt[] = []
  const view = viewOf(bytes)
  let at = 132
  while (at + 12 <= bytes.length && found.length < 2000) {
    const group = view.getUint16(at, true)
    const element = view.getUint16(at + 2, true)
    const vr = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!)
    const explicit = /^[A-Z]{2}$/.test(vr)
    const long = explicit && longVrs.has(vr)
    const lengthAt = at + (!explicit ? 4 : long ? 8 : 6)
    const lengthWidth = explicit && !long ? 2 : 4
    const length = lengthWidth === 2 ? view.getUint16(lengthAt, true) : view.getUint32(lengthAt, true)
    const valueAt = lengthAt + lengthWidth
    found.push({ group, element, at, lengthAt, lengthWidth, valueAt, length })
    // Of undefined length, inside: items have tags and lengths as well.
    at = length === 0xffffffff || (group === 0xfffe && length === 0) ? valueAt : valueAt + length
  }
  return found
}

const pixelModule = [0x0002, 0x0004, 0x0006, 0x0008, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103]

/** UIDs of transfer syntaxes; those of the same length replace each other without moving a byte. */
const syntaxUids = ['1.2', '1.2.1', '1.2.2', '1.2.5', '1.2.1.98', '1.2.1.99', '1.2.8.1', ...[50, 51, 53, 55, 57, 70, 80, 81, 90, 91, 92, 93, 100, 103, 110, 111, 112, 201, 202, 203].map((n) => `1.2.4.${n}`)].map((end) => `1.2.840.10008.${end}`)

const dicom: Mutation[] = [
  {
    name: 'DICOM element length',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const element = pick(random, elementsOf(bytes))
      const out = copy(bytes)
      return element && setInteger(out, element.lengthAt, element.lengthWidth, true, random) ? out : undefined
    },
  },
  {
    name: 'DICOM pixel description',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const candidates = elementsOf(bytes).filter(({ group, element }) => group === 0x0028 && pixelModule.includes(element))
      if (candidates.length === 0) return undefined
      const out = copy(bytes)
      for (let n = 1 + below(random, 2); n > 0; n--) {
        const { element, valueAt, length } = pick(random, candidates)
        if (element === 0x0008) out.set(Buffer.from(pick(random, ['0', '-1', '2', '99', '1e9', '65536', '2147483648', '1.5', '']).padEnd(length).slice(0, length)), Math.min(valueAt, out.length - length))
        else if (element === 0x0004) out.set(Buffer.from(pick(random, ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'PALETTE COLOR', 'MONOCHROME1', 'YBR_RCT', 'CMYK']).padEnd(length).slice(0, length)), Math.min(valueAt, out.length - length))
        else setInteger(out, valueAt, 2, true, random)
      }
      return out
    },
  },
  {
    name: 'DICOM element removed or doubled',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const { at, valueAt, length } = pick(random, elementsOf(bytes))
      const end = length === 0xffffffff ? valueAt : Math.min(bytes.length, valueAt + length)
      return random.next() < 0.5 ? joined(bytes.subarray(0, at), bytes.subarray(end)) : joined(bytes.subarray(0, end), bytes.subarray(at))
    },
  },
  {
    name: 'DICOM transfer syntax exchanged',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const syntax = elementsOf(bytes.subarray(0, 2048)).find(({ group, element }) => group === 2 && element === 0x10)
      if (!syntax || syntax.valueAt + syntax.length > bytes.length) return undefined
      const uid = Buffer.from(pick(random, syntaxUids))
      const padded = uid.length % 2 === 0 ? uid : Buffer.concat([uid, Buffer.alloc(1)])
      const out = joined(bytes.subarray(0, syntax.valueAt), padded, bytes.subarray(syntax.valueAt + syntax.length))
      viewOf(out).setUint16(syntax.lengthAt, padded.length, true)
      return out
    },
  },
  {
    name: 'DICOM fragments',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const elements = elementsOf(bytes)
      const start = elements.findIndex(({ group, element, length }) => group === 0x7fe0 && element === 0x0010 && length === 0xffffffff)
      const items = start < 0 ? [] : elements.slice(start + 1).filter(({ group }) => group === 0xfffe)
      if (items.length === 0) return undefined
      const out = copy(bytes)
      const item = pick(random, items)
      // The first item is the offset table.
      const inside = Math.floor(item.length / 4)
      if (item === items[0] && inside > 0 && inside < 1e6) setInteger(out, item.valueAt + 4 * below(random, inside), 4, true, random)
      else setInteger(out, pick(random, [item.at, item.at + 2, item.lengthAt]), pick(random, [2, 4]), true, random)
      return out
    },
  },
  {
    name: 'DICOM nested sequences',
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const at = pick(random, elementsOf(bytes)).at
      const depth = 1 + someLength(random, 20_000)
      // (0040,A730) SQ of undefined length, then an item of undefined length, again and again.
      const one = Uint8Array.of(0x40, 0, 0x30, 0xa7, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff)
      const nest = new Uint8Array(one.length * depth)
      for (let i = 0; i < depth; i++) nest.set(one, i * one.length)
      return joined(bytes.subarray(0, at), nest, bytes.subarray(at))
    },
  },
  { name: 'DICOM without preamble', apply: (bytes) => (isDicom(bytes) ? bytes.slice(132) : undefined) },
  {
    name: 'DICOM deflated data set',
    apply(bytes, random, others) {
      if (!isDicom(bytes) || !Buffer.from(bytes.subarray(0, 1024)).includes('1.2.840.10008.1.2.1.99')) return undefined
      const end = 144 + viewOf(bytes).getUint32(140, true)
      const inner = inflateRawSync(bytes.subarray(end))
      return joined(bytes.subarray(0, end), deflateRawSync(pick(random, anyFile).apply(inner, random, others)!))
    },
  },
]

/* JPEG and what is built like it; found anywhere in a file, so inside DICOM too */

function jpegSegments(bytes: Uint8Array): { marker: number; at: number; length: number }[] {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0xd8, 0xff))
  const found: { marker: number; at: number; length: number }[] = []
  if (start < 0) return found
  let at = start + 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff && found.length < 200) {
    const marker = bytes[at + 1]!
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    found.push({ marker, at, length })
    if (marker === 0xda) break
    at += 2 + length
  }
  return found
}

const isFrame = (marker: number) => (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7

const jpeg: Mutation[] = [
  {
    name: 'JPEG segment',
    apply(bytes, random) {
      const segments = jpegSegments(bytes)
      if (segments.length === 0) return undefined
      const { marker, at, length } = pick(random, segments)
      const out = copy(bytes)
      if (isFrame(marker) && random.next() < 0.7) setInteger(out, at + pick(random, [4, 5, 7, 9, 10, 11, 12, 13, 14]), pick(random, [1, 2]), false, random)
      else if (random.next() < 0.3) setInteger(out, at + 2, 2, false, random)
      else if (random.next() < 0.2) out[at + 1] = pick(random, [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc9, 0xda, 0xdb, 0xdd, 0xdc, 0xf7, 0xd9, 0xd8])
      else setInteger(out, at + 4 + below(random, Math.max(1, length - 2)), 1, false, random)
      return out
    },
  },
  {
    name: 'JPEG scan repeated',
    apply(bytes, random) {
      const scan = jpegSegments(bytes).find(({ marker }) => marker === 0xda)
      if (!scan) return undefined
      const part = bytes.subarray(scan.at, Math.min(bytes.length, scan.at + someLength(random, 4096)))
      return joined(bytes.subarray(0, scan.at), ...Array.from({ length: 1 + someLength(random, 500) }, () => part), bytes.subarray(scan.at))
    },
  },
  {
    name: 'JPEG 2000 header',
    apply(bytes, random) {
      const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51))
      if (start < 0) return undefined
      const out = copy(bytes)
      // SIZ: size, offset, tile size, tile offset, components, depth and sampling; then COD and what follows.
      for (let n = 1 + below(random, 2); n > 0; n--)
        if (random.next() < 0.6) setInteger(out, start + pick(random, [6, 8, 12, 16, 20, 24, 28, 32, 36]), 4, false, random)
        else setInteger(out, start + 40 + below(random, 80), pick(random, [1, 2]), false, random)
      return out
    },
  },
  {
    name: 'JPEG XL header',
    apply(bytes, random) {
      const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0x0a))
      if (start < 0) return undefined
      const out = copy(bytes)
      for (let n = 1 + below(random, 4); n > 0; n--) out[Math.min(out.length - 1, start + 2 + below(random, 24))]! ^= 1 << below(random, 8)
      return out
    },
  },
]

/* PNG */

const isPng = (bytes: Uint8Array) => bytes.length > 33 && bytes[0] === 0x89 && bytes[1] === 0x50

function pngChunks(bytes: Uint8Array): { type: string; at: number; length: number }[] {
  const found: { type: string; at: number; length: number }[] = []
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = viewOf(bytes).getUint32(at)
    if (at + 12 + length > bytes.length) break
    found.push({ type: Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1'), at, length })
    at += 12 + length
  }
  return found
}

/** Checks of chunks made right again, so that the lie is reached. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  for (const { at, length } of pngChunks(bytes)) viewOf(bytes).setUint32(at + 8 + length, zlibCrc32(bytes.subarray(at + 4, at + 8 + length)))
  return bytes
}

const png: Mutation[] = [
  {
    name: 'PNG header',
    apply(bytes, random) {
      if (!isPng(bytes)) return undefined
      const out = copy(bytes)
      for (let n = 1 + below(random, 2); n > 0; n--) {
        const field = below(random, 7)
        if (field < 2) setInteger(out, 16 + 4 * field, 4, false, random)
        else out[24 + field - 2] = pick(random, [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 255])
      }
      return withChecksums(out)
    },
  },
  {
    name: 'PNG chunk',
    apply(bytes, random) {
      if (!isPng(bytes)) return undefined
      const { type, at, length } = pick(random, pngChunks(bytes))
      const out = copy(bytes)
      if (random.next() < 0.3) setInteger(out, at, 4, false, random)
      else if (random.next() < 0.3) out.set(Buffer.from(pick(random, ['IDAT', 'PLTE', 'tRNS', 'IEND', 'iCCP', 'zTXt', 'acTL', 'fdAT', 'sBIT', 'IHDR'])), at + 4)
      else if (type === 'IDAT' && random.next() < 0.6) return pngWithData(bytes, random)
      else if (length > 0) setInteger(out, at + 8 + below(random, length), 1, false, random)
      return withChecksums(out)
    },
  },
]

/** Its pixel data unpacked, changed and packed again. */
function pngWithData(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  const chunks = pngChunks(bytes)
  const first = chunks.find(({ type }) => type === 'IDAT')!
  let data: Uint8Array
  try {
    data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ at, length }) => bytes.subarray(at + 8, at + 8 + length))))
  } catch {
    return undefined
  }
  const changed = deflateSync(pick(random, anyFile).apply(data, random, [{ name: '', bytes }]) ?? data)
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from('IDAT'), changed, Buffer.alloc(4)])
  chunk.writeUInt32BE(changed.length)
  const end = joined(Uint8Array.of(0, 0, 0, 0), Buffer.from('IEND'), new Uint8Array(4))
  return withChecksums(joined(bytes.subarray(0, first.at), chunk, end))
}

/* TIFF, BMP, WebP, NIfTI */

const pictures: Mutation[] = [
  {
    name: 'TIFF directory',
    apply(bytes, random) {
      const order = Buffer.from(bytes.subarray(0, 2)).toString('latin1')
      if ((order !== 'II' && order !== 'MM') || bytes.length < 16) return undefined
      const littleEndian = order === 'II'
      const out = copy(bytes)
      const view = viewOf(out)
      let directory = view.getUint32(4, littleEndian)
      const directories: number[] = []
      while (directory > 0 && directory + 2 <= out.length && directories.length < 10 && !directories.includes(directory)) {
        directories.push(directory)
        const next = directory + 2 + 12 * view.getUint16(directory, littleEndian)
        directory = next + 4 <= out.length ? view.getUint32(next, littleEndian) : 0
      }
      if (directories.length === 0) return undefined
      const at = pick(random, directories)
      const entries = view.getUint16(at, littleEndian)
      for (let n = 1 + below(random, 2); n > 0; n--) {
        const kind = random.next()
        if (kind < 0.1) setInteger(out, at, 2, littleEndian, random)
        else if (kind < 0.2 && at + 6 + 12 * entries <= out.length) view.setUint32(at + 2 + 12 * entries, pick(random, [at, 8, directories[0]!, out.length]), littleEndian)
        else {
          const [offset, width] = pick(random, [[0, 2], [2, 2], [4, 4], [8, 4], [8, 2], [8, 4]] as const)
          setInteger(out, at + 2 + 12 * below(random, entries) + offset, width, littleEndian, random)
        }
      }
      return out
    },
  },
  {
    name: 'BMP header',
    apply(bytes, random) {
      if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined
      const out = copy(bytes)
      const [at, width] = pick(random, [[2, 4], [10, 4], [14, 4], [18, 4], [22, 4], [26, 2], [28, 2], [30, 4], [34, 4], [46, 4], [50, 4]] as const)
      if (at === 30 && random.next() < 0.7) viewOf(out).setUint32(30, below(random, 7), true)
      else setInteger(out, at, width, true, random)
      return out
    },
  },
  {
    name: 'WebP chunk',
    apply(bytes, random) {
      if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'RIFF') return undefined
      const out = copy(bytes)
      const chunks: number[] = []
      for (let at = 12; at + 8 <= out.length && chunks.length < 50; ) {
        chunks.push(at)
        const length = viewOf(out).getUint32(at + 4, true)
        at += 8 + length + (length & 1)
      }
      const at = pick(random, [4, ...chunks])
      if (at === 4 || random.next() < 0.4) setInteger(out, at === 4 ? 4 : at + 4, 4, true, random)
      else if (random.next() < 0.3) out.set(Buffer.from(pick(random, ['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])), at)
      else setInteger(out, at + 8 + below(random, 16), pick(random, [1, 2, 4]), true, random)
      return out
    },
  },
  {
    name: 'NIfTI header',
    apply(bytes, random) {
      if (bytes.length < 352 || viewOf(bytes).getInt32(0, true) !== 348) return undefined
      return niftiHeader(copy(bytes), random)
    },
  },
  {
    name: 'gzip inside',
    apply(bytes, random, others) {
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined
      let inner: Uint8Array
      try {
        inner = new Uint8Array(gunzipSync(bytes))
      } catch {
        return undefined
      }
      const changed = random.next() < 0.5 && inner.length >= 352 ? niftiHeader(inner, random) : (pick(random, anyFile).apply(inner, random, others) ?? inner)
      return new Uint8Array(gzipSync(changed))
    },
  },
]

function niftiHeader(out: Uint8Array, random: Random): Uint8Array {
  for (let n = 1 + below(random, 2); n > 0; n--) {
    const field = random.next()
    if (field < 0.5) setInteger(out, 40 + 2 * below(random, 8), 2, true, random)
    else if (field < 0.7) viewOf(out).setInt16(70, pick(random, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304]), true)
    else if (field < 0.8) setInteger(out, 72, 2, true, random)
    else viewOf(out).setFloat32(pick(random, [76, 80, 84, 108, 112, 116, 124, 128]), pick(random, [0, -1, NaN, Infinity, 1e30, 352.5, -352, 1e9]), true)
  }
  return out
}

/** General damage comes up as often as knowledge of the format. */
export const mutations: readonly { mutation: Mutation; special: boolean }[] = [
  ...anyFile.map((mutation) => ({ mutation, special: false })),
  ...[...dicom, ...jpeg, ...png, ...pictures].map((mutation) => ({ mutation, special: true })),
]

/** @returns the mutated file and what was done to it */
export function mutate(seed: Seed, random: Random, others: readonly Seed[]): { bytes: Uint8Array; done: string[] } {
  let bytes = seed.bytes
  const done: string[] = []
  const wanted = 1 + below(random, 3)
  for (let tries = 0; tries < 20 && done.length < wanted; tries++) {
    const special = random.next() < 0.6
    const { mutation } = pick(random, mutations.filter((one) => one.special === special))
    let changed: Uint8Array | undefined
    try {
      changed = mutation.apply(bytes, random, others)
    } catch {
      // An earlier mutation took away what this one holds on to.
      continue
    }
    if (!changed || changed.length === 0) continue
    bytes = changed
    done.push(mutation.name)
  }
  return { bytes, done }
}

/**
 * Lies in DICOM files: lengths, the description of the pixels, transfer syntaxes, fragments, nesting.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { anyFile } from './any-file'
import type { Mutation } from './mutation'
import { copy, joined, pick, setInteger, someLength, viewOf } from './mutation'

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

export const dicom: Mutation[] = [
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
      for (let n = 1 + random.integer(2); n > 0; n--) {
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
      if (item === items[0] && inside > 0 && inside < 1e6) setInteger(out, item.valueAt + 4 * random.integer(inside), 4, true, random)
      else setInteger(out, pick(random, [item.at, item.at + 2, item.lengthAt]), pick(random, [2, 4]), true, random)
      return out
    },
  },
  {
    name: 'DICOM codestream',
    // Damage that the structure around it does not show: it reaches the codec.
    apply(bytes, random) {
      if (!isDicom(bytes)) return undefined
      const items = elementsOf(bytes).filter(({ group, length, valueAt }) => group === 0xfffe && length > 16 && length <= bytes.length - valueAt)
      if (items.length === 0) return undefined
      const { valueAt, length } = pick(random, items)
      const out = copy(bytes)
      const inside = out.subarray(valueAt, valueAt + length)
      const from = random.integer(length)
      const kind = random.integer(4)
      if (kind === 0) inside.copyWithin(from, Math.min(length, from + someLength(random, length)))
      else if (kind === 1) inside.fill(pick(random, [0, 0xff, 0x7f]), from, from + someLength(random, length))
      else if (kind === 2) for (let n = 1 + someLength(random, 200); n > 0; n--) inside[random.integer(length)]! ^= 1 << random.integer(8)
      else inside.copyWithin(from, random.integer(length), length)
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
      const inner = inflateRawSync(bytes.subarray(end), { maxOutputLength: 2 ** 26 })
      return joined(bytes.subarray(0, end), deflateRawSync(pick(random, anyFile).apply(inner, random, others)!))
    },
  },
]

/**
 * Elements to bytes (PS3.5, section 7, and PS3.10, 7.1), in each of the encodings: what everything that writes DICOM here
 * is made of. Values come as bytes, so that copies keep them as they were.
 */
import { itemTag, longRepresentations, representations, sequenceEnd } from './element-syntax'
import type { Encoding } from './element-syntax'
import { makeUid } from './uid'

/** Parts of a file in order; joined once, at the end. */
export type Parts = Uint8Array[]

export const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0)

const undefinedLength = 0xffffffff
const zero = new Uint8Array(1)
const space = Uint8Array.of(0x20)

/** Text is padded with a space, identifiers and binary values with a zero (PS3.5, 6.2). */
const padding = (vr: string): Uint8Array => (['UI', 'OB', 'UN', 'OW', 'OV', 'OL', 'OD', 'OF'].includes(vr) ? zero : space)

/** An element with its value; a value of odd length is padded. @throws RangeError for a value that the length cannot tell */
export function element(tag: number, vr: string, value: Uint8Array, encoding: Encoding): Parts {
  const odd = value.length % 2 === 1
  const length = value.length + (odd ? 1 : 0)
  return [header(tag, vr, length, encoding), ...(value.length > 0 ? [value] : []), ...(odd ? [padding(vr)] : [])]
}

/** @param items content of each item, already in this encoding */
export function sequence(tag: number, items: readonly Parts[], encoding: Encoding): Parts {
  const inner = items.flatMap((parts) => [marker(itemTag, lengthOf(parts), encoding.littleEndian), ...parts])
  return [header(tag, 'SQ', lengthOf(inner), encoding), ...inner]
}

/** Encapsulated pixel data, which are OB whatever is compressed (PS3.5, A.4); fragments as they are, offset table first. */
export const encapsulated = (tag: number, fragments: readonly Uint8Array[], encoding: Encoding): Parts => [
  header(tag, 'OB', undefinedLength, encoding),
  ...fragments.flatMap((fragment) => [marker(itemTag, fragment.length + (fragment.length & 1), encoding.littleEndian), fragment, ...(fragment.length % 2 ? [zero] : [])]),
  marker(sequenceEnd, 0, encoding.littleEndian),
]

function marker(tag: number, length: number, littleEndian: boolean): Uint8Array {
  return header(tag, '', length, { littleEndian, explicit: false })
}

function header(tag: number, vr: string, length: number, { littleEndian, explicit }: Encoding): Uint8Array {
  if (length > undefinedLength) throw new RangeError(`An element of DICOM holds no ${length} bytes`)
  const long = explicit && longRepresentations.has(vr)
  if (explicit && !representations.has(vr)) throw new RangeError(`"${vr}" is no value representation`)
  if (explicit && !long && length > 0xffff) return header(tag, 'UN', length, { littleEndian, explicit }) // PS3.5, 6.2.2, note 2
  const out = new Uint8Array(long ? 12 : 8)
  const view = new DataView(out.buffer)
  view.setUint16(0, tag >>> 16, littleEndian)
  view.setUint16(2, tag & 0xffff, littleEndian)
  if (explicit) out.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4)
  if (long) view.setUint32(8, length, littleEndian)
  else if (explicit) view.setUint16(6, length, littleEndian)
  else view.setUint32(4, length, littleEndian)
  return out
}

const littleExplicit: Encoding = { littleEndian: true, explicit: true }
const latin = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Empty preamble and file meta information. */
export function fileMeta(sopClass: string, sopInstance: string, transferSyntax: string): Parts {
  const body = [
    element(0x00020001, 'OB', Uint8Array.of(0, 1), littleExplicit),
    element(0x00020002, 'UI', latin(sopClass), littleExplicit),
    element(0x00020003, 'UI', latin(sopInstance), littleExplicit),
    element(0x00020010, 'UI', latin(transferSyntax), littleExplicit),
    element(0x00020012, 'UI', latin(makeUid('assay implementation class')), littleExplicit),
    element(0x00020013, 'SH', latin('ASSAY'), littleExplicit),
  ].flat()
  const preamble = new Uint8Array(132)
  preamble.set(latin('DICM'), 128)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, lengthOf(body), true)
  return [preamble, ...element(0x00020000, 'UL', length, littleExplicit), ...body]
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

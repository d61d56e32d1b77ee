/**
 * Lookup tables (DICOM PS3.3 C.7.6.3.1.5 and .6, C.11.1.1, C.11.2.1.1): a descriptor of three numbers, and the entries;
 * palettes also in segments (C.7.9.2).
 */
import type { DataSet } from 'dicom-parser'
import { uint16 } from './values'

export interface LookupTable {
  /** Input value of the first entry. */
  first: number
  /** Entries are 0 to 2^bits − 1. */
  bits: number
  values: Uint16Array
}

/** What is wrong with a table, as in "its … <what>". */
export class TableError extends Error {}

export interface TableTags {
  descriptor: string
  data: string
  segmented?: string
}

/**
 * @param signedInput whether values looked up can be negative: decides about the first one where the descriptor does not
 * @throws TableError
 */
export function readLookupTable(dataSet: DataSet, tags: TableTags, signedInput: boolean): LookupTable {
  const [entries, firstBits, declaredBits] = [0, 1, 2].map((index) => uint16(dataSet, tags.descriptor, index))
  if (entries === undefined || firstBits === undefined || declaredBits === undefined) throw new TableError('has no descriptor')
  const length = entries === 0 ? 65536 : entries
  // SS and US are both written for either; what the input can be is the better witness, but SS is never said for nothing.
  const signed = signedInput || dataSet.elements[tags.descriptor]!.vr === 'SS'
  const first = signed ? (firstBits << 16) >> 16 : firstBits
  const bits = declaredBits >= 1 && declaredBits <= 16 ? declaredBits : 16
  const values = tags.segmented !== undefined && has(dataSet, tags.segmented) ? expandSegments(words(dataSet, tags.segmented, bits <= 8), bits <= 8 ? 1 : 2, length) : plainEntries(dataSet, tags.data, length, bits)
  return { first, bits: actualBits(values, bits), values }
}

const has = (dataSet: DataSet, tag: string): boolean => (dataSet.elements[tag]?.length ?? 0) > 0

/** Entries of 8 bits may be written one per word or packed two in a word. */
function plainEntries(dataSet: DataSet, tag: string, length: number, bits: number): Uint16Array {
  const available = dataSet.elements[tag]?.length ?? 0
  if (available === 0) throw new TableError('is missing')
  const packed = bits <= 8 && available < 2 * length
  const values = words(dataSet, tag, packed)
  if (values.length < length) throw new TableError(`holds ${values.length} of ${length} entries`)
  return values.subarray(0, length)
}

/** The values of an element, 8 or 16 bits each; packed bytes are swapped in pairs where words are big endian. */
function words(dataSet: DataSet, tag: string, packed: boolean): Uint16Array {
  const { dataOffset, length, vr } = dataSet.elements[tag]!
  if (!packed) return Uint16Array.from({ length: length >> 1 }, (_, i) => dataSet.uint16(tag, i)!)
  const swapped = vr !== 'OB' && dataSet.byteArrayParser.readUint16(Uint8Array.of(0, 1), 0) === 1 ? 1 : 0
  return Uint16Array.from({ length: length - (swapped && length % 2) }, (_, i) => dataSet.byteArray[dataOffset + (i ^ swapped)]!)
}

/** What the entries need, and no more than that where 16 bits are declared for values of 8: writers mix the two up. */
function actualBits(values: Uint16Array, declared: number): number {
  const largest = values.reduce((most, value) => Math.max(most, value), 0)
  const needed = largest < 256 ? 8 : 32 - Math.clz32(largest)
  return declared === 16 && needed === 8 && largest > 0 ? 8 : declared < needed ? (declared <= 8 ? 16 : needed) : declared
}

/**
 * Discrete, linear and indirect segments (C.7.9.2) as plain entries. Every segment adds one entry at least, so that the
 * work is bounded by the table's length.
 * @param wide bytes of each of `data`'s values in the file
 */
function expandSegments(data: Uint16Array, wide: 1 | 2, length: number): Uint16Array {
  const out = new Uint16Array(length)
  /** Where each segment begins in `data`. */
  const starts = new Map<number, number>()
  const order: number[] = []
  let filled = 0
  const take = (at: number): number => {
    const value = data[at]
    if (value === undefined) throw new TableError('ends in the middle of a segment')
    return value
  }
  const push = (value: number): void => {
    if (filled === length) throw new TableError(`has more than its ${length} entries`)
    out[filled++] = value
  }
  /** Expands the discrete or linear segment at a place, and returns where the next one begins. */
  const expand = (at: number): number => {
    const kind = take(at)
    const count = take(at + 1)
    if (count === 0) throw new TableError('has a segment of no length')
    if (kind === 0) {
      for (let i = 0; i < count; i++) push(take(at + 2 + i))
      return at + 2 + count
    }
    if (kind !== 1) throw new TableError('has a segment of no known kind')
    if (filled === 0) throw new TableError('begins with a line from nowhere')
    const from = out[filled - 1]!
    const to = take(at + 2)
    for (let i = 1; i <= count; i++) push(Math.round(from + ((to - from) * i) / count))
    return at + 3
  }
  for (let at = 0; at < data.length && filled < length; ) {
    starts.set(at, order.length)
    order.push(at)
    if (take(at) !== 2) {
      at = expand(at)
      continue
    }
    const copies = take(at + 1)
    // In bytes from the table's beginning, least significant part first.
    let offset = 0
    for (let part = 0; part < 4 / wide; part++) offset += take(at + 2 + part) * 2 ** (8 * wide * part)
    const first = starts.get(offset / wide)
    if (copies === 0 || first === undefined || first + copies >= order.length) throw new TableError('refers to segments that do not come before')
    for (let i = first; i < first + copies; i++) expand(order[i]!)
    at += 2 + 4 / wide
  }
  if (filled < length) throw new TableError(`holds ${filled} of ${length} entries`)
  return out
}

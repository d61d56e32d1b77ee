/**
 * The elements of a DICOM data set with their places in the file (PS3.5, section 7): what tags are listed from, and what
 * copies are made of byte by byte. Beside dicom-parser, which reads images: that one does not say where an item or a
 * fragment begins and ends, does not know names, and guesses at sequences of implicit value representation.
 *
 * Strict: an element that reaches beyond what contains it is an error, never a shorter element.
 */
import { corrupt, truncated } from '../errors'
import type { AttributeName, Dictionary } from './dictionary'

export interface Encoding {
  littleEndian: boolean
  explicit: boolean
}

export interface Span {
  start: number
  end: number
}

export interface DicomElement {
  /** 0xGGGGEEEE. */
  tag: number
  /** As the file says it; by the dictionary where it does not; UN where neither knows. */
  vr: string
  /** The value's bytes, without delimiters. */
  value: Span
  /** How the element is written, and its value where that is binary. */
  encoding: Encoding
  items?: DicomItem[]
  /** Of encapsulated pixel data: offset table first. */
  fragments?: Span[]
}

export interface DicomItem {
  elements: DicomElement[]
}

export interface ReadElements {
  elements: DicomElement[]
  /** Set where reading stopped early, and why; what was read until then is whole. */
  stopped?: 'count' | 'depth' | 'damage'
}

export interface ReadOptions {
  dictionary: Dictionary
  /** Elements and items together; a file with more is refused, or with `lenient` read so far. */
  limit: number
  /** Nested sequences are refused beyond this, or with `lenient` left out. */
  depth: number
  /** Stop at what is damaged or too much, and say so, in place of throwing. */
  lenient?: boolean
}

export const pixelDataTag = 0x7fe00010
export const itemTag = 0xfffee000
export const itemEnd = 0xfffee00d
export const sequenceEnd = 0xfffee0dd
const undefinedLength = 0xffffffff

/** Value representations with a length of 32 bits after two reserved bytes (PS3.5, 7.1.2). */
export const longRepresentations: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))
export const representations: ReadonlySet<string> = new Set([...longRepresentations, ...'AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' ')])

const implicitLittleEndian: Encoding = { littleEndian: true, explicit: false }

class Stop extends Error {
  constructor(readonly why: 'count' | 'depth' | 'damage') {
    super(why)
  }
}

/**
 * @param range of `bytes` that holds the data set
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function readElements(bytes: Uint8Array, range: Span, encoding: Encoding, name: string, options: ReadOptions): ReadElements {
  const reader = new ElementReader(bytes, name, options)
  const elements: DicomElement[] = []
  try {
    reader.dataSet(range.start, range.end, encoding, elements, 0)
  } catch (error) {
    if (error instanceof Stop) return { elements, stopped: error.why }
    throw error
  }
  return { elements }
}

/** Blocks of private elements and their makers, as far as they were met (PS3.5, 7.8.1). */
export class PrivateCreators {
  private readonly creators = new Map<number, string>()

  meet(tag: number, value: Uint8Array): void {
    if (isPrivateCreator(tag)) this.creators.set(tag, new TextDecoder('latin1').decode(value).replace(/[\0 ]+$/, ''))
  }

  of(tag: number): string | undefined {
    return this.creators.get(((tag & 0xffff0000) | ((tag >>> 8) & 0xff)) >>> 0)
  }
}

export const isPrivate = (tag: number): boolean => (tag >>> 16) % 2 === 1
export const isPrivateCreator = (tag: number): boolean => isPrivate(tag) && (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff

/** An element whose header is read. */
interface Begun {
  element: DicomElement
  /** Reads what lies inside; set for sequences and fragments. */
  fill?: () => void
  /** Where it ends, known once it is filled. */
  end: () => number
}

class ElementReader {
  private readonly view: DataView
  private count = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
    private readonly options: ReadOptions,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /**
   * Reads elements into `into` until `end`, or until the end of the item where `open`. Returns where reading ended. What
   * is too short for an element at the end of a file is padding.
   */
  dataSet(start: number, end: number, encoding: Encoding, into: DicomElement[], depth: number, open = false): number {
    const creators = new PrivateCreators()
    let signed = false
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      if (open && tag === itemEnd) return at + 8
      if (tag >>> 16 === 0xfffe) {
        // A delimiter that nothing opened; some writers leave them behind sequences of defined length.
        if (tag === itemTag || this.view.getUint32(at + 4, encoding.littleEndian) !== 0) this.damaged('an item stands where an element should')
        at += 8
        continue
      }
      this.tally()
      const read = this.element(at, end, tag, encoding, creators, signed, depth)
      into.push(read.element)
      read.fill?.()
      at = read.end()
      const { value } = read.element
      creators.meet(tag, this.bytes.subarray(value.start, value.end))
      if (tag === 0x00280103 && value.end - value.start >= 2) signed = this.view.getUint16(value.start, encoding.littleEndian) === 1
    }
    if (open) this.cut('an item of its data set has no end')
    if (depth > 0 && at !== end) this.damaged('an item of its data set is longer than what it holds')
    return at
  }

  private element(at: number, end: number, tag: number, encoding: Encoding, creators: PrivateCreators, signed: boolean, depth: number): Begun {
    const { vr, length, start } = this.header(at, end, tag, encoding, creators, signed)
    if (length !== undefinedLength && length > end - start) {
      if (depth === 0) this.cut(`an element declares ${length} bytes, of which ${Math.max(0, end - start)} are there`)
      this.damaged('an element reaches beyond the item that holds it')
    }
    const element: DicomElement = { tag, vr, value: { start, end: start + (length === undefinedLength ? 0 : length) }, encoding }
    let after = element.value.end
    const leaf = { element, end: () => after }
    if (vr === 'UN' && length !== undefinedLength && encoding.explicit && this.known(tag, creators)?.vr === 'SQ') {
      const items = this.hiddenItems(element, depth)
      if (items) element.items = items
      return leaf
    }
    if (vr !== 'SQ' && length !== undefinedLength) return leaf
    // Filled after the element stands in its place: what was read before a stop is kept.
    const fill = (): void => {
      if (tag === pixelDataTag || (length === undefinedLength && (vr === 'OB' || vr === 'OW'))) {
        element.fragments = []
        after = this.fragments(start, end, encoding, element)
        return
      }
      // Unknown to the writer and of undefined length: a sequence, written implicitly whatever the rest is (PS3.5, 6.2.2).
      const inner = vr === 'UN' ? implicitLittleEndian : encoding
      element.items = []
      after = this.items(start, length === undefinedLength ? end : start + length, length === undefinedLength, inner, element, depth + 1)
    }
    return { ...leaf, fill }
  }

  private known(tag: number, creators: PrivateCreators): AttributeName | undefined {
    if (!isPrivate(tag)) return this.options.dictionary.standard(tag)
    const creator = creators.of(tag)
    return creator === undefined ? undefined : this.options.dictionary.private(tag, creator)
  }

  /** Items of a sequence that somebody rewrote as UN without knowing it; undefined where it is none after all. */
  private hiddenItems({ tag, value }: DicomElement, depth: number): DicomItem[] | undefined {
    const attempt: DicomElement = { tag, vr: 'SQ', value: { ...value }, encoding: implicitLittleEndian, items: [] }
    try {
      this.items(value.start, value.end, false, implicitLittleEndian, attempt, depth + 1)
      return attempt.items
    } catch {
      return undefined
    }
  }

  private header(at: number, end: number, tag: number, encoding: Encoding, creators: PrivateCreators, signed: boolean) {
    const { littleEndian } = encoding
    if (encoding.explicit) {
      const vr = String.fromCharCode(this.bytes[at + 4]!, this.bytes[at + 5]!)
      const known = representations.has(vr)
      if (known && !longRepresentations.has(vr)) return { vr, length: this.view.getUint16(at + 6, littleEndian), start: at + 8 }
      // Representations to come have long lengths (PS3.5, 7.1.2).
      if (known || /^[A-Z]{2}$/.test(vr)) {
        if (at + 12 > end) this.cut('its data set ends in the middle of an element')
        return { vr: known ? vr : 'UN', length: this.view.getUint32(at + 8, littleEndian), start: at + 12 }
      }
    }
    const length = this.view.getUint32(at + 4, littleEndian)
    return { vr: isPrivateCreator(tag) ? 'LO' : settled(this.known(tag, creators)?.vr ?? 'UN', signed, length), length, start: at + 8 }
  }

  private items(start: number, end: number, open: boolean, encoding: Encoding, parent: DicomElement, depth: number): number {
    if (depth > this.options.depth) this.stop('depth', 'its sequences are nested too deep')
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      const length = this.view.getUint32(at + 4, encoding.littleEndian)
      if (tag === sequenceEnd) {
        parent.value.end = at
        return open ? at + 8 : end
      }
      if (tag !== itemTag) this.damaged('something else stands where an item of a sequence should')
      this.tally()
      const item: DicomItem = { elements: [] }
      parent.items!.push(item)
      if (length === undefinedLength) at = this.dataSet(at + 8, end, encoding, item.elements, depth, true)
      else {
        if (length > end - at - 8) this.damaged('an item reaches beyond its sequence')
        this.dataSet(at + 8, at + 8 + length, encoding, item.elements, depth)
        at += 8 + length
      }
    }
    if (open) this.cut('a sequence of its data set has no end')
    if (at !== end) this.damaged('a sequence is longer than what it holds')
    return at
  }

  private fragments(start: number, end: number, { littleEndian }: Encoding, parent: DicomElement): number {
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, { littleEndian, explicit: true })
      const length = this.view.getUint32(at + 4, littleEndian)
      parent.value.end = at
      if (tag === sequenceEnd) return at + 8
      if (tag !== itemTag) this.damaged('something else stands where a fragment of its pixels should')
      if (length > end - at - 8) this.cut(`a fragment of its pixels declares ${length} bytes, of which ${end - at - 8} are there`)
      this.tally()
      parent.fragments!.push({ start: at + 8, end: at + 8 + length })
      at += 8 + length
      parent.value.end = at
    }
    this.cut('its compressed pixels have no end')
  }

  private tag(at: number, { littleEndian }: Encoding): number {
    return ((this.view.getUint16(at, littleEndian) << 16) | this.view.getUint16(at + 2, littleEndian)) >>> 0
  }

  private tally(): void {
    if (++this.count > this.options.limit) this.stop('count', `it has more than ${this.options.limit} elements`)
  }

  private stop(why: 'count' | 'depth', what: string): never {
    throw this.options.lenient ? new Stop(why) : corrupt(this.name, what, { format: 'dicom' })
  }

  private damaged(what: string): never {
    throw this.options.lenient ? new Stop('damage') : corrupt(this.name, what, { format: 'dicom' })
  }

  private cut(what: string): never {
    throw this.options.lenient ? new Stop('damage') : truncated(this.name, what, { format: 'dicom' })
  }
}

/** What the dictionary leaves to the data set: lookup tables and pixel values of either sign. */
function settled(vr: string, signed: boolean, length: number): string {
  if (vr === 'xs') return signed ? 'SS' : 'US'
  if (vr === 'ox' || vr === 'lt') return 'OW'
  // Retired attributes without a known representation.
  if (!representations.has(vr)) return length === undefinedLength ? 'SQ' : 'UN'
  return vr
}

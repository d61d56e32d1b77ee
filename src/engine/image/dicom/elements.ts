/**
 * All elements of a DICOM data set with their places in the file (PS3.5, section 7): what tags are listed from, and what
 * copies are made of byte by byte. structure.ts reads what images need and stops at the pixels; here the dictionary has a
 * say, so that also implicit data sets show which values are sequences, and nothing that a copy would carry is passed over.
 *
 * An element that reaches beyond what contains it is an error, never a shorter element.
 */
import { corrupt, truncated } from '../errors'
import type { AttributeName, Dictionary } from './dictionary'
import { implicitVr, isPrivate, itemEnd, itemTag, pixelDataTag, representations, sequenceEnd, undefinedLength } from './element-syntax'
import type { Encoding } from './element-syntax'
import { HeaderReader } from './headers'
import type { Header } from './headers'

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
  /** First tag at top level that is not wanted any more. */
  until?: number
}

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
  /** Most items have none. */
  private creators: Map<number, string> | undefined

  meet(tag: number, value: Uint8Array): void {
    if (isPrivateCreator(tag)) (this.creators ??= new Map()).set(tag, new TextDecoder('latin1').decode(value).replace(/[\0 ]+$/, ''))
  }

  of(tag: number): string | undefined {
    return this.creators?.get(((tag & 0xffff0000) | ((tag >>> 8) & 0xff)) >>> 0)
  }
}

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
  private readonly headers: HeaderReader
  private readonly view: DataView
  private count = 0
  /** From here on the file is zeros. */
  private readonly zerosFrom: number

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
    private readonly options: ReadOptions,
  ) {
    this.headers = new HeaderReader(bytes)
    this.view = this.headers.view
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end--
    this.zerosFrom = end
  }

  /** Reads elements into `into` until `end`, or until the end of the item where `open`. Returns where reading ended. */
  dataSet(start: number, end: number, encoding: Encoding, into: DicomElement[], depth: number, open = false): number {
    const creators = new PrivateCreators()
    let signed = false
    let at = start
    while (at + 8 <= end) {
      const tag = this.headers.tag(at, encoding)
      if (open && tag === itemEnd) return at + 8
      // Files that were stored in blocks are padded.
      if (depth === 0 && (at >= this.zerosFrom || tag >= (this.options.until ?? Infinity))) return end
      if (tag >>> 16 === 0xfffe) {
        // A delimiter that nothing opened; some writers leave them behind sequences of defined length.
        if (tag === itemTag || this.view.getUint32(at + 4, encoding.littleEndian) !== 0) this.damaged('an item stands where an element should')
        at += 8
        continue
      }
      this.tally()
      const { element, fill, end: ended } = this.begin(at, end, encoding, creators, signed, depth)
      into.push(element)
      // Filled when it stands in its place, so that what was read before a stop is kept.
      fill?.()
      at = ended()
      const { value } = element
      if (isPrivateCreator(tag)) creators.meet(tag, this.bytes.subarray(value.start, value.end))
      if (tag === 0x00280103 && value.end - value.start >= 2) signed = this.view.getUint16(value.start, encoding.littleEndian) === 1
    }
    if (open) this.cut(end, 'an item of a sequence has no end')
    if (at < end && (depth > 0 || at < this.zerosFrom)) this.cut(end, 'its DICOM data set ends in the middle of an element')
    return at
  }

  private begin(at: number, end: number, encoding: Encoding, creators: PrivateCreators, signed: boolean, depth: number): Begun {
    const header = this.header(at, end, encoding)
    const { tag, length, dataOffset: start } = header
    const valueEnd = start + length
    const vr = header.vr ?? (isPrivateCreator(tag) ? 'LO' : settled(this.known(tag, creators)?.vr ?? 'UN', signed, length))
    if (length === undefinedLength) {
      const element: DicomElement = { tag, vr, value: { start, end: start }, encoding }
      let after = start
      const fragmented = tag === pixelDataTag || (header.vr !== undefined && vr !== 'SQ' && vr !== 'UN')
      const fill = (): void => {
        after = fragmented ? this.fragments(start, end, encoding, element) : this.items(start, end, vr === 'UN' ? implicitVr : encoding, element, depth + 1, true)
      }
      return { element, fill, end: () => after }
    }
    if (valueEnd > end) this.cut(end, `an element declares ${length} bytes, of which ${Math.max(0, end - start)} are there`)
    const element: DicomElement = { tag, vr, value: { start, end: valueEnd }, encoding }
    const begun = { element, end: () => this.headers.after(header, end, encoding) }
    if (vr === 'SQ' && (length === 0 || this.beginsItem(start, valueEnd, encoding))) {
      if (isPrivate(tag)) return { ...begun, fill: () => void this.hiddenItems(element, depth, [encoding]) }
      return { ...begun, fill: () => void this.items(start, valueEnd, encoding, element, depth + 1, false) }
    }
    if (vr === 'UN' && this.known(tag, creators)?.vr === 'SQ') return { ...begun, fill: () => this.hiddenItems(element, depth, [implicitVr, encoding]) }
    return begun
  }

  private header(at: number, end: number, encoding: Encoding): Header {
    return this.headers.header(at, end, encoding) ?? this.cut(end, 'its DICOM data set ends in the middle of an element')
  }

  private known(tag: number, creators: PrivateCreators): AttributeName | undefined {
    if (!isPrivate(tag)) return this.options.dictionary.standard(tag)
    const creator = creators.of(tag)
    return creator === undefined ? undefined : this.options.dictionary.private(tag, creator)
  }

  private beginsItem(at: number, end: number, encoding: Encoding): boolean {
    return at + 8 <= end && this.headers.tag(at, encoding) === itemTag
  }

  /** Items where there may be none: of a maker's own sequence, or of one that somebody rewrote as UN (PS3.5, 6.2.2). */
  private hiddenItems(element: DicomElement, depth: number, encodings: readonly Encoding[]): void {
    const { start, end } = element.value
    for (const encoding of encodings) {
      const attempt: DicomElement = { ...element, value: { start, end } }
      try {
        if (!this.beginsItem(start, end, encoding)) continue
        this.items(start, end, encoding, attempt, depth + 1, false)
        element.items = attempt.items!
        return
      } catch (error) {
        if (error instanceof Stop && error.why === 'count') throw error
      }
    }
  }

  private items(start: number, end: number, encoding: Encoding, parent: DicomElement, depth: number, open: boolean): number {
    if (depth > this.options.depth) this.stop('depth', 'its sequences are nested too deep')
    parent.items = []
    let at = start
    while (at + 8 <= end) {
      const tag = this.headers.tag(at, encoding)
      const length = this.view.getUint32(at + 4, encoding.littleEndian)
      parent.value.end = at
      if (tag === sequenceEnd) return at + 8
      if (tag !== itemTag) this.damaged('something else stands where an item of a sequence should')
      this.tally()
      const item: DicomItem = { elements: [] }
      parent.items.push(item)
      if (length === undefinedLength) at = this.dataSet(at + 8, end, encoding, item.elements, depth, true)
      else {
        if (length > end - at - 8) this.cut(end, 'an item reaches beyond its sequence')
        this.dataSet(at + 8, at + 8 + length, encoding, item.elements, depth)
        at += 8 + length
      }
    }
    if (open) this.cut(end, 'a sequence has no end')
    if (at !== end) this.damaged('a sequence is longer than what it holds')
    parent.value.end = end
    return at
  }

  private fragments(start: number, end: number, encoding: Encoding, parent: DicomElement): number {
    parent.fragments = []
    let at = start
    while (at + 8 <= end) {
      const tag = this.headers.tag(at, encoding)
      const length = this.view.getUint32(at + 4, encoding.littleEndian)
      parent.value.end = at
      if (tag === sequenceEnd) return at + 8
      if (tag !== itemTag) this.damaged('something else stands where a fragment should')
      if (length > end - at - 8) this.cut(end, `a fragment declares ${length} bytes, of which ${end - at - 8} are there`)
      this.tally()
      parent.fragments.push({ start: at + 8, end: at + 8 + length })
      at += 8 + length
    }
    return this.cut(end, 'a sequence of fragments has no end')
  }

  private tally(): void {
    if (++this.count > this.options.limit) this.stop('count', `it has more than ${this.options.limit} elements`)
  }

  private stop(why: 'count' | 'depth', what: string): never {
    throw this.options.lenient ? new Stop(why) : corrupt(this.name, what, { format: 'dicom' })
  }

  private damaged(what: string): never {
    throw this.options.lenient ? new Stop('damage') : corrupt(this.name, `in its DICOM data set ${what}`, { format: 'dicom' })
  }

  /** What reaches beyond the file was cut; what reaches beyond an item is wrong. */
  private cut(end: number, what: string): never {
    if (end !== this.bytes.length) this.damaged(what)
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

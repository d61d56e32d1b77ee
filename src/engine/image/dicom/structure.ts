/**
 * The structure of a DICOM data set (PS3.5, section 7) as dicom-parser's data sets, whose accessors then read the values.
 *
 * dicom-parser's own readers are not used for it: they take OV, SV and UV for short forms, call themselves without limit
 * on nested sequences, and give up on what many files of the world have: a VR that does not exist, an odd length without its
 * pad byte, an implicit element among explicit ones. Here every element is taken as it is written if what follows is an
 * element too; elsewhere the next best reading is tried, and none is an error.
 */
import dicomParser from 'dicom-parser'
import type { ByteArrayParser, DataSet, Element } from 'dicom-parser'
import { corrupt, truncated } from '../errors'
import { implicitVr, isDelimiter, isPrivate, itemEnd, itemTag, pixelDataTag, representations, sequenceEnd, undefinedLength } from './element-syntax'
import type { Encoding } from './element-syntax'
import { HeaderReader } from './headers'
import type { Header } from './headers'

/** Pixel data, as integers, floats and doubles: an image has one of them, and what lies behind is not read. */
const pixels = new Set([pixelDataTag, 0x7fe00008, 0x7fe00009])

/** Sequences within sequences; structured reports reach some thirty. */
const maximumDepth = 64
/** Elements and items of one file; a functional group of each of 100,000 frames is a million. */
const maximumElements = 2 * 2 ** 20

/** The constructor exists at run time; the package's types declare the interface only. */
const { DataSet: ParsedDataSet } = dicomParser as unknown as { DataSet: new (parser: ByteArrayParser, bytes: Uint8Array, elements: DataSet['elements']) => DataSet }

/**
 * Elements of the data set up to and including pixel data, of which the header alone is read: its length may be undefined.
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function readStructure(bytes: Uint8Array, start: number, encoding: Encoding, name: string): DataSet {
  return new StructureReader(bytes, name).topLevel(start, encoding)
}

class StructureReader extends HeaderReader {
  private count = 0
  /** From here on the file is zeros; looked for once, and only where a zero stands for a tag. */
  private zerosFrom: number | undefined
  /** Keys of elements, each made once. */
  private readonly keys = new Map<number, string>()

  constructor(
    bytes: Uint8Array,
    private readonly name: string,
  ) {
    super(bytes)
  }

  topLevel(start: number, encoding: Encoding): DataSet {
    const dataSet = this.empty(encoding)
    const end = this.bytes.length
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      // Nothing may stand there but padding; it does in files that were stored in blocks.
      if (tag === 0 && at > start && this.onlyZeros(at)) return dataSet
      if (isDelimiter(tag) && this.view.getUint32(at + 4, encoding.littleEndian) === 0) {
        at += 8 // left behind by a writer that delimits what has a length
        continue
      }
      const header = this.header(at, end, encoding)
      if (header && pixels.has(tag)) {
        this.add(dataSet, header)
        return dataSet
      }
      if (!header || (header.length !== undefinedLength && header.length > end - header.dataOffset))
        throw truncated(this.name, 'its DICOM data set ends in the middle of an element', { format: 'dicom' })
      at = this.element(dataSet, header, end, encoding, 0)
    }
    if (at < end && !this.onlyZeros(at)) throw truncated(this.name, 'its DICOM data set ends in the middle of an element', { format: 'dicom' })
    return dataSet
  }

  private onlyZeros(from: number): boolean {
    if (this.zerosFrom === undefined) {
      this.zerosFrom = this.bytes.length
      while (this.zerosFrom > 0 && this.bytes[this.zerosFrom - 1] === 0) this.zerosFrom--
    }
    return from >= this.zerosFrom
  }

  private empty({ littleEndian }: Encoding): DataSet {
    return new ParsedDataSet(littleEndian ? dicomParser.littleEndianByteArrayParser : dicomParser.bigEndianByteArrayParser, this.bytes, {})
  }

  private add(dataSet: DataSet, { tag, vr, length, dataOffset }: Header): Element {
    if (++this.count > maximumElements) throw corrupt(this.name, `it has more than ${maximumElements} elements`, { format: 'dicom' })
    let key = this.keys.get(tag)
    if (key === undefined) this.keys.set(tag, (key = `x${tag.toString(16).padStart(8, '0')}`))
    const element: Element = { tag: key, length, dataOffset }
    if (vr !== undefined) element.vr = vr
    if (length === undefinedLength) element.hadUndefinedLength = true
    dataSet.elements[key] = element
    return element
  }

  /** Adds the element, whose value lies within `end` unless its length is undefined, and returns where the next one begins. */
  private element(dataSet: DataSet, header: Header, end: number, encoding: Encoding, depth: number): number {
    const { tag, vr, length, dataOffset } = header
    const element = this.add(dataSet, header)
    const valueEnd = dataOffset + length
    if (length === undefinedLength) {
      const fragments = tag === pixelDataTag || (vr !== undefined && vr !== 'SQ' && vr !== 'UN')
      const next = fragments ? this.fragments(dataOffset, end, encoding) : this.sequence(element, dataOffset, end, this.inside(vr, dataOffset, end, encoding), depth + 1, true)
      element.length = next - 8 - dataOffset
      return next
    }
    const items = length >= 8 && (vr === 'SQ' || ((vr === undefined || vr === 'UN') && this.beginsItem(dataOffset, valueEnd, encoding)))
    if (items) {
      const before = this.count
      try {
        this.sequence(element, dataOffset, valueEnd, this.inside(vr, dataOffset, valueEnd, encoding), depth + 1, false)
      } catch (error) {
        // What a public sequence says about the image cannot be left out in silence; a maker's own can.
        if (!isPrivate(tag)) throw error
        delete element.items
        this.count = before
      }
    } else if (vr === 'SQ') element.items = []
    return this.after(header, end, encoding)
  }

  private beginsItem(at: number, end: number, encoding: Encoding): boolean {
    if (this.tag(at, encoding) !== itemTag) return false
    const length = this.view.getUint32(at + 4, encoding.littleEndian)
    return length === undefinedLength || length <= end - at - 8
  }

  /**
   * What is UN is implicit little endian inside, whatever stands around it (PS3.5, 6.2.2, note 2), and so is what has no
   * VR; some writers leave the VRs inside all the same.
   */
  private inside(vr: string | undefined, start: number, end: number, encoding: Encoding): Encoding {
    if (vr === 'SQ' || (vr === undefined && !encoding.explicit)) return encoding
    const explicit = { littleEndian: true, explicit: true }
    const firstInItem = start + 8
    const letters = firstInItem + 8 <= end ? String.fromCharCode(this.bytes[firstInItem + 4]!, this.bytes[firstInItem + 5]!) : ''
    if (!representations.has(letters)) return implicitVr
    const reading = this.likeliest(firstInItem, end, explicit)
    return reading && reading.length <= end - reading.dataOffset ? explicit : implicitVr
  }

  /** Items between `start` and `end`, or to the delimiter where `open`; returns where the next element begins. */
  private sequence(element: Element, start: number, end: number, encoding: Encoding, depth: number, open: boolean): number {
    if (depth > maximumDepth) throw corrupt(this.name, 'its sequences are nested too deep', { format: 'dicom' })
    const items: Element[] = (element.items = [])
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      const length = this.view.getUint32(at + 4, encoding.littleEndian)
      if (tag === sequenceEnd) return at + 8
      if (tag !== itemTag) throw this.damaged('something else stands where an item of a sequence should')
      if (length !== undefinedLength && length > end - at - 8) throw this.beyond(end, 'an item reaches beyond its sequence')
      const dataSet = this.empty(encoding)
      if (++this.count > maximumElements) throw corrupt(this.name, `it has more than ${maximumElements} elements`, { format: 'dicom' })
      const item: Element = { tag: 'xfffee000', length, dataOffset: at + 8, dataSet }
      items.push(item)
      if (length === undefinedLength) {
        item.hadUndefinedLength = true
        at = this.item(dataSet, at + 8, end, encoding, depth, true)
        item.length = at - 8 - item.dataOffset
      } else {
        this.item(dataSet, at + 8, at + 8 + length, encoding, depth, false)
        at += 8 + length
      }
    }
    if (open) throw this.beyond(end, 'a sequence has no end')
    if (at !== end) throw this.damaged('a sequence is longer than what it holds')
    return at
  }

  private item(dataSet: DataSet, start: number, end: number, encoding: Encoding, depth: number, open: boolean): number {
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      if (isDelimiter(tag)) {
        if (tag === itemEnd && open) return at + 8
        if (tag === itemTag || this.view.getUint32(at + 4, encoding.littleEndian) !== 0) throw this.damaged('an item stands where an element should')
        at += 8
        continue
      }
      const header = this.header(at, end, encoding)
      if (!header || (header.length !== undefinedLength && header.length > end - header.dataOffset)) throw this.beyond(end, 'an element reaches beyond what holds it')
      at = this.element(dataSet, header, end, encoding, depth)
    }
    if (open) throw this.beyond(end, 'an item of a sequence has no end')
    if (at !== end) throw this.damaged('an item of a sequence is longer than what it holds')
    return at
  }

  /** Encapsulated bytes in a sequence's clothes, an icon's for example. */
  private fragments(start: number, end: number, encoding: Encoding): number {
    let at = start
    while (at + 8 <= end) {
      const tag = this.tag(at, encoding)
      const length = this.view.getUint32(at + 4, encoding.littleEndian)
      if (tag === sequenceEnd) return at + 8
      if (tag !== itemTag) throw this.damaged('something else stands where a fragment should')
      if (length > end - at - 8) throw this.beyond(end, 'a fragment reaches beyond what holds it')
      at += 8 + length
    }
    throw this.beyond(end, 'a sequence of fragments has no end')
  }

  private damaged = (what: string) => corrupt(this.name, `in its DICOM data set ${what}`, { format: 'dicom' })

  /** What reaches beyond the file was cut; what reaches beyond an item is wrong. */
  private beyond(end: number, what: string) {
    return end === this.bytes.length ? truncated(this.name, `in its DICOM data set ${what}`, { format: 'dicom' }) : this.damaged(what)
  }
}

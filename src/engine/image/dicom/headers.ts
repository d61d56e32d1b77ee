/**
 * Headers of DICOM elements (PS3.5, 7.1), and which one is meant where a file's can be read in several ways: the one that
 * another element follows.
 */
import { isDelimiter, longRepresentations, pixelDataTag, representations, undefinedLength } from './element-syntax'
import type { Encoding } from './element-syntax'

export interface Header {
  /** 0xGGGGEEEE. */
  tag: number
  /** Undefined where the file does not say it. */
  vr?: string
  length: number
  dataOffset: number
}

/** Headers of elements, one at a time, and the ways in which one can be read. */
export class HeaderReader {
  readonly view: DataView

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  tag(at: number, { littleEndian }: Encoding): number {
    return ((this.view.getUint16(at, littleEndian) << 16) | this.view.getUint16(at + 2, littleEndian)) >>> 0
  }

  /** The element at `at` as it is most likely meant; undefined where there is no room for it. Needs eight bytes. */
  likeliest(at: number, end: number, encoding: Encoding): Header | undefined {
    const tag = this.tag(at, encoding)
    if (!encoding.explicit || isDelimiter(tag)) return this.implicitly(at, tag, encoding)
    const letters = this.letters(at)
    if (longRepresentations.has(letters)) return this.longForm(at, end, tag, letters, encoding)
    if (representations.has(letters)) return this.shortForm(at, tag, letters, encoding)
    // Representations to come have the long form (PS3.5, 7.1.2).
    return /^[A-Z]{2}$/.test(letters) ? this.longForm(at, end, tag, 'UN', encoding) : this.implicitly(at, tag, encoding)
  }

  /** The same element in every other way in which it can be read. */
  private others(at: number, end: number, encoding: Encoding): Header[] {
    const tag = this.tag(at, encoding)
    const letters = this.letters(at)
    if (!encoding.explicit || isDelimiter(tag) || (representations.has(letters) && !longRepresentations.has(letters))) return []
    const short = this.shortForm(at, tag, representations.has(letters) ? letters : 'UN', encoding)
    // Reserved bytes are zero, or the form is the short one.
    if (/^[A-Z]{2}$/.test(letters)) return this.view.getUint16(at + 6, encoding.littleEndian) === 0 ? [] : [short]
    const long = this.longForm(at, end, tag, 'UN', encoding)
    return long ? [short, long] : [short]
  }

  private implicitly(at: number, tag: number, { littleEndian }: Encoding): Header {
    return { tag, length: this.view.getUint32(at + 4, littleEndian), dataOffset: at + 8 }
  }

  private shortForm(at: number, tag: number, vr: string, { littleEndian }: Encoding): Header {
    return { tag, vr, length: this.view.getUint16(at + 6, littleEndian), dataOffset: at + 8 }
  }

  private longForm(at: number, end: number, tag: number, vr: string, { littleEndian }: Encoding): Header | undefined {
    return at + 12 > end ? undefined : { tag, vr, length: this.view.getUint32(at + 8, littleEndian), dataOffset: at + 12 }
  }

  /** True where an element that follows `tag` can begin, or where the range ends. */
  private canFollow(tag: number, at: number, end: number, encoding: Encoding): boolean {
    if (at === end) return true
    if (at + 8 > end) return false
    const next = this.tag(at, encoding)
    return next > tag || isDelimiter(next)
  }

  /** The same, and with a VR that exists or a length that fits: what follows by chance rarely has. */
  private follows(tag: number, at: number, end: number, encoding: Encoding): boolean {
    if (at === end || !this.canFollow(tag, at, end, encoding)) return at === end
    if (isDelimiter(this.tag(at, encoding))) return true
    if (encoding.explicit) return representations.has(this.letters(at))
    const length = this.view.getUint32(at + 4, encoding.littleEndian)
    return length === undefinedLength || length <= end - at - 8
  }

  /** The first reading that ends where another element begins, or at least can; the likeliest where none does, if there is room for any. */
  header(at: number, end: number, encoding: Encoding): Header | undefined {
    const likeliest = this.likeliest(at, end, encoding)
    const fits = ({ tag, length, dataOffset }: Header): boolean =>
      length === undefinedLength || (tag === pixelDataTag && length <= end - dataOffset) || this.follows(tag, dataOffset + length, end, encoding)
    if (likeliest && fits(likeliest)) return likeliest
    const others = this.others(at, end, encoding)
    const readings = likeliest ? [likeliest, ...others] : others
    return others.find(fits) ?? readings.find(({ tag, length, dataOffset }) => this.canFollow(tag, dataOffset + length, end, encoding)) ?? readings[0]
  }

  /** Where the element behind this one begins: an odd length may or may not count its pad byte. */
  after({ tag, length, dataOffset }: Header, end: number, encoding: Encoding): number {
    const at = dataOffset + length
    return length % 2 === 1 && !this.follows(tag, at, end, encoding) && this.follows(tag, at + 1, end, encoding) ? at + 1 : at
  }

  private letters(at: number): string {
    return String.fromCharCode(this.bytes[at + 4]!, this.bytes[at + 5]!)
  }
}

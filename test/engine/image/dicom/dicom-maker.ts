/**
 * Writes DICOM files for tests, well formed or not: any encoding, any VR, sequences of defined or undefined length, lengths
 * that lie, parts left out. Written from PS3.5, section 7, and shares nothing with the reader.
 */
export interface Element {
  tag: number
  /** Two letters; anything else goes into the file as it is. */
  vr: string
  value: Uint8Array | string | readonly number[] | readonly (readonly Element[])[]
  /** Of a sequence, its items, or an element: written without a length, and delimited. */
  undefinedLength?: boolean
  /** The length that is written in place of the true one. */
  declaredLength?: number
  /** Inside: another encoding than outside. */
  inner?: Encoding
}

export interface Encoding {
  littleEndian: boolean
  explicit: boolean
}

export const explicitLittle: Encoding = { littleEndian: true, explicit: true }
export const implicitLittle: Encoding = { littleEndian: true, explicit: false }
export const explicitBig: Encoding = { littleEndian: false, explicit: true }
export const implicitBig: Encoding = { littleEndian: false, explicit: false }

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '))
const widths: Record<string, number> = { US: 2, SS: 2, OW: 2, AT: 2, UL: 4, SL: 4, OL: 4, FL: 4, OF: 4, FD: 8, OD: 8, UV: 8, SV: 8, OV: 8 }

export function numbers(vr: string, values: readonly number[], littleEndian: boolean): Uint8Array {
  const width = widths[vr] ?? 1
  const view = new DataView(new ArrayBuffer(values.length * width))
  values.forEach((value, i) => {
    const at = i * width
    if (vr === 'FL' || vr === 'OF') view.setFloat32(at, value, littleEndian)
    else if (vr === 'FD' || vr === 'OD') view.setFloat64(at, value, littleEndian)
    else if (width === 8) view.setBigInt64(at, BigInt(value), littleEndian)
    else if (width === 4) view.setUint32(at, value >>> 0, littleEndian)
    else if (width === 2) view.setUint16(at, value & 0xffff, littleEndian)
    else view.setUint8(at, value & 0xff)
  })
  return new Uint8Array(view.buffer)
}

const isItems = (value: Element['value']): value is readonly (readonly Element[])[] => Array.isArray(value) && (value.length === 0 || Array.isArray(value[0]))

function bytesOf({ vr, value, undefinedLength, inner }: Element, encoding: Encoding): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value.length % 2 ? value + (vr === 'UI' ? '\0' : ' ') : value, 'latin1'))
  if (!isItems(value)) return numbers(vr, value as readonly number[], encoding.littleEndian)
  const inside = inner ?? encoding
  const mark = (element: number, length: number) => joined(numbers('US', [0xfffe, element], inside.littleEndian), numbers('UL', [length], inside.littleEndian))
  const items = value.map((elements) => {
    const content = dataSet(elements, inside)
    return undefinedLength ? joined(mark(0xe000, 0xffffffff), content, mark(0xe00d, 0)) : joined(mark(0xe000, content.length), content)
  })
  return undefinedLength ? joined(...items, mark(0xe0dd, 0)) : joined(...items)
}

function encoded(element: Element, encoding: Encoding): Uint8Array {
  const { littleEndian, explicit } = encoding
  const value = bytesOf(element, encoding)
  const length = element.declaredLength ?? (element.undefinedLength ? 0xffffffff : value.length)
  const tag = numbers('US', [element.tag >>> 16, element.tag & 0xffff], littleEndian)
  if (!explicit) return joined(tag, numbers('UL', [length], littleEndian), value)
  const vr = new Uint8Array(Buffer.from(element.vr, 'latin1'))
  return longForms.has(element.vr) ? joined(tag, vr, new Uint8Array(2), numbers('UL', [length], littleEndian), value) : joined(tag, vr, numbers('US', [length], littleEndian), value)
}

export const dataSet = (elements: readonly Element[], encoding: Encoding): Uint8Array => joined(...elements.map((element) => encoded(element, encoding)))

/** Preamble and meta information, as for any file of this transfer syntax. */
export function header(transferSyntax: string | undefined, sopClass = '1.2.840.10008.5.1.4.1.1.7'): Uint8Array {
  const preamble = new Uint8Array(132)
  preamble.set(Buffer.from('DICM'), 128)
  const elements: Element[] = [
    { tag: 0x00020001, vr: 'OB', value: [0, 1] },
    { tag: 0x00020002, vr: 'UI', value: sopClass },
    ...(transferSyntax === undefined ? [] : [{ tag: 0x00020010, vr: 'UI', value: transferSyntax }]),
  ]
  return joined(preamble, dataSet(elements, explicitLittle))
}

const syntaxOf = ({ littleEndian, explicit }: Encoding): string => (littleEndian ? (explicit ? '1.2.840.10008.1.2.1' : '1.2.840.10008.1.2') : '1.2.840.10008.1.2.2')

export const file = (elements: readonly Element[], encoding: Encoding = explicitLittle, transferSyntax: string | undefined = syntaxOf(encoding), sopClass?: string): Uint8Array =>
  joined(header(transferSyntax, sopClass), dataSet([...elements].sort((a, b) => a.tag - b.tag), encoding))

export interface Pixels {
  rows: number
  columns: number
  samples?: number
  photometric?: string | undefined
  allocated?: number
  stored?: number
  highBit?: number
  signed?: boolean
  frames?: string
  planar?: number
  /** Written with `vr`, by default OW. */
  data: Uint8Array | readonly number[]
  vr?: string
}

/** The Image Pixel module and pixel data, with anything else; an element of the same tag takes the place of the usual one. */
export function image(p: Pixels, more: readonly Element[] = []): Element[] {
  const allocated = p.allocated ?? 16
  const stored = p.stored ?? allocated
  const us = (tag: number, value: number): Element => ({ tag, vr: 'US', value: [value] })
  const usual: Element[] = [
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7' },
    us(0x00280002, p.samples ?? 1),
    { tag: 0x00280004, vr: 'CS', value: p.photometric ?? 'MONOCHROME2' },
    ...(p.planar === undefined ? [] : [us(0x00280006, p.planar)]),
    ...(p.frames === undefined ? [] : [{ tag: 0x00280008, vr: 'IS', value: p.frames }]),
    us(0x00280010, p.rows),
    us(0x00280011, p.columns),
    us(0x00280100, allocated),
    us(0x00280101, stored),
    us(0x00280102, p.highBit ?? stored - 1),
    us(0x00280103, p.signed ? 1 : 0),
    { tag: 0x7fe00010, vr: p.vr ?? 'OW', value: p.data },
  ]
  return [...usual.filter(({ tag }) => !more.some((other) => other.tag === tag)), ...more].sort((a, b) => a.tag - b.tag)
}

export const without = (elements: readonly Element[], ...tags: number[]): Element[] => elements.filter(({ tag }) => !tags.includes(tag))

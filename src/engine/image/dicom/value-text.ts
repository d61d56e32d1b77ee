/**
 * Values of DICOM elements as text, by their representation (PS3.5, 6.2).
 */
import type { DecodeText } from './character-set'
import { hex } from './dictionary'
import { pixelDataTag } from './element-syntax'
import type { DicomElement } from './elements'

/** Characters of a value that are shown; whoever wants all of a report's text has other tools. */
const shownCharacters = 200
/** Bytes that are decoded of it: characters take up to four, and escapes some. */
const readBytes = 2048

const plain: ReadonlySet<string> = new Set('AE AS CS DA DS DT IS TM UI UR'.split(' '))
const international: ReadonlySet<string> = new Set('LO LT PN SH ST UC UT'.split(' '))
/** Of what a paragraph is written in, leading spaces are kept. */
const paragraphs: ReadonlySet<string> = new Set('LT ST UT'.split(' '))

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => string

/** Shortest decimal that is the same single-precision number. */
function single(value: number): string {
  for (let digits = 6; digits < 10; digits++) if (Math.fround(Number(value.toPrecision(digits))) === value) return String(Number(value.toPrecision(digits)))
  return String(value)
}

const binary: Readonly<Record<string, { size: number; read: ReadNumber }>> = {
  AT: { size: 4, read: (view, at, le) => `(${hex(view.getUint16(at, le), 4)},${hex(view.getUint16(at + 2, le), 4)})` },
  FD: { size: 8, read: (view, at, le) => String(view.getFloat64(at, le)) },
  FL: { size: 4, read: (view, at, le) => single(view.getFloat32(at, le)) },
  SL: { size: 4, read: (view, at, le) => String(view.getInt32(at, le)) },
  SS: { size: 2, read: (view, at, le) => String(view.getInt16(at, le)) },
  SV: { size: 8, read: (view, at, le) => String(view.getBigInt64(at, le)) },
  UL: { size: 4, read: (view, at, le) => String(view.getUint32(at, le)) },
  US: { size: 2, read: (view, at, le) => String(view.getUint16(at, le)) },
  UV: { size: 8, read: (view, at, le) => String(view.getBigUint64(at, le)) },
}

const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/**
 * @param bytes what the element points into
 * @param decode text of the data set's character set
 * @param known representation by the dictionary, used where the file says UN
 * @param frames of the data set, told beside its pixels
 */
export function valueText(element: DicomElement, bytes: Uint8Array, decode: DecodeText, known: string | undefined, frames = 1): string {
  const { tag, value, encoding, items, fragments } = element
  if (items) return count(items.length, 'item')
  const length = value.end - value.start
  if (fragments) {
    const inside = fragments.reduce((sum, { start, end }) => sum + end - start, 0)
    // The first is the offset table.
    return `${count(inside, 'byte')} in ${count(Math.max(0, fragments.length - 1), 'fragment')}${framesOf(tag, frames)}`
  }
  if (length === 0) return ''
  const vr = element.vr === 'UN' && known !== undefined ? known : element.vr
  const number = binary[vr]
  if (number && length >= number.size) return numbers(new DataView(bytes.buffer, bytes.byteOffset + value.start, length), number, encoding.littleEndian)
  if (!plain.has(vr) && !international.has(vr)) return `${count(length, 'byte')}${framesOf(tag, frames)}`

  const read = bytes.subarray(value.start, Math.min(value.end, value.start + readBytes))
  const whole = (international.has(vr) ? decode(read) : new TextDecoder('latin1').decode(read)).replace(/[\0 ]+$/, '')
  const text = paragraphs.has(vr) ? whole : whole.replace(/^ +/, '')
  const characters = [...text]
  if (characters.length <= shownCharacters && read.length === length) return text
  return `${characters.slice(0, shownCharacters).join('')}… (${count(length, 'byte')})`
}

const framesOf = (tag: number, frames: number): string => (tag === pixelDataTag ? `, ${count(frames, 'frame')}` : '')

function numbers(view: DataView, { size, read }: { size: number; read: ReadNumber }, littleEndian: boolean): string {
  const total = Math.floor(view.byteLength / size)
  let text = ''
  for (let i = 0; i < total; i++) {
    const next = `${i === 0 ? '' : '\\'}${read(view, i * size, littleEndian)}`
    if (text.length + next.length > shownCharacters) return `${text}… (${count(total, 'value')})`
    text += next
  }
  return text
}

/**
 * Notes that cameras and programs leave in the headers and boxes of compressed pictures: EXIF with place, date and owner,
 * comments, descriptions. They lie in the pixel data, so that no profile of attributes reaches them, and say what attributes
 * said that it removes. Their bytes become zeros where they are, and their boxes free space: no length changes, nor any offset,
 * and the picture not at all.
 */
import { beginsWithBox, boxesOf } from '../codecs/boxes'
import type { Span } from './elements'

interface Note extends Span {
  /** Where the box that holds it is named. */
  named?: number
}

/** @param fragments of pixel data, without the offset table. @returns the same, copied where something was blanked */
export function withoutNotes(fragments: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let first = 0, next = 0; first < fragments.length; first = next) {
    next = first + 1
    // A header may go on in the next fragment.
    while (next < fragments.length && !notesBegun(fragments[next]!)) next++
    for (const part of blanked(fragments.slice(first, next))) out.push(part)
  }
  return out
}

function notesBegun(bytes: Uint8Array): ((bytes: Uint8Array) => Iterable<Note>) | undefined {
  if (bytes[0] === 0xff) return bytes[1] === 0xd8 ? jpegNotes : bytes[1] === 0x4f ? jpeg2000Notes : undefined
  return ['jP  ', 'JXL '].some((signature) => beginsWithBox(bytes, signature)) ? notesOfBoxes : undefined
}

function blanked(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const notesOf = notesBegun(parts[0]!)
  if (!notesOf) return parts
  const frame = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  const notes = [...notesOf(frame)]
  if (notes.length === 0) return parts
  const copy = Uint8Array.from(frame)
  for (const { start, end, named } of notes) {
    copy.fill(0, start, end)
    // Decoders that know the box would look into it.
    if (named !== undefined) copy.set(freeSpace, named)
  }
  let at = 0
  return parts.map(({ length }) => copy.subarray(at, (at += length)))
}

/** Segments for applications that say how the picture is to be read, by how they begin. */
const needed: Readonly<Record<number, readonly string[]>> = {
  0xe0: ['JFIF', 'JFXX'],
  0xe2: ['ICC_PROFILE'],
  0xe8: ['SPIFF', 'mrfx'],
  0xee: ['Adobe'],
}

/** Comments and segments for applications before the first scan (ISO 10918-1, B.2.4; ISO 14495-1 has the same). */
function* jpegNotes(bytes: Uint8Array): Generator<Span> {
  for (const { marker, start, end } of segments(bytes, 0xda)) {
    const application = marker >= 0xe0 && marker <= 0xef
    const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 12)))
    if (marker === 0xfe || (application && !needed[marker]?.some((beginning) => text.startsWith(beginning)))) yield { start, end }
  }
}

/** Comments of the main header; their first two bytes say whether they are text (ISO 15444-1, A.9.2). */
function* jpeg2000Notes(bytes: Uint8Array): Generator<Span> {
  for (const { marker, start, end } of segments(bytes, 0x90)) if (marker === 0x64) yield { start: Math.min(end, start + 2), end }
}

/**
 * Boxes that tell of a picture and are not needed to draw it: text, what other makers put in, EXIF, provenance, and any of
 * these compressed. What JPEG XL keeps to give a JPEG file back (`jbrd`) stays: a transfer syntax is made of it.
 */
const telling = new Set(['xml ', 'uuid', 'uinf', 'Exif', 'jumb', 'brob'])

const freeSpace = Buffer.from('free')

function* notesOfBoxes(bytes: Uint8Array): Generator<Note> {
  for (const { type, named, start, end } of boxesOf(bytes)) {
    if (telling.has(type)) yield { named, start, end }
    if (type === 'jp2c') for (const note of jpeg2000Notes(bytes.subarray(start, end))) yield { start: start + note.start, end: start + note.end }
  }
}

/** Marker segments behind the first marker, without their lengths, up to the one that ends the header. */
function* segments(bytes: Uint8Array, last: number): Generator<Span & { marker: number }> {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++ // filled up
      continue
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    if (marker === last || length < 2) return
    const end = Math.min(bytes.length, at + 2 + length)
    yield { marker, start: at + 4, end }
    at = end
  }
}

/**
 * TIFF structure (TIFF 6.0, section 2; BigTIFF): byte order, the chain of image file directories, and numeric fields.
 * EXIF is a TIFF inside a JPEG and is read with it, too. Fields are read when asked for, so that directories which
 * overlap cannot make reading them cost more than the file's size.
 */
import { corrupt, truncated } from '../errors'

export interface TiffStructure {
  view: DataView
  littleEndian: boolean
  /** BigTIFF: offsets and counts of 64 bits. */
  big: boolean
  firstDirectory: number
}

/** Numbers of a field, at most `limit` of them; undefined where the field is missing or not numeric. */
export type TiffFields = (tag: number, limit?: number) => number[] | undefined

export const looksLikeTiff = (bytes: Uint8Array): boolean => {
  const [a, b, c, d] = bytes
  return (a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43))
}

/** @throws AssayError `image-truncated`, `image-corrupt` */
export function openTiff(bytes: Uint8Array, name: string): TiffStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!looksLikeTiff(bytes)) throw corrupt(name, 'it does not begin with a TIFF header')
  const littleEndian = bytes[0] === 0x49
  const big = view.getUint16(2, littleEndian) === 43
  if (bytes.length < (big ? 16 : 8)) throw truncated(name, 'its TIFF header is not complete')
  if (big && view.getUint16(4, littleEndian) !== 8) throw corrupt(name, 'its BigTIFF offsets have an unknown size')
  const firstDirectory = big ? Number(view.getBigUint64(8, littleEndian)) : view.getUint32(4, littleEndian)
  return { view, littleEndian, big, firstDirectory }
}

/** Number of entries, where they begin, and the offset of the next directory. */
function directoryAt({ view, littleEndian, big }: TiffStructure, offset: number, name: string): { count: number; entries: number; next: number } {
  const [countBytes, entryBytes, linkBytes] = big ? [8, 20, 8] : [2, 12, 4]
  if (offset + countBytes > view.byteLength) throw truncated(name, 'a TIFF directory lies beyond its end')
  const count = big ? Number(view.getBigUint64(offset, littleEndian)) : view.getUint16(offset, littleEndian)
  const link = offset + countBytes + count * entryBytes
  if (link > view.byteLength) throw truncated(name, 'a TIFF directory is not complete')
  // Some writers end the file right after the last entry.
  const next = link + linkBytes > view.byteLength ? 0 : big ? Number(view.getBigUint64(link, littleEndian)) : view.getUint32(link, littleEndian)
  return { count, entries: offset + countBytes, next }
}

/**
 * Offsets of the directories that hold pictures: not those flagged as a reduced version or a mask of another (tag 254).
 * @throws AssayError `image-truncated`, `image-corrupt`
 */
export function pictureDirectories(file: TiffStructure, name: string): number[] {
  const seen = new Set<number>()
  const pictures: number[] = []
  for (let offset = file.firstDirectory; offset !== 0; ) {
    if (seen.has(offset)) throw corrupt(name, 'its TIFF directories run in a circle')
    seen.add(offset)
    const { count, entries, next } = directoryAt(file, offset, name)
    // Entries are sorted by tag and none is lower, so the first one tells.
    const kind = count > 0 && file.view.getUint16(entries, file.littleEndian) === 254 ? Number(readEntry(file, entries, 1)?.[0]) : 0
    if ((kind & 5) === 0) pictures.push(offset)
    offset = next
  }
  if (pictures.length === 0) throw corrupt(name, 'it holds no TIFF picture')
  return pictures
}

/** The fields of one directory. @throws AssayError `image-truncated` here, and where a value lies beyond the file's end */
export function readFields(file: TiffStructure, offset: number, name: string): TiffFields {
  const { count, entries } = directoryAt(file, offset, name)
  const entryBytes = file.big ? 20 : 12
  const places = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const at = entries + i * entryBytes
    const tag = file.view.getUint16(at, file.littleEndian)
    if (!places.has(tag)) places.set(tag, at)
  }
  return (tag, limit = Infinity) => {
    const at = places.get(tag)
    if (at === undefined) return undefined
    const values = readEntry(file, at, limit)
    if (values === 'beyond') throw truncated(name, `its TIFF field ${tag} lies beyond its end`)
    return values
  }
}

type Reader = [bytes: number, read: (view: DataView, at: number, littleEndian: boolean) => number]
const readers: Record<number, Reader> = {
  1: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, le) => view.getUint16(at, le)],
  4: [4, (view, at, le) => view.getUint32(at, le)],
  6: [1, (view, at) => view.getInt8(at)],
  7: [1, (view, at) => view.getUint8(at)],
  8: [2, (view, at, le) => view.getInt16(at, le)],
  9: [4, (view, at, le) => view.getInt32(at, le)],
  13: [4, (view, at, le) => view.getUint32(at, le)],
  16: [8, (view, at, le) => Number(view.getBigUint64(at, le))],
  17: [8, (view, at, le) => Number(view.getBigInt64(at, le))],
  18: [8, (view, at, le) => Number(view.getBigUint64(at, le))],
}

/** The values of the entry at `at`; 'beyond' where they lie outside the file. */
function readEntry({ view, littleEndian, big }: TiffStructure, at: number, limit: number): number[] | 'beyond' | undefined {
  const reader = readers[view.getUint16(at + 2, littleEndian)]
  if (!reader) return undefined
  const [bytes, read] = reader
  const count = big ? Number(view.getBigUint64(at + 4, littleEndian)) : view.getUint32(at + 4, littleEndian)
  const inside = count * bytes <= (big ? 8 : 4)
  const place = at + (big ? 12 : 8)
  const start = inside ? place : big ? Number(view.getBigUint64(place, littleEndian)) : view.getUint32(place, littleEndian)
  if (start + count * bytes > view.byteLength) return 'beyond'
  return Array.from({ length: Math.min(count, limit) }, (_, i) => read(view, start + i * bytes, littleEndian))
}

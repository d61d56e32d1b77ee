/**
 * Encapsulated pixel data (DICOM PS3.5, A.4): a sequence of items, of which the first is the Basic Offset Table and the
 * others are fragments of frames. Finds where each frame lies, whatever tables the file has or lacks. One pass over the
 * items; no bytes are copied before a frame is asked for.
 */
import type { DataSet } from 'dicom-parser'
import { corrupt, truncated } from '../errors'

interface Fragment {
  /** Of the item's value, from the beginning of the bytes. */
  start: number
  length: number
  /** Of the item's tag, counted from the first fragment's as offset tables count. */
  offset: number
  /** The item says that it is longer than the bytes that are left. */
  cut: boolean
}

export interface Encapsulated {
  fragments: Fragment[]
  /** Offsets of the Basic Offset Table; empty where it is. */
  basicOffsets: number[]
  /** The sequence ends with its delimiter, or with the element. */
  closed: boolean
}

const itemTag = 0xe000fffe
const delimiterTag = 0xe0ddfffe
/** Far beyond any slide; a hostile file could otherwise make an entry of every eight of its bytes. */
const maximumFragments = 2 ** 22

/**
 * @param at of the first item's tag
 * @param end where the element ends at the latest
 * @throws AssayError `image-corrupt`, `image-truncated`
 */
export function readItems(bytes: Uint8Array, at: number, end: number, name: string): Encapsulated {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fragments: Fragment[] = []
  let basicOffsets: number[] | undefined
  let first = 0
  let closed = end < bytes.length
  while (at + 8 <= end) {
    const tag = view.getUint32(at, true)
    if (tag === delimiterTag) {
      closed = true
      break
    }
    // Another element, or zeros, where an item should be: some writers leave out the delimiter.
    if (tag !== itemTag) {
      if (basicOffsets && fragments.length > 0 && isAfterPixelData(tag)) break
      throw corrupt(name, `its compressed pixel data has no item at byte ${at}`, { format: 'dicom' })
    }
    const length = view.getUint32(at + 4, true)
    const start = at + 8
    if (basicOffsets) {
      if (fragments.length === maximumFragments) throw corrupt(name, 'its compressed pixel data is in millions of pieces', { format: 'dicom' })
      const cut = length > end - start
      fragments.push({ start, length: cut ? end - start : length, offset: at - first, cut })
      if (cut) break
    } else {
      if (length > end - start) throw truncated(name, 'the offset table of its compressed pixel data is not all there', { format: 'dicom' })
      if (length / 4 > maximumFragments) throw corrupt(name, 'the offset table of its compressed pixel data is for millions of frames', { format: 'dicom' })
      basicOffsets = Array.from({ length: length >> 2 }, (_, i) => view.getUint32(start + 4 * i, true))
      first = start + length
    }
    at = start + length
  }
  return { fragments, basicOffsets: basicOffsets ?? [], closed }
}

/** Tags are little endian here, group in the low half: what may follow pixel data, and the zeros of padding. */
const isAfterPixelData = (tag: number): boolean => tag === 0 || (tag & 0xffff) > 0x7fe0 || ((tag & 0xffff) === 0x7fe0 && tag >>> 16 > 0x10)

/** The Extended Offset Table, (7FE0,0001), and its lengths, (7FE0,0002): 64-bit numbers. Undefined where it is not there. */
export function readExtendedOffsets(dataSet: DataSet): { offsets: number[]; lengths: number[] } | undefined {
  const [offsets, lengths] = ['x7fe00001', 'x7fe00002'].map((tag) => {
    const element = dataSet.elements[tag]
    if (!element || element.dataOffset + element.length > dataSet.byteArray.length || element.length / 8 > maximumFragments) return []
    const view = new DataView(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + element.dataOffset, element.length)
    return Array.from({ length: element.length >> 3 }, (_, i) => Number(view.getBigUint64(8 * i, true)))
  })
  return offsets!.length > 0 && offsets!.length === lengths!.length ? { offsets: offsets!, lengths: lengths! } : undefined
}

/** Where each frame's fragments begin (inclusive) and end (exclusive) in the list, and how many of their bytes are the frame's. */
interface FrameRange {
  from: number
  to: number
  length?: number
}

/** How a frame begins where no table says it: the first bytes of a codestream, as its syntax writes them. */
export type StartsFrame = (fragment: Uint8Array) => boolean

/**
 * The frames of an image, each as its fragments joined.
 * @param startsFrame for files with more fragments than frames and no table
 * @returns a function of the frame's number from 0; it throws AssayError `image-truncated` for a frame that is not all there
 */
export function frameReader(
  bytes: Uint8Array,
  { fragments, basicOffsets, closed }: Encapsulated,
  options: { frames: number; extended?: ReturnType<typeof readExtendedOffsets>; startsFrame?: StartsFrame | undefined; name: string },
): (index: number) => Uint8Array {
  const { frames, extended, startsFrame, name } = options
  if (fragments.length === 0) throw truncated(name, 'its pixel data holds no frame', { format: 'dicom' })
  const value = ({ start, length }: Fragment) => bytes.subarray(start, start + length)
  const ranges =
    (extended && byOffsets(fragments, extended.offsets, frames, extended.lengths)) ??
    byOffsets(fragments, basicOffsets, frames) ??
    byCount(fragments, frames) ??
    (startsFrame && byStarts(fragments, frames, (fragment) => startsFrame(value(fragment))))
  if (!ranges) {
    if (fragments.length > frames) throw corrupt(name, `its ${frames} frames cannot be told apart in ${fragments.length} pieces of pixel data`, { format: 'dicom' })
    if (closed) throw corrupt(name, `it declares ${frames} frames and holds ${fragments.length}`, { format: 'dicom', frames })
  }
  return (index) => {
    // A file that was cut holds its first frames whole.
    const { from, to, length } = ranges ? ranges[index]! : { from: index, to: index + 1 }
    const parts = fragments.slice(from, to)
    if (parts.length === 0 || parts.some((part) => part.cut)) throw truncated(name, `frame ${index + 1} of ${frames} is not all there`, { format: 'dicom', frame: index + 1 })
    const frame = parts.length === 1 ? value(parts[0]!) : joined(bytes, parts)
    if (frame.length === 0) throw truncated(name, `frame ${index + 1} of ${frames} is empty`, { format: 'dicom', frame: index + 1 })
    return length === undefined || length > frame.length ? frame : frame.subarray(0, length)
  }
}

/** Undefined where the table does not fit the fragments: writers err in it, and readers that trust it show wrong frames. */
function byOffsets(fragments: Fragment[], offsets: number[], frames: number, lengths?: number[]): FrameRange[] | undefined {
  if (offsets.length !== frames || offsets[0] !== 0) return undefined
  const starts: number[] = []
  let at = 0
  for (const offset of offsets) {
    while (at < fragments.length && fragments[at]!.offset < offset) at++
    if (at === fragments.length || fragments[at]!.offset !== offset || starts.at(-1) === at) return undefined
    starts.push(at)
  }
  return starts.map((from, i) => ({ from, to: starts[i + 1] ?? fragments.length, ...(lengths && lengths[i]! > 0 && { length: lengths[i]! }) }))
}

function byCount(fragments: Fragment[], frames: number): FrameRange[] | undefined {
  if (frames === 1) return [{ from: 0, to: fragments.length }]
  if (fragments.length === frames) return fragments.map((_, i) => ({ from: i, to: i + 1 }))
  return undefined
}

function byStarts(fragments: Fragment[], frames: number, starts: (fragment: Fragment) => boolean): FrameRange[] | undefined {
  const from = fragments.flatMap((fragment, i) => (starts(fragment) ? [i] : []))
  if (from.length !== frames || from[0] !== 0) return undefined
  return from.map((start, i) => ({ from: start, to: from[i + 1] ?? fragments.length }))
}

function joined(bytes: Uint8Array, parts: readonly Fragment[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const { start, length } of parts) {
    whole.set(bytes.subarray(start, start + length), at)
    at += length
  }
  return whole
}

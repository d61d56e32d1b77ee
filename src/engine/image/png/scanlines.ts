/**
 * PNG scanlines to samples (ISO/IEC 15948, clauses 7 to 10): unpacked with a ceiling, filters undone, samples of 1 to
 * 16 bits each in an element of its own, the seven passes of Adam7 put together.
 */
import { inflateSync } from 'node:zlib'
import { corrupt, truncated } from '../errors'
import type { PngChunks } from './chunks'

interface Pass {
  firstColumn: number
  firstRow: number
  columnStep: number
  rowStep: number
}

const whole: readonly Pass[] = [{ firstColumn: 0, firstRow: 0, columnStep: 1, rowStep: 1 }]
const adam7: readonly Pass[] = [
  { firstColumn: 0, firstRow: 0, columnStep: 8, rowStep: 8 },
  { firstColumn: 4, firstRow: 0, columnStep: 8, rowStep: 8 },
  { firstColumn: 0, firstRow: 4, columnStep: 4, rowStep: 8 },
  { firstColumn: 2, firstRow: 0, columnStep: 4, rowStep: 4 },
  { firstColumn: 0, firstRow: 2, columnStep: 2, rowStep: 4 },
  { firstColumn: 1, firstRow: 0, columnStep: 2, rowStep: 2 },
  { firstColumn: 0, firstRow: 1, columnStep: 1, rowStep: 2 },
]

/** [height, width, samples], values 0 … 2^depth − 1. @throws AssayError `image-truncated`, `image-corrupt` */
export function readScanlines(png: PngChunks, name: string): Uint8Array | Uint16Array {
  const { width, height, depth, samples } = png
  const bitsPerPixel = depth * samples
  const passes = (png.interlaced ? adam7 : whole)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.firstColumn) / pass.columnStep),
      rows: Math.ceil((height - pass.firstRow) / pass.rowStep),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
  const rowBytes = (columns: number) => Math.ceil((columns * bitsPerPixel) / 8)
  const data = unpack(png, passes.reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns)), 0), name)

  const out = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * samples)
  let at = 0
  for (const pass of passes) {
    const length = rowBytes(pass.columns)
    undoFilters(data, at, pass.rows, length, Math.max(1, bitsPerPixel >> 3), name)
    for (let row = 0; row < pass.rows; row++) {
      const start = ((pass.firstRow + row * pass.rowStep) * width + pass.firstColumn) * samples
      readRow(data, at + 1, out, start, pass.columns, pass.columnStep, samples, depth)
      at += 1 + length
    }
  }
  return out
}

/** Inflated once, never beyond what the header accounts for: a small file must not unfold into all memory. */
function unpack({ data, width, height }: PngChunks, expected: number, name: string): Uint8Array {
  // Deflate cannot pack more than 1032 to 1.
  if (data.reduce((sum, part) => sum + part.length, 0) * 1032 < expected) throw truncated(name, `its data cannot fill ${width} × ${height} pixels`)
  let unpacked: Uint8Array
  try {
    unpacked = inflateSync(Buffer.concat(data), { maxOutputLength: expected })
  } catch (cause) {
    if (cause instanceof Error && (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR') throw truncated(name, 'its compressed data stops early')
    if (cause instanceof RangeError) throw corrupt(name, `it holds more data than ${width} × ${height} pixels need`)
    throw corrupt(name, 'its compressed data cannot be unpacked', {}, cause)
  }
  if (unpacked.length < expected) throw truncated(name, `it holds ${unpacked.length} of the ${expected} bytes that ${width} × ${height} pixels need`)
  return unpacked
}

/** Clause 9.2, in place. Each row begins with the number of its filter; what lies outside the picture counts as 0. */
function undoFilters(data: Uint8Array, start: number, rows: number, rowBytes: number, pixelBytes: number, name: string): void {
  for (let row = 0, at = start + 1; row < rows; row++, at += rowBytes + 1) {
    const filter = data[at - 1]!
    const end = at + rowBytes
    const second = Math.min(end, at + pixelBytes)
    const up = rowBytes + 1
    // Above the first row are zeros, with which these filters become simpler ones.
    const kind = row > 0 ? filter : filter === 2 ? 0 : filter === 4 ? 1 : filter
    if (kind === 1) for (let i = second; i < end; i++) data[i] = data[i]! + data[i - pixelBytes]!
    else if (kind === 2) for (let i = at; i < end; i++) data[i] = data[i]! + data[i - up]!
    else if (kind === 3) {
      if (row > 0) for (let i = at; i < second; i++) data[i] = data[i]! + (data[i - up]! >> 1)
      for (let i = second; i < end; i++) data[i] = data[i]! + ((data[i - pixelBytes]! + (row > 0 ? data[i - up]! : 0)) >> 1)
    } else if (kind === 4) {
      for (let i = at; i < second; i++) data[i] = data[i]! + data[i - up]!
      for (let i = second; i < end; i++) data[i] = data[i]! + paeth(data[i - pixelBytes]!, data[i - up]!, data[i - up - pixelBytes]!)
    } else if (kind !== 0) throw corrupt(name, `PNG filter ${filter} does not exist`)
  }
}

function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner
}

function readRow(data: Uint8Array, from: number, out: Uint8Array | Uint16Array, start: number, columns: number, columnStep: number, samples: number, depth: number): void {
  if (depth === 8 && columnStep === 1) {
    out.set(data.subarray(from, from + columns * samples), start)
    return
  }
  const mask = 2 ** depth - 1
  for (let column = 0, index = 0; column < columns; column++) {
    const to = start + column * columnStep * samples
    for (let sample = 0; sample < samples; sample++, index++) {
      if (depth === 16) out[to + sample] = (data[from + index * 2]! << 8) | data[from + index * 2 + 1]!
      else if (depth === 8) out[to + sample] = data[from + index]!
      else {
        const bit = index * depth
        out[to + sample] = (data[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask
      }
    }
  }
}

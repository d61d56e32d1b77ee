/**
 * The collection of DICOM files in ../shared/data/dicom: its tables, and pixels laid out as DCMTK writes them.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { StoredPixels } from '../../../../src/engine/image/decoded-image'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'
import { openDicom } from '../../../../src/engine/image/dicom/read'

export const folder = '../shared/data/dicom'
export const present = existsSync(`${folder}/reference_decode.csv`)

type Row = Record<string, string>
function table(file: string): Row[] {
  if (!present) return []
  const lines = readFileSync(`${folder}/${file}`, 'utf8').trim().split(/\r?\n/)
  const [header, ...rows] = lines.map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => match[1]!.replace(/^"|"$/g, '')))
  return rows.map((row) => Object.fromEntries(header!.map((key, i) => [key, row[i] ?? ''])))
}

export interface CollectionFile {
  file: string
  /** Without the prefix that all share: "4.70". */
  syntax: string
  bytes: number
  /** Of one frame. */
  framePixels: number
  /** Files with the same content name the same group. */
  group: string | undefined
  /** What DCMTK said, and the sha256 of the pixel bytes that it wrote. */
  status: string
  sha256: string | undefined
  /** How many bytes DCMTK wrote. */
  writtenBytes: number
}

const prefix = '1.2.840.10008.1.2'
const reference = new Map(table('reference_decode.csv').map((row) => [row['file']!, row]))
export const collection: CollectionFile[] = table('manifest.csv').map((row) => ({
  file: row['file']!,
  syntax: row['transfer_syntax_uid']!.slice(prefix.length + 1),
  bytes: Number(row['bytes']),
  framePixels: Number(row['rows']) * Number(row['cols']),
  group: /refgroup (\S+)/.exec(row['notes']!)?.[1],
  status: reference.get(row['file']!)?.['status'] ?? '',
  sha256: reference.get(row['file']!)?.['pixel_sha256'] || undefined,
  writtenBytes: Number(reference.get(row['file']!)?.['nbytes'] || 0),
}))

export const load = (file: string): Uint8Array => readFileSync(`${folder}/${file}`)

export interface StoredFile {
  pixels: StoredPixels
  description: PixelDescription
}

/** Stored values of all frames, or of those that are named: all bits of their cells, or the values that they stand for. */
export async function readStoredFile(file: string, which?: number[], as: 'cells' | 'frame' = 'cells'): Promise<StoredFile> {
  const opened = await openDicom(load(file), file)
  const { description } = opened
  const frames: StoredPixels[] = []
  for (const index of which ?? Array.from({ length: description.frames }, (_, i) => i)) frames.push((await opened[as](index)).pixels)
  if (frames.length === 1) return { description, pixels: frames[0]! }
  const all = new (frames[0]!.constructor as new (length: number) => StoredPixels)(frames[0]!.length * frames.length)
  frames.forEach((frame, i) => all.set(frame, i * frame.length))
  return { description, pixels: all }
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const bytesOf = (pixels: StoredPixels) => new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)

function even(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes
  const padded = new Uint8Array(bytes.length + 1)
  padded.set(bytes)
  return padded
}

function packedBits(bits: StoredPixels): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits.length / 8))
  bits.forEach((bit, i) => (packed[i >> 3]! |= bit << (i & 7)))
  return packed
}

/** Pixel after pixel to one sample after another, frame by frame. */
function planes<Samples extends StoredPixels>(pixels: Samples, { rows, columns, samples }: PixelDescription): Samples {
  const plane = rows * columns
  const out = pixels.slice() as Samples
  for (let i = 0; i < pixels.length; i++) {
    const frame = i - (i % (plane * samples))
    const within = i % (plane * samples)
    out[frame + (within % samples) * plane + Math.floor(within / samples)] = pixels[i]!
  }
  return out
}

/** Two values of 12 bits in three bytes. */
function packedTwelve(values: StoredPixels): Uint8Array {
  const packed = new Uint8Array((values.length / 2) * 3)
  for (let i = 0, at = 0; i + 1 < values.length; i += 2, at += 3) packed.set([values[i]! & 0xff, (values[i]! >> 8) | ((values[i + 1]! & 15) << 4), values[i + 1]! >> 4], at)
  return packed
}

/** Whether two lists of pixels are the same, kind and all; a test's own comparison takes minutes for a million. */
export const samePixels = (a: StoredPixels, b: StoredPixels): boolean => a.constructor === b.constructor && Buffer.compare(bytesOf(a), bytesOf(b)) === 0

/**
 * The ways in which DCMTK may have laid out these values: bits packed; of signed bytes the bytes; planes apart or samples
 * side by side, which its decoders choose by colour model.
 */
export function layouts({ pixels, description: d }: StoredFile): Record<string, Uint8Array> {
  if (d.bitsAllocated === 1) return { packed: even(packedBits(pixels)) }
  if (d.bitsAllocated === 12) return { packed: even(packedTwelve(pixels)) }
  const own = d.bitsAllocated === 8 ? new Uint8Array(pixels) : pixels // modulo 256
  const all: Record<string, Uint8Array> = { plain: even(bytesOf(own)) }
  if (d.samples > 1) all['planes'] = even(bytesOf(planes(own, d)))
  return all
}

/** A PNG writer for tests: any colour type, depth and filter, interlaced or not; fast-png writes less. */
import { crc32, deflateSync } from 'node:zlib'

export interface PngSpec {
  width: number
  height: number
  colourType: 0 | 2 | 3 | 4 | 6
  depth: 1 | 2 | 4 | 8 | 16
  interlaced?: boolean
  /** Filter of row n (counted over all passes). */
  filter?: (row: number) => number
  palette?: number[]
  transparency?: number[]
  /** [height, width, samples]. */
  values: ArrayLike<number>
  /** Chunks before the data. */
  extra?: Uint8Array[]
  /** Bytes of one IDAT chunk. */
  chunkBytes?: number
}

const samplesOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const

export function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), content, Buffer.alloc(4)])
  bytes.writeUInt32BE(content.length, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}

export function header(spec: Pick<PngSpec, 'width' | 'height' | 'depth' | 'colourType' | 'interlaced'>): Uint8Array {
  const content = Buffer.alloc(13)
  content.writeUInt32BE(spec.width, 0)
  content.writeUInt32BE(spec.height, 4)
  content.set([spec.depth, spec.colourType, 0, 0, spec.interlaced ? 1 : 0], 8)
  return chunk('IHDR', content)
}

export const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

export function writePng(spec: PngSpec): Uint8Array {
  const { width, height, colourType, depth, values, filter = (row) => row % 5 } = spec
  const samples = samplesOf[colourType]
  const rows: Uint8Array[] = []
  let filtered = 0
  for (const [x0, y0, dx, dy] of spec.interlaced ? passes : [[0, 0, 1, 1] as const]) {
    if (x0 >= width || y0 >= height) continue
    const columns = Math.ceil((width - x0) / dx)
    const rowBytes = Math.ceil((columns * samples * depth) / 8)
    const pixelBytes = Math.max(1, (samples * depth) >> 3)
    let above = new Uint8Array(rowBytes)
    for (let y = y0; y < height; y += dy) {
      const raw = new Uint8Array(rowBytes)
      for (let column = 0, index = 0; column < columns; column++)
        for (let sample = 0; sample < samples; sample++, index++) {
          const value = values[(y * width + x0 + column * dx) * samples + sample]!
          if (depth === 16) raw.set([value >> 8, value & 255], index * 2)
          else raw[(index * depth) >> 3]! |= value << (8 - depth - ((index * depth) & 7))
        }
      const kind = filter(filtered++)
      const row = new Uint8Array(rowBytes + 1)
      row[0] = kind
      for (let i = 0; i < rowBytes; i++) {
        const a = raw[i - pixelBytes] ?? 0
        const b = above[i]!
        const c = i < pixelBytes ? 0 : above[i - pixelBytes]!
        const p = a + b - c
        const nearest = [a, b, c].reduce((best, value) => (Math.abs(p - value) < Math.abs(p - best) ? value : best))
        row[i + 1] = raw[i]! - [0, a, b, (a + b) >> 1, nearest][kind]!
      }
      rows.push(row)
      above = raw
    }
  }
  const data = deflateSync(Buffer.concat(rows))
  const chunkBytes = spec.chunkBytes ?? data.length
  const parts: Uint8Array[] = []
  for (let at = 0; at < data.length; at += chunkBytes) parts.push(chunk('IDAT', data.subarray(at, at + chunkBytes)))
  return Buffer.concat([
    signature,
    header(spec),
    ...(spec.extra ?? []),
    ...(spec.palette ? [chunk('PLTE', Uint8Array.from(spec.palette))] : []),
    ...(spec.transparency ? [chunk('tRNS', Uint8Array.from(spec.transparency))] : []),
    ...parts,
    chunk('IEND', new Uint8Array(0)),
  ])
}

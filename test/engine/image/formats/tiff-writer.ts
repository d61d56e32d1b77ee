/** A TIFF writer for tests: both byte orders, BigTIFF, strips and tiles, planes, predictors, all lossless compressions, many pages. */
import { deflateSync } from 'node:zlib'

export interface TiffPageSpec {
  width: number
  height: number
  bits: number
  /** 1 unsigned, 2 signed, 3 float. */
  format?: 1 | 2 | 3
  samples?: number
  photometric?: number
  compression?: 1 | 5 | 7 | 8 | 32773
  predictor?: 1 | 2 | 3
  planar?: boolean
  tile?: [width: number, height: number]
  rowsPerStrip?: number
  fillOrder?: 1 | 2
  /** [height, width, samples]. */
  values: ArrayLike<number>
  /** Strips or tiles that are compressed already, in place of values. */
  raw?: Uint8Array[]
  /** Further fields, tag → values as SHORT, or LONG where one is larger. */
  fields?: Record<number, number[]>
}

export interface TiffFileSpec {
  littleEndian?: boolean
  big?: boolean
  pages: TiffPageSpec[]
}

export function packBits(data: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let at = 0; at < data.length; ) {
    let run = 1
    while (run < 128 && at + run < data.length && data[at + run] === data[at]) run++
    if (run > 1) {
      out.push(257 - run, data[at]!)
      at += run
      continue
    }
    let literal = 1
    while (literal < 128 && at + literal < data.length && data[at + literal] !== data[at + literal - 1]) literal++
    out.push(literal - 1, ...data.subarray(at, at + literal))
    at += literal
  }
  return Uint8Array.from(out)
}

export function lzw(data: Uint8Array): Uint8Array {
  const out: number[] = []
  let pending = 0
  let available = 0
  let width = 9
  let table = new Map<string, number>()
  let next = 258
  const put = (code: number) => {
    pending = ((pending << width) | code) & 0xffffff
    available += width
    while (available >= 8) {
      available -= 8
      out.push((pending >> available) & 255)
    }
  }
  put(256)
  let current = ''
  const codeOf = (text: string) => (text.length === 1 ? text.charCodeAt(0) : table.get(text)!)
  for (const byte of data) {
    const longer = current + String.fromCharCode(byte)
    if (longer.length === 1 || table.has(longer)) {
      current = longer
      continue
    }
    put(codeOf(current))
    table.set(longer, next++)
    if (next === 4094) {
      put(256)
      table = new Map()
      next = 258
      width = 9
    } else if (next === 1 << width) width++
    current = String.fromCharCode(byte)
  }
  if (current) put(codeOf(current))
  put(257)
  if (available > 0) out.push((pending << (8 - available)) & 255)
  return Uint8Array.from(out)
}

function half(value: number): number {
  const sign = value < 0 ? 0x8000 : 0
  const size = Math.abs(value)
  if (size === 0) return sign
  const exponent = Math.floor(Math.log2(size))
  return sign | ((exponent + 15) << 10) | Math.round((size / 2 ** exponent - 1) * 1024)
}

function sampleBytes(value: number, bits: number, format: number, littleEndian: boolean): Uint8Array {
  const bytes = Buffer.alloc(bits / 8)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (format === 3) {
    if (bits === 16) view.setUint16(0, half(value), littleEndian)
    else if (bits === 32) view.setFloat32(0, value, littleEndian)
    else view.setFloat64(0, value, littleEndian)
  } else if (bits === 8) view.setUint8(0, value)
  else if (bits === 16) view.setUint16(0, value, littleEndian)
  else view.setUint32(0, value, littleEndian)
  return bytes
}

/** One strip or tile before compression. */
function segmentBytes(page: TiffPageSpec, left: number, top: number, width: number, rows: number, plane: number | undefined, littleEndian: boolean): Uint8Array {
  const { bits, format = 1, samples = 1, predictor = 1, values } = page
  const parts: Uint8Array[] = []
  const channels = plane === undefined ? Array.from({ length: samples }, (_, i) => i) : [plane]
  for (let y = top; y < top + rows; y++) {
    const row: number[] = []
    for (let x = left; x < left + width; x++)
      for (const channel of channels) row.push(x < page.width && y < page.height ? values[(y * page.width + x) * samples + channel]! : 0)
    if (bits < 8 || bits % 8 !== 0) {
      const packed = new Uint8Array(Math.ceil((row.length * bits) / 8))
      row.forEach((value, i) => {
        for (let bit = 0; bit < bits; bit++) if ((value >> (bits - 1 - bit)) & 1) packed[(i * bits + bit) >> 3]! |= 128 >> ((i * bits + bit) & 7)
      })
      parts.push(packed)
    } else if (predictor === 3) {
      const big = row.map((value) => sampleBytes(value, bits, 3, false))
      const planes = Uint8Array.from({ length: (row.length * bits) / 8 }, (_, i) => big[i % row.length]![Math.floor(i / row.length)]!)
      for (let i = planes.length - 1; i >= channels.length; i--) planes[i] = planes[i]! - planes[i - channels.length]!
      parts.push(planes)
    } else {
      const coded = predictor === 2 ? row.map((value, i) => (i < channels.length ? value : value - row[i - channels.length]!)) : row
      parts.push(...coded.map((value) => sampleBytes(value, bits, format, littleEndian)))
    }
  }
  return Buffer.concat(parts)
}

const reversed = (byte: number) => Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2)

function compressed(data: Uint8Array, page: TiffPageSpec): Uint8Array {
  const { compression = 1, fillOrder = 1 } = page
  const packed = compression === 5 ? lzw(data) : compression === 8 ? deflateSync(data) : compression === 32773 ? packBits(data) : data
  return fillOrder === 2 ? packed.map(reversed) : packed
}

export function writeTiff({ littleEndian = true, big = false, pages }: TiffFileSpec): Uint8Array {
  const parts: Uint8Array[] = []
  let length = 0
  const append = (bytes: Uint8Array): number => {
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length & 1)])
    const at = length
    parts.push(padded)
    length += padded.length
    return at
  }
  const number = (value: number, bytes: 2 | 4 | 8) => {
    const out = Buffer.alloc(bytes)
    const view = new DataView(out.buffer, out.byteOffset, bytes)
    if (bytes === 2) view.setUint16(0, value, littleEndian)
    else if (bytes === 4) view.setUint32(0, value, littleEndian)
    else view.setBigUint64(0, BigInt(value), littleEndian)
    return out
  }
  const word = big ? 8 : 4
  const links: { part: number; at: number }[] = []
  append(Buffer.concat([Buffer.from(littleEndian ? 'II' : 'MM'), number(big ? 43 : 42, 2), ...(big ? [number(8, 2), number(0, 2)] : []), number(0, word)]))
  links.push({ part: 0, at: big ? 8 : 4 })
  for (const page of pages) {
    const { width, height, samples = 1, tile, planar = false, bits, format = 1 } = page
    const segmentWidth = tile?.[0] ?? width
    const segmentHeight = tile?.[1] ?? page.rowsPerStrip ?? height
    const offsets: number[] = []
    const counts: number[] = []
    for (const plane of planar ? Array.from({ length: samples }, (_, i) => i) : [undefined])
      for (let top = 0; top < height; top += segmentHeight)
        for (let left = 0; left < width; left += segmentWidth) {
          const rows = tile ? segmentHeight : Math.min(segmentHeight, height - top)
          const data = page.raw?.[offsets.length] ?? compressed(segmentBytes(page, left, top, segmentWidth, rows, plane, littleEndian), page)
          counts.push(data.length)
          offsets.push(append(data))
        }
    const fields = new Map<number, number[]>([
      [256, [width]], [257, [height]], [258, Array.from({ length: samples }, () => bits)], [259, [page.compression ?? 1]],
      [262, [page.photometric ?? (samples >= 3 ? 2 : 1)]], [277, [samples]], [339, Array.from({ length: samples }, () => format)],
      [tile ? 324 : 273, offsets], [tile ? 325 : 279, counts],
    ])
    if (tile) fields.set(322, [tile[0]]).set(323, [tile[1]])
    else fields.set(278, [segmentHeight])
    if (planar) fields.set(284, [2])
    if (page.predictor) fields.set(317, [page.predictor])
    if (page.fillOrder) fields.set(266, [page.fillOrder])
    for (const [tag, values] of Object.entries(page.fields ?? {})) fields.set(Number(tag), values)
    const entries = [...fields].sort(([a], [b]) => a - b).map(([tag, values]) => {
      const long = values.some((value) => value > 65535) || tag === 273 || tag === 324
      const data = Buffer.concat(values.map((value) => number(value, long ? 4 : 2)))
      const inside = data.length <= word
      const place = inside ? Buffer.concat([data, Buffer.alloc(word - data.length)]) : number(append(data), word)
      return Buffer.concat([number(tag, 2), number(long ? 4 : 3, 2), number(values.length, word), place])
    })
    const directory = append(Buffer.concat([number(entries.length, big ? 8 : 2), ...entries, number(0, word)]))
    const link = links.at(-1)!
    Buffer.from(parts[link.part]!.buffer, parts[link.part]!.byteOffset, parts[link.part]!.length).set(number(directory, word), link.at)
    links.push({ part: parts.length - 1, at: (big ? 8 : 2) + entries.length * (big ? 20 : 12) })
  }
  return Buffer.concat(parts)
}

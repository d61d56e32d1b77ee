/**
 * WOFF 1.0 (a W3C recommendation) back to the TrueType file that it packs. pdfkit reads WOFF too, but unpacks tables
 * again for each glyph, which takes seconds.
 */
import { unzlibSync } from 'fflate'

const headerLength = 44
const entryLength = 20

/** @throws RangeError for bytes that are no WOFF */
export function sfntOfWoff(woff: Uint8Array): Uint8Array {
  const view = new DataView(woff.buffer, woff.byteOffset, woff.byteLength)
  if (view.getUint32(0) !== 0x774f4646) throw new RangeError('These bytes are no WOFF font.')
  const count = view.getUint16(12)
  const tables = Array.from({ length: count }, (_, i) => {
    const at = headerLength + i * entryLength
    const [offset, packed, length] = [4, 8, 12].map((skip) => view.getUint32(at + skip)) as [number, number, number]
    const bytes = woff.subarray(offset, offset + packed)
    return { tag: view.getUint32(at), checksum: view.getUint32(at + 16), data: packed < length ? unzlibSync(bytes, { out: new Uint8Array(length) }) : bytes }
  })
  const padded = (length: number): number => (length + 3) & ~3
  const start = 12 + count * 16
  const sfnt = new Uint8Array(tables.reduce((sum, { data }) => sum + padded(data.length), start))
  const out = new DataView(sfnt.buffer)
  const power = Math.floor(Math.log2(count))
  out.setUint32(0, view.getUint32(4))
  for (const [i, value] of [count, 16 * 2 ** power, power, 16 * (count - 2 ** power)].entries()) out.setUint16(4 + 2 * i, value)
  let offset = start
  for (const [i, { tag, checksum, data }] of tables.entries()) {
    for (const [j, value] of [tag, checksum, offset, data.length].entries()) out.setUint32(12 + 16 * i + 4 * j, value)
    sfnt.set(data, offset)
    offset += padded(data.length)
  }
  return sfnt
}

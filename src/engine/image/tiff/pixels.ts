/**
 * The strips or tiles of one TIFF page, put together.
 */
import type { StoredPixels } from '../decoded-image'
import { truncated } from '../errors'
import { unpackDeflate, unpackLzw, unpackPackBits } from './decompress'
import type { TiffStructure } from './directory'
import { unpackJpeg } from './jpeg-segment'
import type { TiffPage } from './page'
import { sampleArray, toSamples } from './samples'

/** All samples as stored, [height, width, samples]. @throws AssayError `image-truncated`, `image-corrupt`, `image-unsupported` */
export async function readPagePixels({ view, littleEndian }: TiffStructure, page: TiffPage, name: string): Promise<StoredPixels> {
  const { width, height, samples, bits, format, predictor, planar } = page
  const { segments } = page
  const file = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  const out = sampleArray(format, bits, width * height * samples)
  const segmentSamples = planar ? 1 : samples
  const rowSamples = segments.width * segmentSamples
  const rowBytes = Math.ceil((rowSamples * bits) / 8)
  for (let index = 0; index < segments.offsets.length; index++) {
    const plane = Math.floor(index / (segments.across * segments.down))
    const top = Math.floor((index / segments.across) % segments.down) * segments.height
    const left = (index % segments.across) * segments.width
    const rows = segments.tiled ? segments.height : Math.min(segments.height, height - top)
    const offset = segments.offsets[index]!
    const packed = file.subarray(offset, offset + segments.byteCounts[index]!)
    const data = await unpack(page.reversedBits ? packed.map(reverseByte) : packed, page, rows, rowBytes, name)
    const values = toSamples(data, { bits, format, predictor, rowSamples, rows, stride: segmentSamples, littleEndian })
    const visibleRows = Math.min(rows, height - top)
    const visible = Math.min(segments.width, width - left) * segmentSamples
    for (let row = 0; row < visibleRows; row++) {
      const from = row * rowSamples
      const to = ((top + row) * width + left) * samples + plane
      if (!planar) out.set(values.subarray(from, from + visible), to)
      else for (let i = 0; i < visible; i++) out[to + i * samples] = values[from + i]!
    }
  }
  return out
}

async function unpack(data: Uint8Array, page: TiffPage, rows: number, rowBytes: number, name: string): Promise<Uint8Array> {
  const length = rows * rowBytes
  switch (page.compression) {
    case 'none':
      if (data.length < length) throw truncated(name, `a TIFF strip or tile holds ${data.length} of ${length} bytes`)
      return data.subarray(0, length)
    case 'LZW':
      return unpackLzw(data, length, name)
    case 'deflate':
      return unpackDeflate(data, length, page.segments.height * rowBytes, name)
    case 'PackBits':
      return unpackPackBits(data, length, name)
    case 'JPEG':
      return unpackJpeg(data, page, rows, name)
  }
}

const reverseByte = (byte: number): number => {
  let reversed = 0
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit)
  return reversed
}

/**
 * JPEG strips and tiles of TIFF (technical note 2 to TIFF 6.0): the tables that all share are put back, and a mark that
 * tells libjpeg what the three components are.
 */
import { corrupt, truncated } from '../errors'
import { readJpegHeader } from '../jpeg/header'
import { decodeJpeg } from '../jpeg/libjpeg-turbo'
import type { TiffPage } from './page'

const adobeMarker = (transform: 0 | 1) => [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform]

/** @returns [rows, width, components], at least `rows` of them; YCbCr as RGB. @throws AssayError `image-truncated`, `image-corrupt` */
export async function unpackJpeg(data: Uint8Array, page: TiffPage, rows: number, name: string): Promise<Uint8Array> {
  const components = page.planar ? 1 : page.samples
  const stream = Buffer.concat([
    data.subarray(0, 2),
    components === 3 ? Uint8Array.from(adobeMarker(page.colours === 'YCbCr' ? 1 : 0)) : new Uint8Array(0),
    // Without the beginning and the end of their own stream.
    page.jpegTables ? page.jpegTables.subarray(2, -2) : new Uint8Array(0),
    data.subarray(2),
  ])
  const header = readJpegHeader(stream)
  if (header.status === 'truncated') throw truncated(name, 'a JPEG strip or tile stops early')
  if (header.status === 'damaged') throw corrupt(name, header.why)
  const { width, height } = page.segments
  if (header.width !== width || header.height < rows || header.height > height || header.components !== components || header.precision !== 8)
    throw corrupt(name, `a JPEG strip or tile is ${header.width} × ${header.height} with ${header.components} components`)
  const decoded = await decodeJpeg(stream)
  if (!decoded || decoded.pixels.length < rows * width * components) throw corrupt(name, 'its JPEG data cannot be decoded')
  return decoded.pixels
}

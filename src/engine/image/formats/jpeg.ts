/**
 * JPEG (ITU-T T.81, Huffman): grey and colour of 8 bits through libjpeg-turbo, CMYK and YCCK, and grey of other depths
 * or without loss through the Independent JPEG Group's library. Colour comes out as RGB, turned as EXIF says.
 */
import { cmykToRgb } from '../cmyk'
import { checkSize, corrupt, truncated, unsupported } from '../errors'
import { readExifOrientation } from '../jpeg/exif'
import type { WholeJpeg } from '../jpeg/header'
import { readJpegHeader } from '../jpeg/header'
import { toInks } from '../jpeg/inks'
import { decodeJpeg } from '../jpeg/libjpeg-turbo'
import { decodeUntransformed } from '../jpeg/untransformed'
import { orientationNames, upright } from '../orientation'
import type { ImageFormat } from './format'
import { picture, singlePicture } from './picture'

export const jpegFormat: ImageFormat = {
  id: 'jpeg',
  recognises: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
  open: async (bytes, name) => {
    const header = readJpegHeader(bytes)
    if (header.status === 'truncated') throw truncated(name, 'the JPEG end marker is missing')
    if (header.status === 'damaged') throw corrupt(name, header.why)
    checkSize(name, { ...header, samples: header.components })
    const { width, height, precision } = header
    // A bit for each 8 × 8 block is the least.
    if (bytes.length * 512 < width * height) throw truncated(name, `its data cannot fill ${width} × ${height} pixels`)
    const stored = await components(bytes, header, name)
    const inks = header.components === 4
    const samples = header.components === 1 ? 1 : 3
    const orientation = readExifOrientation(bytes)
    const turned = upright({ width, height, pixels: inks ? cmykToRgb(stored as Uint8Array) : stored }, samples, orientation)
    const image = picture({
      format: 'jpeg',
      title: `JPEG, ${header.process}`,
      ...turned,
      samples,
      bitsStored: precision,
      more: [
        ...(inks ? [{ label: 'Colour model', value: header.adobeTransform === 2 ? 'YCCK' : 'CMYK' }] : []),
        ...(orientation === 1 ? [] : [{ label: 'Orientation', value: `turned by its EXIF orientation (${orientationNames[orientation]})` }]),
      ],
    })
    return singlePicture(image, { width, height, samples: header.components, pixels: stored })
  },
}

/** [height, width, components], three as RGB, four as inks. */
async function components(bytes: Uint8Array, header: WholeJpeg, name: string): Promise<Uint8Array | Uint16Array> {
  const { width, height, precision, process, adobeTransform } = header
  const eightBits = precision === 8 && process !== 'lossless'
  if (process === 'arithmetic') throw unsupported(name, 'JPEG data with arithmetic coding')
  if (header.components === 4 && eightBits) return toInks((await decodeUntransformed(bytes, header, name)) as Uint8Array, adobeTransform)
  if (header.components === 1 && !eightBits) return decodeUntransformed(bytes, header, name)
  if ((header.components !== 1 && header.components !== 3) || !eightBits) throw unsupported(name, `${precision}-bit ${process} JPEG data of ${header.components} components`)
  const decoded = await decodeJpeg(bytes)
  if (!decoded || decoded.width !== width || decoded.height !== height || decoded.components !== header.components) throw corrupt(name, 'its JPEG data cannot be decoded')
  return decoded.pixels
}

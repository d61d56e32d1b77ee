/**
 * JPEG (ITU-T T.81, 8 bits, Huffman) through libjpeg-turbo compiled to WebAssembly, grey and colour.
 * Colour comes out as RGB. EXIF orientation is not applied.
 */
import { fullWindow, singleImage } from '../decoded-image'
import { checkSize, corrupt, truncated, unsupported } from '../errors'
import { readJpegHeader } from '../jpeg/header'
import { decodeJpeg } from '../jpeg/libjpeg-turbo'
import type { ImageFormat } from './format'

export const jpegFormat: ImageFormat = {
  id: 'jpeg',
  recognises: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
  open: async (bytes, name) => {
    const header = readJpegHeader(bytes)
    if (header.status === 'truncated') throw truncated(name, 'the JPEG end marker is missing')
    if (header.status === 'damaged') throw corrupt(name, header.why)
    const { width, height, components, precision, process } = header
    if (precision !== 8 || process === 'lossless' || process === 'arithmetic') throw unsupported(name, `${precision}-bit ${process} JPEG data`)
    if (components !== 1 && components !== 3) throw unsupported(name, `${components} JPEG colour components (CMYK)`)
    checkSize(name, { width, height, samples: components })
    const decoded = await decodeJpeg(bytes)
    if (!decoded || decoded.width !== width || decoded.height !== height || decoded.components !== components)
      throw corrupt(name, 'its JPEG data cannot be decoded')
    return singleImage({
      format: 'jpeg',
      width,
      height,
      frames: 1,
      frame: 0,
      samples: components,
      pixels: decoded.pixels,
      bitsStored: 8,
      signed: false,
      photometric: components === 3 ? 'RGB' : 'MONOCHROME2',
      rescale: { slope: 1, intercept: 0 },
      unit: '',
      windows: [fullWindow(0, 255)],
      facts: [
        { label: 'Format', value: `JPEG, ${process}` },
        { label: 'Size', value: `${width} × ${height}` },
        { label: 'Bits', value: '8' },
        { label: 'Colour', value: components === 3 ? 'RGB' : 'grey' },
      ],
    })
  },
}

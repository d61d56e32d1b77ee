/**
 * WebP, lossy and lossless, through libwebp compiled to WebAssembly; of an animation the first picture. Always RGB, since
 * the format knows no grey. Alpha is dropped, as for PNG.
 */
import { corrupt } from '../errors'
import { looksLikeWebp, readWebpContainer } from '../webp/container'
import { decodeWebp } from '../webp/libwebp'
import type { ImageFormat } from './format'
import { alphaFact, firstSamples, hidesSomething, picture, singlePicture } from './picture'

export const webpFormat: ImageFormat = {
  id: 'webp',
  recognises: looksLikeWebp,
  open: async (bytes, name) => {
    const { width, height, lossless, alpha, pictures, still } = readWebpContainer(bytes, name)
    const decoded = await decodeWebp(still)
    if (!decoded || decoded.width !== width || decoded.height !== height) throw corrupt(name, 'its WebP data cannot be decoded')
    const { rgba } = decoded
    const pixels = firstSamples(rgba, 4, 3)
    const image = picture({
      format: 'webp',
      title: `WebP, ${lossless ? 'lossless' : 'lossy'}`,
      width,
      height,
      samples: 3,
      pixels,
      bitsStored: 8,
      more: [
        ...(alpha ? [alphaFact(hidesSomething(rgba, 4, 255))] : []),
        ...(pictures > 1 ? [{ label: 'Animation', value: `the first of ${pictures} pictures` }] : []),
      ],
    })
    return singlePicture(image, alpha ? { width, height, samples: 4, pixels: rgba } : { width, height, samples: 3, pixels })
  },
}

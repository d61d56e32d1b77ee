/**
 * JPEG of 8 bits, written by libjpeg-turbo. Assay writes none for people; saving as JPEG and reading it again is the
 * classic filter against small perturbations, and a baseline that purifiers are measured against.
 */
import { copied, WasmCodec } from '../codecs/wasm-codec'

interface Encoder {
  getDecodedBuffer(frame: { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned: boolean }): Uint8Array
  getEncodedBuffer(): Uint8Array
  setQuality(quality: number): void
  setSubSampling(mode: number): void
  encode(): void
  delete(): void
}
interface Codec {
  HEAPU8: Uint8Array
  JPEGEncoder: new () => Encoder
}

const codec = new WasmCodec<Codec>(async (output) => {
  const { default: start } = (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs')) as { default: (options: object) => Promise<Codec> }
  return start(output)
})

/** libjpeg-turbo's TJSAMP_420: colour at half resolution, as cameras and most programs write it. */
const half = 2

/**
 * The package has room for as many bytes as the pixels take and ends in a trap where the file is longer, as files of small
 * or noisy pictures are. With this many rows more there is room; the last row goes on in them, as libjpeg itself
 * continues it to whole blocks.
 */
const roomy = (height: number): number => 2 * height + 64

/**
 * The JPEG is higher than the image: rows beyond the image's own repeat its last one and are to be cut off when it is read.
 * @param image interleaved samples of 8 bits
 * @param quality 1 to 100
 */
export function encodeJpeg(image: { width: number; height: number; samples: 1 | 3; data: Uint8Array }, quality: number): Promise<Uint8Array> {
  const { width, height, samples, data } = image
  return codec.use(({ JPEGEncoder }) => {
    const encoder = new JPEGEncoder()
    try {
      const buffer = encoder.getDecodedBuffer({ width, height: roomy(height), bitsPerSample: 8, componentCount: samples, isSigned: false })
      buffer.set(data)
      const last = data.subarray((height - 1) * width * samples)
      for (let row = height; row < roomy(height); row++) buffer.set(last, row * last.length)
      encoder.setQuality(quality)
      if (samples === 3) encoder.setSubSampling(half)
      encoder.encode()
      return copied(encoder.getEncodedBuffer())
    } finally {
      encoder.delete()
    }
  })
}

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
 * @param image interleaved samples of 8 bits
 * @param quality 1 to 100
 */
export function encodeJpeg(image: { width: number; height: number; samples: 1 | 3; data: Uint8Array }, quality: number): Promise<Uint8Array> {
  const { width, height, samples, data } = image
  return codec.use(({ JPEGEncoder }) => {
    const encoder = new JPEGEncoder()
    try {
      encoder.getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: samples, isSigned: false }).set(data)
      encoder.setQuality(quality)
      if (samples === 3) encoder.setSubSampling(half)
      encoder.encode()
      return copied(encoder.getEncodedBuffer())
    } finally {
      encoder.delete()
    }
  })
}

/**
 * The one place that knows the WebAssembly build of libjpeg-turbo. Loaded at the first JPEG (some 20 ms), kept until data
 * fails to decode. The package stays outside bundles: it finds its .wasm beside itself in node_modules.
 */
import type { EmbindDecoder } from '../codecs/wasm-codec'
import { copied, WasmCodec } from '../codecs/wasm-codec'

interface Codec {
  HEAPU8: Uint8Array
  JPEGDecoder: new () => EmbindDecoder
}

const codec = new WasmCodec<Codec>(async (output) => {
  const { default: start } = (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')) as {
    default: (options: object) => Promise<Codec>
  }
  return start(output)
})

/** Interleaved 8-bit samples, or undefined where libjpeg reports an error or a warning. */
export async function decodeJpeg(bytes: Uint8Array): Promise<{ width: number; height: number; components: number; pixels: Uint8Array } | undefined> {
  try {
    return await codec.use(({ JPEGDecoder }) => {
      const decoder = new JPEGDecoder()
      try {
        decoder.getEncodedBuffer(bytes.length).set(bytes)
        decoder.decode()
        const { width, height, componentCount } = decoder.getFrameInfo()
        // The decoded bytes live in the WebAssembly heap until the next image.
        return { width, height, components: componentCount, pixels: copied(decoder.getDecodedBuffer()) }
      } finally {
        decoder.delete()
      }
    })
  } catch (error) {
    // C++ exceptions arrive as numbers; anything else is more than damaged data.
    if (typeof error === 'number') return undefined
    throw error
  }
}

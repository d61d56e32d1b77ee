/**
 * The one place that knows the WebAssembly build of libjpeg-turbo. Loaded at the first JPEG (some 20 ms), kept afterwards.
 * The package stays outside bundles: it finds its .wasm beside itself in node_modules.
 */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array
  getDecodedBuffer(): Uint8Array
  decode(): void
  getFrameInfo(): { width: number; height: number; componentCount: number; bitsPerSample: number }
  delete(): void
}
interface Codec {
  JPEGDecoder: new () => Decoder
}

let codec: Promise<Codec> | undefined

async function load(): Promise<Codec> {
  const { default: start } = (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')) as {
    default: (options: object) => Promise<Codec>
  }
  const silent = () => undefined // libjpeg's own warnings; callers get undefined instead
  return start({ print: silent, printErr: silent })
}

/** Interleaved 8-bit samples, or undefined where libjpeg reports an error or a warning. */
export async function decodeJpeg(bytes: Uint8Array): Promise<{ width: number; height: number; components: number; pixels: Uint8Array } | undefined> {
  codec ??= load()
  const decoder = new (await codec).JPEGDecoder()
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes)
    decoder.decode()
    const { width, height, componentCount } = decoder.getFrameInfo()
    // The decoded bytes live in the WebAssembly heap until the next image; take them out.
    return { width, height, components: componentCount, pixels: decoder.getDecodedBuffer().slice() }
  } catch (error) {
    // C++ exceptions arrive as numbers; anything else is a fault of ours.
    if (typeof error === 'number') return undefined
    throw error
  } finally {
    decoder.delete()
  }
}

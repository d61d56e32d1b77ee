/**
 * The one place that knows the WebAssembly build of libwebp (@jsquash/webp). The package would fetch its .wasm, which
 * Node cannot from disk: it is read from beside the package, which stays outside bundles.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { WasmCodec } from '../codecs/wasm-codec'

interface Codec {
  HEAPU8: Uint8Array
  /** RGBA, copied out of the heap; null where libwebp refuses the data. */
  decode(bytes: Uint8Array): { width: number; height: number; data: Uint8ClampedArray } | null
}

let compiled: Promise<WebAssembly.Module> | undefined
const compile = async () => WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve('@jsquash/webp/codec/dec/webp_dec.wasm')))

const codec = new WasmCodec<Codec>(async (output) => {
  const module = await (compiled ??= compile())
  const { default: start } = (await import('@jsquash/webp/codec/dec/webp_dec.js')) as unknown as { default: (options: object) => Promise<Codec> }
  const instantiateWasm = (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(module, imports)
    done(instance)
    return instance.exports
  }
  return start({ noInitialRun: true, instantiateWasm, ...output })
})

/** RGBA of 8 bits, not premultiplied; undefined where libwebp refuses the data. */
export function decodeWebp(bytes: Uint8Array): Promise<{ width: number; height: number; rgba: Uint8Array } | undefined> {
  return codec.use((module) => {
    const decoded = module.decode(bytes)
    if (!decoded) return undefined
    const { width, height, data } = decoded
    // Already in memory of its own, not in the module's heap.
    return { width, height, rgba: new Uint8Array(data.buffer, data.byteOffset, data.length) }
  })
}

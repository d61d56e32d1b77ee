/**
 * The WebAssembly of dcmjs-codecs, of which Assay takes what no other package decodes: JPEG of 9 to 16 bits per sample
 * (the Independent JPEG Group's library as DCMTK has it) and JPEG XL (libjxl). The package's own JavaScript is left
 * aside: it logs to the console, loads a DICOM library, and keeps a heap whose functions were left by an exception.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { WasmCodec } from './wasm-codec'

export interface NativeFrame {
  columns: number
  rows: number
  bitsAllocated: number
  bitsStored: number
  samples: number
}

type Call = (...parameters: number[]) => number
/** The functions of the module that are used; all numbers are of 32 bits, contexts and buffers are addresses. */
type Exports = Record<
  | 'CreateCodecsContext'
  | 'ReleaseCodecsContext'
  | 'SetColumns'
  | 'SetRows'
  | 'SetBitsAllocated'
  | 'SetBitsStored'
  | 'SetSamplesPerPixel'
  | 'SetPixelRepresentation'
  | 'SetPlanarConfiguration'
  | 'SetPhotometricInterpretation'
  | 'SetEncodedBufferSize'
  | 'GetEncodedBuffer'
  | 'GetDecodedBuffer'
  | 'GetDecodedBufferSize'
  | 'CreateDecoderParameters'
  | 'ReleaseDecoderParameters'
  | 'SetConvertColorspaceToRgb'
  | 'DecodeJpeg'
  | 'DecodeJpegXl',
  Call
> & { memory: WebAssembly.Memory; _initialize: () => void }

let compiled: Promise<WebAssembly.Module> | undefined
const compile = async () => WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm')))

/** What libjpeg says where it makes up for data that is missing or makes no sense; of its other remarks the picture is none the worse. */
const complains = (line: string) => /Corrupt JPEG data|Premature end|Inconsistent progression/.test(line)

const codecs = new WasmCodec(async ({ print }) => {
  const module = await (compiled ??= compile())
  const text = (at: number, length: number) => new TextDecoder('latin1').decode(new Uint8Array(functions.memory.buffer, at, length))
  const { exports } = await WebAssembly.instantiate(module, {
    env: {
      // Called before the module throws; leaving it here leaves its stack, which is why a failed module is not used again.
      onCodecsException: (at: number, length: number) => {
        throw new Error(text(at, length))
      },
      onCodecsInfo: (at: number, length: number) => print(text(at, length)),
      onCodecsTrace: () => undefined,
      emscripten_notify_memory_growth: () => undefined,
    },
    wasi_snapshot_preview1: {
      proc_exit: (code: number) => {
        throw new Error(`exit ${code}`)
      },
      clock_time_get: () => 0,
      fd_write: (_file: number, vectors: number, count: number, written: number) => {
        const view = new DataView(functions.memory.buffer)
        let length = 0
        for (let i = 0; i < count; i++) length += view.getUint32(vectors + 8 * i + 4, true)
        view.setUint32(written, length, true)
        return 0 // unread: what matters comes through the functions above
      },
      fd_close: () => 0,
      fd_seek: () => 0,
      environ_sizes_get: (count: number, size: number) => {
        const view = new DataView(functions.memory.buffer)
        view.setUint32(count, 0, true)
        view.setUint32(size, 0, true)
        return 0
      },
      environ_get: () => 0,
    },
  })
  const functions = exports as unknown as Exports
  functions._initialize()
  return {
    functions,
    get HEAPU8() {
      return new Uint8Array(functions.memory.buffer)
    },
  }
}, complains)

/**
 * @returns the samples as the codec lays them out
 * @throws Error with the codec's own message
 */
export function decodeNative(what: 'DecodeJpeg' | 'DecodeJpegXl', encoded: Uint8Array, frame: NativeFrame): Promise<Uint8Array> {
  return codecs.use(({ functions: f }) => {
    const context = f.CreateCodecsContext()
    f.SetColumns(context, frame.columns)
    f.SetRows(context, frame.rows)
    f.SetBitsAllocated(context, frame.bitsAllocated)
    f.SetBitsStored(context, frame.bitsStored)
    f.SetSamplesPerPixel(context, frame.samples)
    f.SetPixelRepresentation(context, 0)
    f.SetPlanarConfiguration(context, 0)
    f.SetPhotometricInterpretation(context, frame.samples === 3 ? 3 : 1)
    f.SetEncodedBufferSize(context, encoded.length)
    const input = f.GetEncodedBuffer(context)
    new Uint8Array(f.memory.buffer).set(encoded, input)
    const parameters = f.CreateDecoderParameters()
    f.SetConvertColorspaceToRgb(parameters, 0)
    f[what](context, parameters)
    const output = f.GetDecodedBuffer(context)
    const bytes = new Uint8Array(f.memory.buffer).slice(output, output + f.GetDecodedBufferSize(context))
    f.ReleaseDecoderParameters(parameters)
    f.ReleaseCodecsContext(context)
    return bytes
  })
}

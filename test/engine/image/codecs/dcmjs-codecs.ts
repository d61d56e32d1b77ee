/**
 * dcmjs-codecs, whole, with its own JavaScript: encoders for pictures of the tests' own, and a second opinion on decoding.
 */
import { createRequire } from 'node:module'
import type { Context as ContextType, NativeCodecs as NativeCodecsType } from 'dcmjs-codecs'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'

// The package is CommonJS that finds its WebAssembly by __dirname.
const package_ = createRequire(import.meta.url)('dcmjs-codecs') as { Context: typeof ContextType; NativeCodecs: typeof NativeCodecsType; log: { disableAll: () => void } }
const { Context, NativeCodecs, log } = package_
log.disableAll()

export type Family = 'Rle' | 'Jpeg' | 'JpegLs' | 'Jpeg2000' | 'HtJpeg2000' | 'JpegXl'
type Coder = (context: ContextType, parameters?: object) => ContextType

const contextOf = (d: PixelDescription, buffers: { encodedBuffer?: Uint8Array; decodedBuffer?: Uint8Array }) =>
  new Context({
    width: d.columns,
    height: d.rows,
    bitsAllocated: d.bitsAllocated,
    bitsStored: d.bitsStored,
    samplesPerPixel: d.samples,
    pixelRepresentation: d.signed ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: d.samples === 3 ? 'RGB' : 'MONOCHROME2',
    ...buffers,
  })

async function run(direction: 'encode' | 'decode', family: Family, context: ContextType, parameters: object): Promise<ContextType> {
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync()
  try {
    return (NativeCodecs[`${direction}${family}`] as Coder).call(NativeCodecs, context, parameters)
  } catch (error) {
    NativeCodecs.release() // its heap is not to be used again
    throw error
  }
}

/** @param native one frame, little endian, samples side by side */
export const encode = async (family: Family, native: Uint8Array, d: PixelDescription, parameters: object = {}): Promise<Uint8Array> =>
  (await run('encode', family, contextOf(d, { decodedBuffer: native }), parameters)).getEncodedBuffer()!

/** @returns one frame, little endian, samples side by side, colours as they are in the codestream */
export const decode = async (family: Family, encoded: Uint8Array, d: PixelDescription): Promise<Uint8Array> =>
  (await run('decode', family, contextOf(d, { encodedBuffer: encoded }), { convertColorspaceToRgb: false })).getDecodedBuffer()!

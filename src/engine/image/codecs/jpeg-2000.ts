/**
 * JPEG 2000 (ITU-T T.800) through OpenJPEG, and High-Throughput JPEG 2000 (T.814) through OpenJPH, both compiled to
 * WebAssembly. Both decode what they can of data that ends early; the structure of the codestream is therefore checked
 * here, and what they complain of is an error.
 */
import type { PixelDescription } from '../dicom/pixel-description'
import { corrupt, truncated, unsupported } from '../errors'
import type { DecodedFrame, FrameDecoder } from './frame'
import { checkHeader, undecodable } from './frame'
import type { Jpeg2000Header } from './jpeg-2000-header'
import { jpeg2000Codestream, readJpeg2000Header } from './jpeg-2000-header'
import type { EmbindDecoder } from './wasm-codec'
import { copied, WasmCodec } from './wasm-codec'

interface OpenJpeg {
  HEAPU8: Uint8Array
  J2KDecoder: new () => EmbindDecoder
}
interface OpenJph {
  HEAPU8: Uint8Array
  HTJ2KDecoder: new () => EmbindDecoder
}

const kind = 'JPEG 2000'
/** Slips of writers that cost no data. */
const harmless = /TPsot==TNsot|TLM|_tlm|Psot value of the current tile-part is equal to zero/
const openJpegComplains = (line: string) => /\[(ERROR|WARNING)\]/.test(line) && !harmless.test(line)
const openJphComplains = (line: string) => /ojph (error|warning)/i.test(line)

const openJpeg = new WasmCodec(async (output) => {
  const { default: start } = (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')) as { default: (options: object) => Promise<OpenJpeg> }
  return start(output)
}, openJpegComplains)
const openJph = new WasmCodec(async (output) => {
  const { default: start } = (await import('@cornerstonejs/codec-openjph')) as { default: (options: object) => Promise<OpenJph> }
  return start(output)
}, openJphComplains)


export const decodeJpeg2000: FrameDecoder = async (frame, d, name): Promise<DecodedFrame> => {
  const codestream = jpeg2000Codestream(frame)
  const header = codestream && readJpeg2000Header(codestream)
  if (!codestream || !header) throw corrupt(name, 'a frame that should be JPEG 2000 does not begin as one')
  checkHeader(kind, header, d, name)
  if (!header.whole) throw truncated(name, 'a JPEG 2000 frame ends before its last tile', { format: 'dicom' })
  if (!header.uniform) throw unsupported(name, 'JPEG 2000 components of different sizes or depths')
  if (!header.atOrigin) throw unsupported(name, 'a JPEG 2000 image that is a window of a larger one')
  if (header.partTwo) throw unsupported(name, 'JPEG 2000 data with extensions of Part 2')
  if (header.precision > 16) throw unsupported(name, `JPEG 2000 data of ${header.precision} bits`)
  const onOpenJph = header.highThroughput && (header.components === 1 || header.colourTransform)
  if (header.components > 1 && header.precision > 8 && !onOpenJph) throw unsupported(name, `colour in JPEG 2000 data of ${header.precision} bits`)

  const narrowSigned = header.signed && header.precision <= 8
  const bytes = await run(onOpenJph, narrowSigned ? asUnsigned(codestream, header) : codestream).catch((error: unknown) => {
    throw undecodable(kind, name, error)
  })
  const values = narrowSigned
    ? Int16Array.from(bytes, (value) => value - 2 ** (header.precision - 1))
    : header.precision <= 8
      ? bytes
      : header.signed
        ? new Int16Array(bytes.buffer)
        : new Uint16Array(bytes.buffer)
  if (values.length !== d.rows * d.columns * d.samples) throw undecodable(kind, name)
  return { values, precision: header.precision, photometric: colourModel(header, d) }
}

/**
 * OpenJPH's package writes the components of an image without colour transform in the wrong order, and OpenJPEG's none of
 * more than 8 bits in colour; OpenJPEG decodes HTJ2K too, only slower.
 */
function run(onOpenJph: boolean, codestream: Uint8Array): Promise<Uint8Array> {
  const decode = (decoder: EmbindDecoder) => {
    try {
      decoder.getEncodedBuffer(codestream.length).set(codestream)
      decoder.decode()
      return copied(decoder.getDecodedBuffer())
    } finally {
      decoder.delete()
    }
  }
  return onOpenJph ? openJph.use(({ HTJ2KDecoder }) => decode(new HTJ2KDecoder())) : openJpeg.use(({ J2KDecoder }) => decode(new J2KDecoder()))
}

/**
 * Both packages cut negative samples of up to 8 bits off at 0. Unsigned samples are signed ones that are shifted by half
 * their range (T.800, annex G.1), so that a codestream that calls them unsigned gives them whole.
 */
function asUnsigned(codestream: Uint8Array, { components }: Jpeg2000Header): Uint8Array {
  const out = codestream.slice()
  for (let c = 0; c < components; c++) out[42 + 3 * c]! &= 0x7f
  return out
}

/** A colour transform of the codestream is undone by the decoder, whatever the data set calls the result. */
function colourModel(header: Jpeg2000Header, d: PixelDescription): DecodedFrame['photometric'] {
  if (header.components !== 3) return d.photometric
  if (header.colourTransform) return 'RGB'
  return d.photometric === 'YBR_FULL' || d.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : 'RGB'
}

/**
 * Our JPEG-LS decoder against CharLS, which encodes and decodes here, and on damaged data, which CharLS is not asked about.
 */
import dcmjsCodecs from 'dcmjs-codecs'
import { beforeAll, describe, expect, it } from 'vitest'
import { decodeJpegLsStream } from '../../../../src/engine/image/codecs/jpeg-ls-decode'
import { Random } from '../../../../src/engine/tensor/random'
import { cpuTime } from '../../../support/cpu-time'

interface Codecs {
  NativeCodecs: {
    initializeAsync(): Promise<void>
    encodeJpegLs(context: object, parameters: { lossy: boolean; allowedLossyError?: number }): { getEncodedBuffer(): Uint8Array }
    decodeJpegLs(context: object): { getDecodedBuffer(): Uint8Array }
  }
  Context: new (attributes: object) => object
}
const { NativeCodecs, Context } = dcmjsCodecs as unknown as Codecs
beforeAll(() => NativeCodecs.initializeAsync())

interface Picture {
  width: number
  height: number
  samples: 1 | 3
  bits: number
  bytes: Uint8Array
}

const kinds = {
  smooth: (i: number, width: number) => (i % width) * 3 + Math.floor(i / width) * 5,
  flat: (i: number, width: number) => ((i % width) >> 4) * 40,
  noise: (_i: number, _width: number, random: Random) => random.integer(65536),
  'few dots': (_i: number, _width: number, random: Random) => (random.next() < 0.02 ? random.integer(65536) : 7),
}

function draw(kind: keyof typeof kinds, { width, height, samples, bits }: Omit<Picture, 'bytes'>): Picture {
  const random = new Random(`${kind}/${bits}/${samples}`)
  const values = Array.from({ length: width * height * samples }, (_, i) => kinds[kind](Math.floor(i / samples), width, random) & (2 ** bits - 1))
  const typed = bits <= 8 ? Uint8Array.from(values) : Uint16Array.from(values)
  return { width, height, samples, bits, bytes: new Uint8Array(typed.buffer) }
}

const attributes = ({ width, height, samples, bits }: Picture) => ({
  width,
  height,
  bitsAllocated: bits <= 8 ? 8 : 16,
  bitsStored: bits,
  samplesPerPixel: samples,
  pixelRepresentation: 0,
  planarConfiguration: 0,
  photometricInterpretation: samples === 3 ? 'RGB' : 'MONOCHROME2',
})

function encoded(picture: Picture, near: number): Uint8Array {
  const context = new Context({ ...attributes(picture), decodedBuffer: picture.bytes })
  return new Uint8Array(NativeCodecs.encodeJpegLs(context, near > 0 ? { lossy: true, allowedLossyError: near } : { lossy: false }).getEncodedBuffer())
}

const ours = (stream: Uint8Array, { width, height, samples }: Omit<Picture, 'bytes' | 'bits'>): Uint8Array => {
  const values = decodeJpegLsStream(stream, { width, height, components: samples })
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

describe('JPEG-LS', () => {
  const sizes = [
    { width: 67, height: 45 },
    { width: 1, height: 9 },
    { width: 300, height: 2 },
  ]
  for (const kind of Object.keys(kinds) as (keyof typeof kinds)[])
    for (const bits of [4, 8, 10, 12, 16])
      for (const samples of bits === 8 ? ([1, 3] as const) : ([1] as const))
        it(`gives what CharLS encoded: ${kind}, ${bits} bits, ${samples === 3 ? 'colour' : 'grey'}`, () => {
          for (const size of sizes)
            for (const near of [0, 1, 5]) {
              const picture = draw(kind, { ...size, samples, bits })
              const stream = encoded(picture, near)
              const values = ours(stream, picture)
              const theirs = NativeCodecs.decodeJpegLs(new Context({ ...attributes(picture), encodedBuffer: stream })).getDecodedBuffer()
              expect(Buffer.compare(values, theirs)).toBe(0)
              if (near === 0) expect(Buffer.compare(values, picture.bytes)).toBe(0)
            }
        })

  it('refuses every shorter stream', () => {
    const picture = draw('smooth', { width: 24, height: 16, samples: 3, bits: 8 })
    const stream = encoded(picture, 0)
    // The end marker is not needed.
    for (let length = 0; length < stream.length - 3; length++) expect(() => ours(stream.slice(0, length), picture), `${length}`).toThrow()
  })

  it('is done with damaged data as soon as with sound data', () => {
    const picture = draw('noise', { width: 256, height: 256, samples: 1, bits: 16 })
    const smooth = draw('smooth', { width: 256, height: 256, samples: 1, bits: 12 })
    const random = new Random('damage')
    let refused = 0
    let slowest = 0
    for (let i = 0; i < 400; i++) {
      const stream = encodedOnce(i % 2 === 0 ? picture : smooth, i % 3)
      const from = random.integer(stream.length)
      const length = random.integer(2000)
      const damaged = i % 4 === 0 ? new Uint8Array(Buffer.concat([stream.subarray(0, from), stream.subarray(from + length)])) : stream.slice()
      if (i % 4 !== 0) for (let n = 0; n < 40; n++) damaged[random.integer(damaged.length)]! ^= 1 << random.integer(8)
      const took = cpuTime()
      try {
        ours(damaged, picture)
      } catch {
        refused++
      }
      slowest = Math.max(slowest, took())
    }
    expect(refused).toBeGreaterThan(100)
    expect(slowest).toBeLessThan(1000)
  })

  const streams = new Map<string, Uint8Array>()
  function encodedOnce(picture: Picture, near: number): Uint8Array {
    const key = `${picture.bits}/${near}`
    if (!streams.has(key)) streams.set(key, encoded(picture, near))
    return streams.get(key)!
  }
})

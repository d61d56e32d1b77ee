/**
 * Compressed frames that contradict their file, were cut, or were damaged: a typed error, or (where the format cannot tell)
 * a picture of the declared size, and never a wait.
 */
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { transferSyntaxes } from '../../../../src/engine/image/dicom/transfer-syntaxes'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'
import { AssayError } from '../../../../src/shared/errors'
import { Random } from '../../../../src/engine/tensor/random'
import { encode, type Family } from './dcmjs-codecs'
import { bytesOf, describePhantom, phantom } from './phantoms'
import { cpuTime } from '../../../support/cpu-time'

const grey = describePhantom({ bitsAllocated: 16, bitsStored: 12, samples: 1, signed: false }, 64, 60)
const narrow = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 1, signed: false }, 64, 60)
const deflated = 'deflated'

const codings: [name: string, syntax: string, family: Family | typeof deflated, parameters: object, d: PixelDescription][] = [
  ['RLE', '5', 'Rle', {}, grey],
  ['JPEG baseline', '4.50', 'Jpeg', { lossy: true }, narrow],
  ['JPEG lossless', '4.70', 'Jpeg', { lossy: false }, grey],
  ['JPEG-LS', '4.80', 'JpegLs', { lossy: false }, grey],
  ['JPEG 2000', '4.90', 'Jpeg2000', { lossy: false }, grey],
  ['HTJ2K', '4.201', 'HtJpeg2000', { lossy: false }, grey],
  ['JPEG XL', '4.110', 'JpegXl', { lossy: false }, grey],
  ['deflated frame', '8.1', deflated, {}, grey],
]
const compress = async (family: Family | typeof deflated, d: PixelDescription, parameters: object): Promise<Uint8Array> =>
  family === deflated ? new Uint8Array(deflateRawSync(bytesOf(phantom(d)))) : Uint8Array.from(await encode(family, bytesOf(phantom(d)), d, parameters))

type Outcome = { values: ArrayLike<number> } | { error: unknown }
const attempt = (syntax: string, frame: Uint8Array, d: PixelDescription): Promise<Outcome> =>
  transferSyntaxes[`1.2.840.10008.1.2.${syntax}`]!.decoder!(frame, d, 'x.dcm').then(
    ({ values }) => ({ values }),
    (error: unknown) => ({ error }),
  )
const codeOf = (outcome: Outcome): string => ('error' in outcome ? (outcome.error instanceof AssayError ? outcome.error.code : String(outcome.error)) : 'decoded')

describe.each(codings)('%s', (_name, syntax, family, parameters, d) => {
  const frame = compress(family, d, parameters)

  test('decodes whole', async () => {
    expect(codeOf(await attempt(syntax, await frame, d))).toBe('decoded')
  })

  test('is refused where the file says another size', async () => {
    // The other way round is a picture cut short.
    for (const other of [{ ...d, columns: d.columns + 5 }, { ...d, rows: d.rows * 2 }, { ...d, samples: 3 as const, photometric: 'RGB' as const }])
      expect(codeOf(await attempt(syntax, await frame, other))).toMatch(/^image-(corrupt|truncated)$/)
  })

  test('is refused wherever it was cut', async () => {
    const whole = await frame
    for (const share of [0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share))
      expect([share, codeOf(await attempt(syntax, cut, d))]).toEqual([share, expect.stringMatching(/^image-(corrupt|truncated)$/)])
    }
    // Markers of the end are two bytes, and what lacks only them is whole; padding of a byte may follow.
    expect(codeOf(await attempt(syntax, whole.subarray(0, whole.length - 5), d))).toMatch(/^image-(corrupt|truncated)$/)
  })

  test('damaged in single bits, it is refused or decodes to its size', async () => {
    const random = new Random(`damage ${_name}`)
    const took = cpuTime()
    for (let i = 0; i < 40; i++) {
      const damaged = (await frame).slice()
      for (let bits = 0; bits < 1 + (i % 3); bits++) damaged[random.integer(damaged.length)]! ^= 1 << random.integer(8)
      const outcome = await attempt(syntax, damaged, d)
      if ('values' in outcome) expect(outcome.values.length).toBe(d.rows * d.columns)
      else expect(codeOf(outcome)).toMatch(/^image-(corrupt|truncated|unsupported)$/)
    }
    expect(took()).toBeLessThan(20_000)
    expect(codeOf(await attempt(syntax, await frame, d)), 'and the decoder works as before').toBe('decoded')
  })

  test('rubbish, zeros and nothing are refused', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(2000), new Uint8Array(2000).fill(255), Uint8Array.from({ length: 2000 }, (_, i) => i * 31)])
      expect(codeOf(await attempt(syntax, bytes, d))).toMatch(/^image-(corrupt|truncated)$/)
  })
})

describe('frames that promise too much', () => {
  const large = { ...grey, rows: 16_000, columns: 16_000 }
  /** A header for the large size, and almost nothing behind it. */
  const rle = () => {
    const frame = new Uint8Array(100)
    new DataView(frame.buffer).setUint32(0, 2, true)
    new DataView(frame.buffer).setUint32(4, 64, true)
    new DataView(frame.buffer).setUint32(8, 80, true)
    return frame
  }
  const resized = async (family: Family, parameters: object, d: PixelDescription, frameMarker: number) => {
    const frame = await compress(family, d, parameters)
    for (let at = 0; at < frame.length - 9; at++)
      if (frame[at] === 0xff && frame[at + 1] === frameMarker) {
        new DataView(frame.buffer).setUint16(at + 5, large.rows)
        new DataView(frame.buffer).setUint16(at + 7, large.columns)
        break
      }
    return frame
  }

  test.each([
    ['RLE', '5', async () => rle(), large],
    ['JPEG baseline', '4.50', () => resized('Jpeg', { lossy: true }, narrow, 0xc0), { ...narrow, rows: 16_000, columns: 16_000 }],
    ['JPEG lossless', '4.70', () => resized('Jpeg', { lossy: false }, grey, 0xc3), large],
  ])('%s of a hundred bytes for 256 million pixels is refused at once', async (_, syntax, make, d) => {
    const frame = await make()
    const before = process.memoryUsage().rss
    const took = cpuTime()
    const outcome = await attempt(syntax, frame, d)
    expect(codeOf(outcome)).toBe('image-corrupt')
    expect(took()).toBeLessThan(500)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
  })

  test('a deflated frame that unpacks beyond its picture stops there', async () => {
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(200 * 2 ** 20)))
    const before = process.memoryUsage().rss
    expect(codeOf(await attempt('8.1', bomb, grey))).toBe('image-corrupt')
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
  })
})

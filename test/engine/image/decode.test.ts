import fc from 'fast-check'
import { decode as unpng, encode as topng } from 'fast-png'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/engine/image/decode'
import { encodePng } from '../../../src/engine/image/encode'
import { jpeg, png } from './pictures'

const failure = (bytes: Uint8Array) =>
  decodeImage(bytes, 'scan.file').then(
    () => 'no error',
    (error: { code: string; facts: { path?: string } }) => `${error.code} ${error.facts.path}`,
  )
const text = (s: string) => new TextEncoder().encode(s)

describe('PNG', () => {
  const grey = [0, 50, 100, 150, 200, 255]
  const rgb = [0, 150, 255, 50, 200, 205, 100, 255, 155, 150, 0, 105, 200, 50, 55, 255, 100, 0]

  test.each([
    ['grey', png.grey, 1, 8, grey],
    ['RGB', png.rgb, 3, 8, rgb],
    ['RGBA: alpha is dropped, hidden samples stay', png.rgba, 3, 8, rgb],
    ['grey with alpha', png.greyAlpha, 1, 8, grey],
    ['16-bit grey', png.grey16, 1, 16, [0, 1, 256, 4095, 32768, 65535]],
    ['a palette of two bits', png.palette2Bits, 3, 8, [10, 20, 30, 40, 50, 60, 70, 80, 90, 70, 80, 90, 40, 50, 60, 10, 20, 30]],
  ] as const)('%s as Pillow wrote it', async (_, file, samples, bitsStored, values) => {
    const image = await decodeImage(file)
    expect(image).toMatchObject({ format: 'png', width: 3, height: 2, frames: 1, samples, bitsStored, signed: false })
    expect([...image.pixels]).toEqual(values)
  })

  test('one bit a pixel becomes 0 and 1, rows beginning on byte borders', async () => {
    const image = await decodeImage(png.oneBit)
    expect(image).toMatchObject({ width: 10, height: 2, samples: 1, bitsStored: 1 })
    expect([...image.pixels].join('')).toBe('10110010110100110100')
  })

  test('what we write at 16 bits is what fast-png and we read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }).chain((width) => fc.tuple(fc.constant(width), fc.uint16Array({ minLength: width, maxLength: width * 5 }))),
        fc.constantFrom<1 | 3>(1, 3),
        async ([width, values], samples) => {
          const height = Math.floor(values.length / width)
          const data = new Uint16Array(width * height * samples).map((_, i) => values[i % values.length]!)
          const file = encodePng({ width, height, samples, data })
          expect([...unpng(file).data]).toEqual([...data])
          expect([...(await decodeImage(file)).pixels]).toEqual([...data])
        },
      ),
      { numRuns: 50 },
    )
  })

  test('interlaced pictures hold the same pixels', async () => {
    const data = new Uint16Array(11 * 9).map((_, i) => i * 601)
    const file = topng({ width: 11, height: 9, channels: 1, depth: 16, data }, { interlace: 'Adam7' })
    expect([...(await decodeImage(file)).pixels]).toEqual([...data])
  })

  test('cut anywhere after its signature it is truncated', async () => {
    for (let length = 8; length < png.rgb.length; length++) expect(await failure(png.rgb.subarray(0, length))).toBe('image-truncated scan.file')
  })

  test('a flipped bit in the pixel data is found', async () => {
    const bent = png.rgb.slice()
    bent[bent.length - 25]! ^= 4
    expect(await failure(bent)).toBe('image-corrupt scan.file')
  })

  test('a header that asks for more than the limit is refused before it is believed', async () => {
    const huge = png.grey16.slice()
    new DataView(huge.buffer).setUint32(16, 70000)
    new DataView(huge.buffer).setUint32(20, 70000)
    expect(await failure(huge)).toBe('image-too-large scan.file')
  })

  test('more unpacked data than the header accounts for is refused', async () => {
    const bomb = topng({ width: 1000, height: 1000, channels: 1, depth: 8, data: new Uint8Array(1e6) })
    new DataView(bomb.buffer, bomb.byteOffset).setUint32(16, 1)
    expect(await failure(bomb)).toBe('image-corrupt scan.file')
  })

  test('less data than the header asks for is truncated', async () => {
    const short = topng({ width: 10, height: 10, channels: 1, depth: 8, data: new Uint8Array(100) })
    new DataView(short.buffer, short.byteOffset).setUint32(20, 500)
    expect(await failure(short)).toBe('image-truncated scan.file')
  })
})

describe('JPEG', () => {
  test.each([
    ['grey', jpeg.grey, 1],
    ['colour, 4:4:4', jpeg.colour444, 3],
    ['progressive colour, 4:2:0', jpeg.progressive420, 3],
  ] as const)('%s: the same pixels as Pillow', async (_, { file, checksum, first }, samples) => {
    const image = await decodeImage(file)
    expect(image).toMatchObject({ format: 'jpeg', width: 24, height: 16, samples, bitsStored: 8, photometric: samples === 3 ? 'RGB' : 'MONOCHROME2' })
    expect([...image.pixels.subarray(0, 12)]).toEqual(first)
    expect(crc32(image.pixels as Uint8Array)).toBe(checksum)
  })

  test('decoding one picture leaves the pixels of the one before alone', async () => {
    const before = await decodeImage(jpeg.grey.file)
    await decodeImage(jpeg.colour444.file)
    expect(crc32(before.pixels as Uint8Array)).toBe(jpeg.grey.checksum)
  })

  test('cut anywhere it is truncated, also where only the last scan or the end marker is missing', async () => {
    for (const { file } of [jpeg.grey, jpeg.progressive420])
      for (let length = 3; length < file.length; length++) expect(await failure(file.subarray(0, length)), String(length)).toBe('image-truncated scan.file')
  })

  test('damage in a table is found', async () => {
    const bent = jpeg.grey.file.slice()
    bent[bent.findIndex((byte, i) => byte === 0xff && bent[i + 1] === 0xc4) + 5] = 200
    expect(await failure(bent)).toBe('image-corrupt scan.file')
  })

  test('CMYK becomes RGB', async () => {
    expect(await decodeImage(jpeg.cmyk)).toMatchObject({ width: 24, height: 16, samples: 3, photometric: 'RGB', bitsStored: 8 })
  })
})

describe('what a file is', () => {
  test('is told by its content', async () => {
    expect((await decodeImage(png.grey, 'scan.dcm')).format).toBe('png')
    expect((await decodeImage(Buffer.from(jpeg.grey.file), 'scan.png')).format).toBe('jpeg')
  })

  test.each([
    ['an empty file', new Uint8Array(0), 'file-empty'],
    ['text', text('This is not a DICOM file, whatever it is called.\n'.repeat(20)), 'image-format-unknown'],
    ['a web page', text('<!doctype html><html></html>'), 'image-format-unknown'],
    ['zeros', new Uint8Array(1000), 'image-format-unknown'],
    ['a preamble and nothing else', Uint8Array.from({ length: 132 }, (_, i) => 'DICM'.charCodeAt(i - 128) || 0), 'image-truncated'],
  ])('%s', async (_, bytes, code) => {
    expect(await failure(bytes)).toBe(`${code} scan.file`)
  })

  test('bytes that begin like a picture and go on at random end in a typed error', async () => {
    const beginnings = [png.grey.subarray(0, 40), jpeg.grey.file.subarray(0, 300), Uint8Array.from({ length: 132 }, (_, i) => 'DICM'.charCodeAt(i - 128) || 0), text('\x08\x00\x05\x00CS')]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...beginnings), fc.uint8Array({ minLength: 1, maxLength: 200 }), async (beginning, rest) => {
        expect(await failure(Uint8Array.from([...beginning, ...rest]))).toMatch(/^(image|dicom)-[a-z-]+ scan\.file$/)
      }),
      { numRuns: 300 },
    )
  })
})

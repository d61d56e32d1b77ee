/**
 * What a codestream says against what the data set says: colour models, signs, depths that the encoders at hand do not
 * write. Codestreams are changed by hand where only a few bytes of their headers matter.
 */
import { createRequire } from 'node:module'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../../src/engine/image/decode'
import { asStoredPixels } from '../../../../src/engine/image/codecs/frame'
import { decodeJpeg } from '../../../../src/engine/image/codecs/jpeg'
import { decodeJpeg2000 } from '../../../../src/engine/image/codecs/jpeg-2000'
import { jpeg2000Codestream, readJpeg2000Header } from '../../../../src/engine/image/codecs/jpeg-2000-header'
import { decodeJpegXl } from '../../../../src/engine/image/codecs/jpeg-xl'
import { withoutNotes } from '../../../../src/engine/image/dicom/codestream-notes'
import { readJpegXlHeader } from '../../../../src/engine/image/codecs/jpeg-xl-header'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'
import { compressedFile, evenLength, sequence } from '../dicom/encapsulate'
import { encode } from './dcmjs-codecs'
import { decodeWithJxlOxide } from './jxl-oxide'
import { box } from './made-boxes'
import { bytesOf, describePhantom, phantom } from './phantoms'

const grey8 = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 1, signed: false })
const rgb8 = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 3, signed: false })
const grey12 = describePhantom({ bitsAllocated: 16, bitsStored: 12, samples: 1, signed: false })
const grey16 = describePhantom({ bitsAllocated: 16, bitsStored: 16, samples: 1, signed: false })
const rgb16 = describePhantom({ bitsAllocated: 16, bitsStored: 16, samples: 3, signed: false })

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Infinity
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}
const find = (bytes: Uint8Array, ...wanted: number[]) => bytes.findIndex((_, i) => wanted.every((byte, j) => bytes[i + j] === byte))
const joined = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

describe('JPEG', () => {
  /** YCbCr behind a JFIF marker, as encoders write it. */
  const jfif = async () => Uint8Array.from(await encode('Jpeg', bytesOf(phantom(rgb8)), rgb8, { lossy: true, quality: 95 }))
  const bare = async () => {
    const stream = await jfif()
    return joined(stream.subarray(0, 2), stream.subarray(2 + 2 + 16))
  }
  const adobe = (transform: number) => [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform]
  const withAdobe = async (transform: number) => {
    const stream = await bare()
    return joined(stream.subarray(0, 2), adobe(transform), stream.subarray(2))
  }
  const named = async (ids: string) => {
    const stream = await bare()
    const frame = find(stream, 0xff, 0xc0)
    const scan = find(stream, 0xff, 0xda)
    ;[...ids].forEach((id, i) => {
      stream[frame + 10 + 3 * i] = id.charCodeAt(0)
      stream[scan + 5 + 2 * i] = id.charCodeAt(0)
    })
    return stream
  }
  const ybr: PixelDescription = { ...rgb8, photometric: 'YBR_FULL_422' }

  test.each([
    ['JFIF', jfif, rgb8, 'YBR_FULL'],
    ['JFIF', jfif, ybr, 'YBR_FULL'],
    ["Adobe's marker, transformed", () => withAdobe(1), rgb8, 'YBR_FULL'],
    ["Adobe's marker, untransformed", () => withAdobe(0), ybr, 'RGB'],
    ['components R, G, B', () => named('RGB'), ybr, 'RGB'],
    ['nothing', bare, rgb8, 'RGB'],
    ['nothing', bare, ybr, 'YBR_FULL'],
  ])('a stream that says %s, in a file that says otherwise or the same', async (_, make, d, expected) => {
    expect((await decodeJpeg(await make(), d, 'x')).photometric).toBe(expected)
  })

  test('stored values are the components, whatever the markers say of them', async () => {
    const { values } = await decodeJpeg(await jfif(), rgb8, 'x')
    for (const make of [bare, () => withAdobe(0), () => withAdobe(1), () => named('RGB')]) expect(largest((await decodeJpeg(await make(), rgb8, 'x')).values, values)).toBe(0)
  })

  test('the picture that is shown has its colours', async () => {
    const pixels = { rows: rgb8.rows, columns: rgb8.columns, samples: 3, photometric: 'YBR_FULL_422', allocated: 8, planar: 0 }
    const shown = await (await openImage(compressedFile('1.2.840.10008.1.2.4.50', pixels, sequence([evenLength(await jfif())])), 'x.dcm')).frame(0)
    expect(shown).toMatchObject({ photometric: 'RGB', samples: 3 })
    expect(largest(shown.pixels, phantom(rgb8))).toBeLessThan(30)
    // Taken for RGB, green would be chroma.
    const untransformed = await (await openImage(compressedFile('1.2.840.10008.1.2.4.50', pixels, sequence([evenLength(await withAdobe(0))])), 'x.dcm')).frame(0)
    expect(largest(untransformed.pixels, phantom(rgb8))).toBeGreaterThan(60)
  })

  test('12 bits of the extended process: the same coefficients around another middle', async () => {
    const original = phantom(grey8, 0, 0.8)
    const eight = Uint8Array.from(await encode('Jpeg', bytesOf(original), grey8, { lossy: true, quality: 95 }))
    const twelve = eight.slice()
    const frame = find(twelve, 0xff, 0xc0)
    twelve[frame + 1] = 0xc1
    twelve[frame + 4] = 12
    const { values: of8 } = await decodeJpeg(eight, grey8, 'x')
    const { values: of12, precision } = await decodeJpeg(twelve, grey12, 'x')
    expect(precision).toBe(12)
    // The two depths round at other bits.
    expect(largest(Array.from(of12, (value) => value - 2048), Array.from(of8, (value) => value - 128))).toBeLessThanOrEqual(1)
  })

  test.each([
    ['baseline', { lossy: true }],
    ['lossless', { lossy: false }],
  ])('%s: a lost end marker loses nothing, lost data does', async (_, parameters) => {
    const whole = Uint8Array.from(await encode('Jpeg', bytesOf(phantom(grey8)), grey8, parameters))
    const { values } = await decodeJpeg(whole, grey8, 'x')
    const end = whole.lastIndexOf(0xd9) - 1
    const scan = whole.subarray(0, end)
    expect(largest((await decodeJpeg(scan, grey8, 'x')).values, values)).toBe(0)
    expect(largest((await decodeJpeg(joined(scan, [0]), grey8, 'x')).values, values)).toBe(0)
    for (const lost of [4, 20, 100]) await expect(decodeJpeg(whole.subarray(0, end - lost), grey8, 'x.dcm')).rejects.toMatchObject({ code: 'image-corrupt' })
  })

  test('a component without a scan is an error, not grey', async () => {
    const whole = Uint8Array.from(await encode('Jpeg', bytesOf(phantom(grey8)), grey8, { lossy: true }))
    const frame = find(whole, 0xff, 0xc0)
    const length = whole[frame + 3]!
    const three = joined(whole.subarray(0, frame + 3), [length + 6], whole.subarray(frame + 4, frame + 9), [3], whole.subarray(frame + 10, frame + 13), [2, 0x11, 0, 3, 0x11, 0], whole.subarray(frame + 13))
    await expect(decodeJpeg(three, rgb8, 'x.dcm')).rejects.toMatchObject({ code: 'image-corrupt', message: expect.stringContaining('scan') as string })
  })

  test('a process that nobody decodes is refused by its name', async () => {
    const arithmetic = Uint8Array.from(await encode('Jpeg', bytesOf(phantom(grey8)), grey8, { lossy: true }))
    arithmetic[find(arithmetic, 0xff, 0xc0) + 1] = 0xc9
    await expect(decodeJpeg(arithmetic, grey8, 'x.dcm')).rejects.toMatchObject({ code: 'image-unsupported', message: expect.stringContaining('arithmetic') as string })
    const hierarchical = Uint8Array.from(await encode('Jpeg', bytesOf(phantom(grey8)), grey8, { lossy: true }))
    const frame = find(hierarchical, 0xff, 0xc0)
    const sizes = hierarchical.slice(frame, frame + 2 + hierarchical[frame + 3]!)
    sizes[1] = 0xde
    const stream = joined(hierarchical.subarray(0, frame), sizes, hierarchical.subarray(frame))
    await expect(decodeJpeg(stream, grey8, 'x.dcm')).rejects.toMatchObject({ code: 'image-unsupported', message: expect.stringContaining('hierarchy') as string })
  })
})

describe('bits beyond those stored', () => {
  const d = { ...grey12, bitsStored: 10, highBit: 9 }
  const frame = (values: number[], precision: number, exact: boolean) => ({ values: Uint16Array.from(values), precision, photometric: 'MONOCHROME2' as const, exact })

  test('mean nothing where the codec keeps every bit', () => {
    expect([...asStoredPixels(frame([0xf3ff, 0x0400], 16, true), d)]).toEqual([0x3ff, 0])
    expect([...asStoredPixels(frame([0xf3ff, 0x0200], 16, true), { ...d, signed: true })]).toEqual([-1, -512])
    expect([...asStoredPixels(frame([0xffc0, 0x0040], 16, true), { ...d, highBit: 15 })]).toEqual([0x3ff, 1])
  })

  test('are the brightest of the bright where it does not', () => {
    expect([...asStoredPixels(frame([1024], 12, false), d)]).toEqual([1024])
  })

  test('JPEG lossless with an overlay in its upper bits gives the picture', async () => {
    const picture = phantom(grey12)
    const cells = Uint16Array.from(picture, (value, i) => value | ((i % 16) << 12))
    const stream = await encode('Jpeg', bytesOf(cells), grey16, { lossy: false })
    expect(largest(asStoredPixels(await decodeJpeg(stream, grey12, 'x'), grey12), picture)).toBe(0)
  })
})

describe('JPEG 2000', () => {
  /** Marks the samples as signed, which takes away half their range. */
  const asSigned = (codestream: Uint8Array, components: number) => {
    const out = Uint8Array.from(codestream)
    for (let c = 0; c < components; c++) out[42 + 3 * c]! |= 0x80
    return out
  }

  test.each([
    ['JPEG 2000, grey', 'Jpeg2000', grey8],
    ['JPEG 2000, colour', 'Jpeg2000', rgb8],
    ['HTJ2K, grey', 'HtJpeg2000', grey8],
    ['HTJ2K, colour', 'HtJpeg2000', rgb8],
    ['JPEG 2000, 12 bits', 'Jpeg2000', grey12],
    ['HTJ2K, 16 bits', 'HtJpeg2000', grey16],
  ] as const)('%s: samples that the codestream calls signed keep their lower half', async (_, family, d) => {
    const codestream = asSigned(await encode(family, bytesOf(phantom(d)), d, { lossy: false }), d.samples)
    const { precision, signed } = readJpeg2000Header(codestream)!
    expect(signed).toBe(true)
    const { values } = await decodeJpeg2000(codestream, d, 'x')
    expect(largest(values, Array.from(phantom(d), (value) => value - 2 ** (precision - 1)))).toBe(0)
  })

  test('of a file that says unsigned the same bits are kept', async () => {
    const decoded = await decodeJpeg2000(asSigned(await encode('Jpeg2000', bytesOf(phantom(grey12)), grey12, { lossy: false }), 1), grey12, 'x')
    expect(largest(asStoredPixels(decoded, grey12), Array.from(phantom(grey12), (value) => (value - 2048) & 0xfff))).toBe(0)
    expect(largest(asStoredPixels(decoded, { ...grey12, signed: true }), Array.from(phantom(grey12), (value) => value - 2048))).toBe(0)
  })

  test('a JP2 file around the codestream is looked through', async () => {
    const codestream = await encode('Jpeg2000', bytesOf(phantom(grey8)), grey8, { lossy: false })
    const jp2 = joined(box('jP  ', [0x0d, 0x0a, 0x87, 0x0a]), box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ')), box('jp2h', [1, 2, 3, 4]), box('jp2c', codestream))
    expect(jpeg2000Codestream(jp2)).toEqual(new Uint8Array(codestream))
    expect(largest((await decodeJpeg2000(jp2, grey8, 'x')).values, phantom(grey8))).toBe(0)
  })

  test('a colour transform comes out as RGB whatever the file calls it, and untransformed components as the file says', async () => {
    const transformed = await encode('Jpeg2000', bytesOf(phantom(rgb8)), rgb8, { lossy: false })
    const plain = await encode('Jpeg2000', bytesOf(phantom(rgb8)), rgb8, { lossy: false, allowMct: 0 })
    const model = async (codestream: Uint8Array, photometric: PixelDescription['photometric']) => (await decodeJpeg2000(codestream, { ...rgb8, photometric }, 'x')).photometric
    expect(readJpeg2000Header(transformed)?.colourTransform).toBe(true)
    expect(readJpeg2000Header(plain)?.colourTransform).toBe(false)
    for (const photometric of ['YBR_RCT', 'YBR_ICT', 'RGB', 'YBR_FULL'] as const) expect(await model(transformed, photometric)).toBe('RGB')
    expect(await model(plain, 'RGB')).toBe('RGB')
    expect(await model(plain, 'YBR_FULL')).toBe('YBR_FULL')
  })

  test('colour of 16 bits is refused, and not shown black', async () => {
    const codestream = await encode('Jpeg2000', bytesOf(phantom(rgb16)), rgb16, { lossy: false })
    await expect(decodeJpeg2000(codestream, rgb16, 'x.dcm')).rejects.toMatchObject({ code: 'image-unsupported', message: expect.stringContaining('16 bits') as string })
  })

  test('components of other sizes than the image are refused', async () => {
    const codestream = Uint8Array.from(await encode('Jpeg2000', bytesOf(phantom(rgb8)), rgb8, { lossy: false }))
    codestream[42 + 3 + 1] = 2
    await expect(decodeJpeg2000(codestream, rgb8, 'x.dcm')).rejects.toMatchObject({ code: 'image-unsupported' })
  })

  describe('HTJ2K of another encoder', () => {
    interface Encoder {
      getDecodedBuffer(info: object): Uint8Array
      setQuality(lossless: boolean, step: number): void
      encode(): void
      getEncodedBuffer(): Uint8Array
      delete(): void
    }
    /** The encoder of OpenJPH's package. It reads lines wrongly where there is no colour transform or more than 8 bits, as told below. */
    const compress = async (native: Uint8Array, d: PixelDescription, isUsingColorTransform: boolean) => {
      const start = createRequire(import.meta.url)('@cornerstonejs/codec-openjph') as (options: object) => Promise<{ HTJ2KEncoder: new () => Encoder }>
      const encoder = new (await start({ print: () => undefined, printErr: () => undefined })).HTJ2KEncoder()
      encoder.getDecodedBuffer({ width: d.columns, height: d.rows, bitsPerSample: d.bitsStored, componentCount: d.samples, isSigned: false, isUsingColorTransform }).set(native)
      encoder.setQuality(true, 0)
      encoder.encode()
      const codestream = Uint8Array.from(encoder.getEncodedBuffer())
      encoder.delete()
      return codestream
    }

    test('without colour transform, each component has its own lines', async () => {
      // The encoder hands line after line of R, G and B to a codestream that wants all of R first.
      const original = phantom(rgb8)
      const codestream = await compress(bytesOf(original), rgb8, false)
      expect(readJpeg2000Header(codestream)?.colourTransform).toBe(false)
      const { values } = await decodeJpeg2000(codestream, rgb8, 'x')
      const { rows, columns } = rgb8
      const expected = new Uint8Array(original.length)
      for (let line = 0; line < 3 * rows; line++)
        for (let x = 0; x < columns; x++) expected[((line % rows) * columns + x) * 3 + Math.floor(line / rows)] = original[(Math.floor(line / 3) * columns + x) * 3 + (line % 3)]!
      expect(largest(values, expected)).toBe(0)
    })

    test('with colour transform, colour of 16 bits is decoded', async () => {
      // The encoder takes the samples as if there were one for each pixel, and gives all three components the same.
      const original = phantom(rgb16)
      const { values } = await decodeJpeg2000(await compress(bytesOf(original), rgb16, true), rgb16, 'x')
      const expected = original.map((_, i) => original[Math.floor(i / 3)]!)
      expect(largest(values, expected)).toBe(0)
    })
  })
})

describe('JPEG XL', () => {
  test('12 bits come out as they went in', async () => {
    const original = phantom(grey12)
    const codestream = Uint8Array.from(await encode('JpegXl', bytesOf(original), grey12, { lossy: false }))
    expect(readJpegXlHeader(codestream)).toMatchObject({ width: 37, height: 23, components: 1, precision: 16 })
    // The depth is written as 1 + 15 in six bits; 1 + 11 takes as many.
    const depth = depthBits(codestream)
    for (let i = 0; i < 6; i++) setBit(codestream, depth + i, (11 >> i) & 1)
    expect(readJpegXlHeader(codestream)).toMatchObject({ width: 37, height: 23, components: 1, precision: 12 })
    expect(largest((await decodeJpegXl(codestream, grey12, 'x')).values, original)).toBe(0)
    // A decoder of other people reads the same depth: it stretches 12 bits to 16.
    expect(largest(decodeWithJxlOxide(codestream).data, Array.from(original, (value) => Math.round((value * 65535) / 4095)))).toBeLessThanOrEqual(1)
  })

  test('a picture whose boxes keep no notes any more is the same to both decoders', async () => {
    const original = phantom(grey8)
    const codestream = Uint8Array.from(await encode('JpegXl', bytesOf(original), grey8, { lossy: false }))
    const told = Buffer.from('\0\0\0\0taken by A. Grünwald', 'latin1')
    const file = joined(box('JXL ', [0x0d, 0x0a, 0x87, 0x0a]), box('ftyp', Buffer.from('jxl \0\0\0\0jxl ')), box('Exif', told), box('xml ', told), box('jxlc', codestream), box('brob', joined(Buffer.from('Exif'), brotliCompressSync(told))))
    const [silent] = withoutNotes([file])
    expect([file, silent!].map((each) => Buffer.from(each).includes('wald'))).toEqual([true, false])
    expect(silent).toHaveLength(file.length)
    for (const each of [file, silent!]) {
      expect(largest((await decodeJpegXl(each, grey8, 'x')).values, original)).toBe(0)
      expect(largest(decodeWithJxlOxide(each).data, original)).toBe(0)
    }
  })

  const bit = (bytes: Uint8Array, at: number) => (bytes[at >> 3]! >> (at & 7)) & 1
  const setBit = (bytes: Uint8Array, at: number, value: number) => (bytes[at >> 3] = (bytes[at >> 3]! & ~(1 << (at & 7))) | (value << (at & 7)))
  /** Where "15" stands in six bits behind the selector 3 and the flag of floating point, that is 0, 11, 001111. */
  function depthBits(bytes: Uint8Array): number {
    // A container of boxes may be around the codestream.
    for (let at = 8 * find(bytes, 0xff, 0x0a); at < 8 * bytes.length; at++) if ([0, 1, 1, 1, 1, 1, 1, 0, 0].every((value, i) => bit(bytes, at + i) === value)) return at + 3
    throw new Error('no depth of 16 bits')
  }

  test.each([
    [8, 8],
    [37, 23],
    [64, 64],
    [256, 192],
    [600, 40],
    [1000, 1],
    [3, 2000],
  ])('the header of %i × %i is read', async (columns, rows) => {
    const d = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 3, signed: false }, rows, columns)
    expect(readJpegXlHeader(await encode('JpegXl', bytesOf(phantom(d)), d, { lossy: false }))).toEqual({ width: columns, height: rows, components: 3, precision: 8, beyond: undefined })
  })
})

import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { badCuts, outcome } from '../../../support/cut'
import type { Reference } from '../../../support/pillow'
import { havePillow, pillow } from '../../../support/pillow'
import { jpeg } from '../pictures'

const segment = (marker: number, content: Uint8Array) => Buffer.concat([Uint8Array.of(0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255), content])
/** A stream with one more segment at its beginning. */
const inserted = (file: Uint8Array, marker: number, content: Uint8Array) => Buffer.concat([file.subarray(0, 2), segment(marker, content), file.subarray(2)])

/** An EXIF segment's content with one entry, the orientation. */
function exif(orientation: number, littleEndian: boolean, change: (tiff: Buffer) => void = () => undefined): Uint8Array {
  const tiff = Buffer.alloc(26)
  const short = (value: number, at: number) => (littleEndian ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at))
  const long = (value: number, at: number) => (littleEndian ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at))
  tiff.write(littleEndian ? 'II' : 'MM')
  short(42, 2)
  long(8, 4)
  short(1, 8)
  short(274, 10)
  short(3, 12)
  long(1, 14)
  short(orientation, 18)
  change(tiff)
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff])
}

const factsOf = (image: { facts: { label: string; value: string }[] }) => Object.fromEntries(image.facts.map(({ label, value }) => [label, value]))

describe.skipIf(!havePillow)('JPEG beside Pillow', () => {
  let references: Reference[]
  const called = (start: string) => references.filter(({ name }) => name.startsWith(start))
  beforeAll(() => {
    references = pillow(`
y, x = np.mgrid[0:29, 0:43]
grey = ((x * 3 + y * 5) % 256).astype('uint8')
rgb = np.stack([grey, (y * 8 % 256).astype('uint8'), 255 - grey], 2)
def save(name, image, **options):
    image.save(name, **options); give(name, read(name))
for quality in (30, 75, 95):
    for progressive in (False, True):
        for sub in (0, 1, 2):
            save(f'rgb-{quality}-{progressive}-{sub}.jpg', Image.fromarray(rgb), quality=quality, progressive=progressive, subsampling=sub, optimize=sub == 1)
    save(f'grey-{quality}.jpg', Image.fromarray(grey), quality=quality)
for orientation in range(0, 10):
    for kind, array in (('rgb', rgb), ('grey', grey)):
        e = Image.Exif(); e[274] = orientation; e[271] = 'A maker'
        name = f'turned-{kind}-{orientation}.jpg'
        Image.fromarray(array).save(name, exif=e, quality=95, subsampling=0)
        give(name, ImageOps.exif_transpose(read(name)))
inks = np.dstack([rgb, (x * 2 + y).astype('uint8')])
Image.fromarray(inks, 'CMYK').save('cmyk.jpg', quality=92)
give('cmyk.jpg', read('cmyk.jpg'))
# Adobe's transform changed: the same components as YCCK, and three components as RGB.
data = open('cmyk.jpg', 'rb').read(); at = data.index(b'Adobe') + 11
open('ycck.jpg', 'wb').write(data[:at] + bytes([2]) + data[at + 1:]); give('ycck.jpg', read('ycck.jpg'))
Image.fromarray(rgb).save('plain.jpg', quality=92, subsampling=0)
data = open('plain.jpg', 'rb').read(); at = data.index(b'JFIF') - 4
open('adobe-rgb.jpg', 'wb').write(data[:at] + b'\\xff\\xee\\x00\\x0eAdobe\\x00d\\x00\\x00\\x00\\x00\\x00' + data[at + 18:]); give('adobe-rgb.jpg', read('adobe-rgb.jpg'))
`)
  })

  test('grey and colour, plain and progressive, with every subsampling: the same pixels', async () => {
    const files = [...called('rgb-'), ...called('grey-')]
    expect(files).toHaveLength(21)
    for (const { name, file, values } of files) expect([...(await decodeImage(file, name)).pixels], name).toEqual(values)
  })

  test('every EXIF orientation is applied, and the facts say so', async () => {
    const files = called('turned-')
    expect(files).toHaveLength(20)
    for (const { name, file, values, shape } of files) {
      const opened = await openImage(file, name)
      const image = await opened.frame(0)
      expect([image.height, image.width], name).toEqual(shape.slice(0, 2))
      expect([...image.pixels], name).toEqual(values)
      const orientation = Number(/\d/.exec(name)![0])
      if (orientation >= 2 && orientation <= 8) expect(factsOf(image).Orientation, name).toMatch(/^turned by its EXIF orientation/)
      else expect(factsOf(image).Orientation, name).toBeUndefined()
      // The stored image is not turned.
      expect(await opened.stored(), name).toMatchObject({ width: 43, height: 29 })
      expect(JSON.stringify(image.facts)).not.toContain('maker')
    }
  })

  test('CMYK and YCCK: the inks are those that Pillow reads, within rounding, and the colours theirs', async () => {
    for (const name of ['cmyk.jpg', 'ycck.jpg']) {
      const { file, values } = called(name)[0]!
      const opened = await openImage(file, name)
      const stored = await opened.stored()
      expect(stored.samples).toBe(4)
      const differences = values.map((value, i) => Math.abs(value - stored.pixels[i]!))
      // Two libraries' inverse transforms differ by one at times.
      expect(Math.max(...differences), name).toBeLessThanOrEqual(name === 'cmyk.jpg' ? 1 : 2)
      expect(differences.reduce((sum, value) => sum + value, 0) / differences.length, name).toBeLessThan(0.1)
      const image = await opened.frame(0)
      expect(image).toMatchObject({ samples: 3, photometric: 'RGB', bitsStored: 8 })
      expect(factsOf(image)['Colour model']).toBe(name === 'cmyk.jpg' ? 'CMYK' : 'YCCK')
      for (let i = 0; i < image.pixels.length; i += 101) {
        const pixel = Math.floor(i / 3) * 4
        const light = (255 - stored.pixels[pixel + 3]!) * (255 - stored.pixels[pixel + (i % 3)]!)
        expect(image.pixels[i], name).toBe(Math.round(light / 255))
      }
    }
  })

  test('RGB marked by Adobe is not taken for YCbCr', async () => {
    const { file, values } = called('adobe-rgb')[0]!
    expect([...(await decodeImage(file)).pixels]).toEqual(values)
  })

  test('CMYK cut anywhere is an error', async () => {
    expect(await badCuts(called('cmyk')[0]!.file, 60)).toEqual([])
  })

  test('CMYK with the end of its data overwritten is an error and not half a picture', async () => {
    const file = Buffer.from(called('cmyk')[0]!.file)
    const scan = file.indexOf(Uint8Array.of(0xff, 0xda))
    const short = Buffer.concat([file.subarray(0, scan + Math.floor((file.length - scan) / 2)), Uint8Array.of(0xff, 0xd9)])
    expect(await outcome(short)).toBe('image-corrupt')
  })
})

describe('EXIF orientation', () => {
  const shape = async (file: Uint8Array) => {
    const { width, height } = await decodeImage(file)
    return `${width}×${height}`
  }

  test('is read in both byte orders', async () => {
    expect(await shape(inserted(jpeg.grey.file, 0xe1, exif(6, true)))).toBe('16×24')
    expect(await shape(inserted(jpeg.grey.file, 0xe1, exif(6, false)))).toBe('16×24')
    expect(await shape(jpeg.grey.file)).toBe('24×16')
  })

  test('a quarter turn clockwise brings the left column to the top', async () => {
    const { pixels: stored } = await decodeImage(jpeg.grey.file)
    const { pixels, width } = await decodeImage(inserted(jpeg.grey.file, 0xe1, exif(6, true)))
    for (let y = 0; y < 24; y++) for (let x = 0; x < 16; x++) expect(pixels[y * width + x]).toBe(stored[(15 - x) * 24 + y])
  })

  test.each([
    ['orientation 0', exif(0, true)],
    ['orientation 9', exif(9, false)],
    ['a directory beyond the end', exif(6, true, (tiff) => tiff.writeUInt32LE(4000, 4))],
    ['a directory at the largest offset', exif(6, true, (tiff) => tiff.writeUInt32LE(0xffffffff, 4))],
    ['more entries than there are', exif(6, true, (tiff) => tiff.writeUInt16LE(60000, 8))],
    ['a value that lies beyond the end', exif(6, true, (tiff) => tiff.writeUInt32LE(0x10000000, 14))],
    ['a text for an orientation', exif(6, true, (tiff) => tiff.writeUInt16LE(2, 12))],
    ['an unknown byte order', exif(6, true, (tiff) => tiff.write('XX'))],
    ['nothing', Buffer.from('Exif\0\0')],
  ])('%s leaves the picture as it is stored', async (_, content) => {
    expect(await shape(inserted(jpeg.grey.file, 0xe1, content))).toBe('24×16')
  })

  test('a thumbnail inside EXIF is not taken for the picture', async () => {
    const thumbnail = Buffer.concat([exif(1, true), jpeg.colour444.file])
    expect((await decodeImage(inserted(jpeg.grey.file, 0xe1, thumbnail))).samples).toBe(1)
  })
})

describe('JPEG of other processes', () => {
  /** The Independent JPEG Group's encoder in dcmjs-codecs. */
  async function lossless(values: Uint16Array, width: number, height: number, bits: number): Promise<Uint8Array> {
    const { NativeCodecs, Context } = createRequire(import.meta.url)('dcmjs-codecs') as any
    if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync({ logCodecsInfo: false, logCodecsTrace: false })
    const context = new Context({
      width, height, bitsAllocated: 16, bitsStored: bits, samplesPerPixel: 1, pixelRepresentation: 0, planarConfiguration: 0, photometricInterpretation: 'MONOCHROME2',
      decodedBuffer: new Uint8Array(values.buffer),
    })
    const encoded = NativeCodecs.encodeJpeg(context, { lossy: false, predictor: 1 }).getEncodedBuffer() as Uint8Array
    return encoded.slice()
  }

  test.each([12, 16])('lossless grey of %i bits is exact', async (bits) => {
    const values = new Uint16Array(19 * 11).map((_, i) => (i * 2531) % 2 ** bits)
    const image = await decodeImage(await lossless(values, 19, 11, bits))
    expect(image).toMatchObject({ format: 'jpeg', width: 19, height: 11, samples: 1, bitsStored: bits })
    expect([...image.pixels]).toEqual([...values])
  })

  const frameAt = (file: Uint8Array) => file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0)
  test('arithmetic coding is named as not supported', async () => {
    const file = jpeg.grey.file.slice()
    file[frameAt(file) + 1] = 0xc9
    expect(await outcome(file)).toBe('image-unsupported')
  })

  test('12-bit colour is named as not supported', async () => {
    const file = jpeg.colour444.file.slice()
    file[frameAt(file) + 4] = 12
    expect(await outcome(file)).toBe('image-unsupported')
  })

  test('a size that the data cannot hold is refused before it is believed', async () => {
    const file = jpeg.grey.file.slice()
    file.set([0x1f, 0xff, 0x1f, 0xff], frameAt(file) + 5)
    expect(await outcome(file)).toBe('image-truncated')
    file.set([0xff, 0xff, 0xff, 0xff], frameAt(file) + 5)
    expect(await outcome(file)).toBe('image-too-large')
  })
})

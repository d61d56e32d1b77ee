import { beforeAll, describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { badCuts, outcome } from '../../../support/cut'
import type { Reference } from '../../../support/pillow'
import { havePillow, pillow } from '../../../support/pillow'

/** 1 × 1, lossless, opaque: what libwebp makes of (255, 0, 0). */
const onePixel = Buffer.from('UklGRhwAAABXRUJQVlA4TA8AAAAvAAAAAAcQ/Y/+ByKi/wEA', 'base64')

describe('WebP', () => {
  test('one red pixel', async () => {
    const image = await decodeImage(onePixel)
    expect([image.width, image.height, ...image.pixels]).toEqual([1, 1, 255, 0, 0])
  })

  test.each([
    ['a size larger than the file', (file: Buffer) => file.writeUInt32LE(5000, 4), 'image-truncated'],
    ['a chunk larger than the file', (file: Buffer) => file.writeUInt32LE(5000, 16), 'image-truncated'],
    ['no picture among its chunks', (file: Buffer) => file.write('EXIF', 12), 'image-truncated'],
    ['lossless data that begins wrongly', (file: Buffer) => (file[20] = 0), 'image-corrupt'],
    ['more pixels than the limit', (file: Buffer) => file.writeUInt32LE(0x0fffffff, 21), 'image-too-large'],
  ])('%s is refused', async (_, change, code) => {
    const file = Buffer.from(onePixel)
    change(file)
    expect(await outcome(file)).toBe(code)
  })

  test('a canvas of more pixels than the limit is refused before libwebp sees it', async () => {
    const content = Buffer.alloc(10, 255)
    content[0] = 0
    const chunk = Buffer.concat([Buffer.from('VP8X'), Buffer.of(10, 0, 0, 0), content])
    const file = Buffer.concat([Buffer.from('RIFF'), Buffer.of(4 + chunk.length, 0, 0, 0), Buffer.from('WEBP'), chunk])
    expect(await outcome(file)).toBe('image-too-large')
  })
})

describe.skipIf(!havePillow)('WebP beside Pillow', () => {
  let references: Reference[]
  beforeAll(() => {
    references = pillow(`
y, x = np.mgrid[0:33, 0:47]
grey = ((x * 5 + y * 3) % 256).astype('uint8')
rgb = np.stack([grey, (y * 7 % 256).astype('uint8'), 255 - grey], 2)
rgba = np.dstack([rgb, (x * 5 % 256).astype('uint8')])
opaque = np.dstack([rgb, np.full_like(grey, 255)])
def save(name, array, **options):
    Image.fromarray(array).save(name, **options); give(name, read(name))
save('lossless.webp', rgb, lossless=True)
save('lossless-alpha.webp', rgba, lossless=True, exact=True)
save('lossy-alpha.webp', rgba, quality=80)
save('lossy-opaque.webp', opaque, quality=80)
for quality in (5, 50, 95):
    for method in (0, 6): save(f'lossy-{quality}-{method}.webp', rgb, quality=quality, method=method)
save('metadata.webp', rgb, lossless=True, exif=b'Exif\\0\\0MM\\0*\\0\\0\\0\\x08\\0\\0\\0\\0', xmp=b'<x:xmpmeta/>')
frames = [Image.fromarray(np.roll(rgba, 9 * i, 1)) for i in range(4)]
frames[0].save('moving.webp', save_all=True, append_images=frames[1:], lossless=True, exact=True); give('moving.webp', read('moving.webp'))
flat = [f.convert('RGB') for f in frames]
flat[0].save('moving-lossy.webp', save_all=True, append_images=flat[1:], quality=70); give('moving-lossy.webp', read('moving-lossy.webp').convert('RGB'))
`)
  })

  test('lossy, lossless, with alpha, with notes, and the first picture of animations: the same pixels', async () => {
    expect(references).toHaveLength(13)
    for (const { name, file, values, shape } of references) {
      const opened = await openImage(file, name)
      const image = await opened.frame(0)
      const samples = shape[2]!
      expect(image, name).toMatchObject({ format: 'webp', width: 47, height: 33, samples: 3, bitsStored: 8, photometric: 'RGB', frames: 1 })
      expect([...image.pixels], name).toEqual(values.filter((_, i) => i % samples < 3))
      if (!name.startsWith('moving')) expect([...(await opened.stored()).pixels], name).toEqual(values)
    }
  })

  const factsOf = async (name: string) => {
    const { file } = references.find((reference) => reference.name === name)!
    return Object.fromEntries((await decodeImage(file)).facts.map(({ label, value }) => [label, value]))
  }
  test('the facts name alpha that hides something, and animations', async () => {
    expect((await factsOf('lossless-alpha.webp')).Alpha).toBe('not used; parts that it hides are shown')
    expect((await factsOf('lossless.webp')).Alpha).toBeUndefined()
    expect((await factsOf('moving.webp')).Animation).toBe('the first of 4 pictures')
    expect((await factsOf('lossy-5-0.webp')).Format).toBe('WebP, lossy')
  })

  test('cut anywhere it is an error', async () => {
    for (const { name, file } of references) expect(await badCuts(file, 120), name).toEqual([])
  })

  test('views into a larger buffer are taken by their own bytes', async () => {
    const { file, values } = references.find(({ name }) => name === 'lossless.webp')!
    const within = Buffer.concat([Buffer.alloc(7, 1), file, Buffer.alloc(9, 2)]).subarray(7, 7 + file.length)
    expect([...(await decodeImage(within)).pixels]).toEqual(values)
  })
})

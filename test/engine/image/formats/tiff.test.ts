import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { badCuts, outcome } from '../../../support/cut'
import { havePillow, pillow } from '../../../support/pillow'
import { jpeg } from '../pictures'
import type { TiffPageSpec } from './tiff-writer'
import { writeTiff } from './tiff-writer'
import { cpuTime } from '../../../support/cpu-time'

const factsOf = (image: { facts: { label: string; value: string }[] }) => Object.fromEntries(image.facts.map(({ label, value }) => [label, value]))

/** Smooth enough to compress, rough enough to use every bit. */
function valuesFor(width: number, height: number, samples: number, bits: number, format: number): number[] {
  return Array.from({ length: width * height * samples }, (_, i) => {
    const x = Math.floor(i / samples) % width
    const y = Math.floor(i / samples / width)
    const n = (x * 7 + y * 13 + (i % samples) * 29 + ((x * y) >> 2)) % 251
    if (format === 3) return bits === 16 ? (n - 100) / 8 : Math.fround((n - 100) * 1.37)
    const value = bits <= 8 ? n % 2 ** bits : Math.floor((n / 251) * 2 ** bits)
    return format === 2 ? value - 2 ** (bits - 1) : value
  })
}

const sampleKinds = [
  ...[1, 2, 4, 8, 12, 16, 32].map((bits) => ({ bits, format: 1 as const })),
  ...[8, 16, 32].map((bits) => ({ bits, format: 2 as const })),
  ...[16, 32, 64].map((bits) => ({ bits, format: 3 as const })),
]
const layouts: { name: string; spec: Partial<TiffPageSpec> }[] = [
  { name: 'strips', spec: { rowsPerStrip: 5 } },
  { name: 'tiles', spec: { tile: [16, 16] } },
]
const compressions = [
  { name: 'none', compression: 1 },
  { name: 'lzw', compression: 5 },
  { name: 'deflate', compression: 8 },
  { name: 'packbits', compression: 32773 },
] as const

interface Variant {
  name: string
  file: Uint8Array
  spec: TiffPageSpec
}
const variants: Variant[] = []
const [width, height] = [37, 23]
for (const { bits, format } of sampleKinds)
  for (const layout of layouts)
    for (const { name: packing, compression } of compressions)
      for (const littleEndian of [true, false])
        for (const big of [false, true]) {
          if (big && (compression !== 1 || bits % 16 !== 0)) continue
          const spec: TiffPageSpec = { width, height, bits, format, compression, values: valuesFor(width, height, 1, bits, format), ...layout.spec }
          const name = `g${bits}f${format}-${layout.name}-${packing}-${littleEndian ? 'le' : 'be'}${big ? '-big' : ''}.tif`
          variants.push({ name, spec, file: writeTiff({ littleEndian, big, pages: [spec] }) })
          const predictors = compression === 5 || compression === 8 ? [...([8, 16, 32].includes(bits) && format !== 3 ? [2 as const] : []), ...(format === 3 ? [3 as const] : [])] : []
          for (const predictor of predictors)
            variants.push({ name: name.replace('.tif', `-p${predictor}.tif`), spec: { ...spec, predictor }, file: writeTiff({ littleEndian, pages: [{ ...spec, predictor }] }) })
        }
for (const bits of [8, 16])
  for (const layout of layouts)
    for (const planar of [false, true])
      for (const littleEndian of [true, false])
        for (const { name: packing, compression } of compressions) {
          const spec: TiffPageSpec = { width, height, bits, samples: 3, planar, compression, values: valuesFor(width, height, 3, bits, 1), ...layout.spec, ...(compression === 5 || compression === 8 ? { predictor: 2 } : {}) }
          variants.push({ name: `rgb${bits}-${layout.name}-${planar ? 'planar' : 'chunky'}-${packing}-${littleEndian ? 'le' : 'be'}.tif`, spec, file: writeTiff({ littleEndian, pages: [spec] }) })
        }

describe('TIFF', () => {
  test(`${variants.length} combinations of sample, layout, compression, predictor and byte order`, async () => {
    for (const { name, spec, file } of variants) {
      const opened = await openImage(file, name)
      const image = await opened.frame(0)
      const signed = spec.format === 2 || spec.format === 3
      expect(image, name).toMatchObject({ format: 'tiff', width, height, frames: 1, samples: spec.samples ?? 1, bitsStored: spec.format === 3 ? 32 : spec.bits, signed })
      expect(Array.from(image.pixels), name).toEqual(Array.from(spec.values))
      expect(Array.from((await opened.stored()).pixels), name).toEqual(Array.from(spec.values))
    }
  })

  test.skipIf(!havePillow)('Pillow, over libtiff, reads the same from the same files', async () => {
    // It has no mode for some: half floats, BigTIFF with some samples, and so on.
    const references = pillow(
      `import os
for name in sorted(os.listdir('.')):
    if not name.endswith('.tif'): continue
    try: image = read(name)
    except Exception: continue
    give(name, image)`,
      Object.fromEntries(variants.map(({ name, file }) => [name, file])),
    )
    let compared = 0
    for (const { name, values } of references) {
      const { spec } = variants.find((variant) => variant.name === name)!
      // Pillow 9.4 takes signed and wide samples for others, swaps the bytes of big-endian floats that libtiff has swapped,
      // and mixes up planes of 16 bits.
      if (spec.format === 2 || spec.bits === 12 || (spec.bits === 32 && spec.format === 1)) continue
      if ((spec.format === 3 && /-be/.test(name) && spec.compression !== 1) || /^rgb16.*planar-none/.test(name)) continue
      // Grey of 2 and 4 bits it stretches, of 16-bit colour it keeps the upper half.
      const seen = (value: number) =>
        spec.bits === 2 || spec.bits === 4 ? (value * 255) / (2 ** spec.bits - 1) : spec.samples === 3 && spec.bits === 16 ? value >> 8 : value
      const ours = Array.from(spec.values, seen)
      expect(values, name).toEqual(ours)
      compared++
    }
    console.log(`TIFF: ${variants.length} files of ours, ${references.length} opened by Pillow, ${compared} compared`)
    expect(compared).toBeGreaterThan(150)
  })

  test.skipIf(!havePillow)("Pillow's and libtiff's own files", async () => {
    const references = pillow(`
y, x = np.mgrid[0:61, 0:83]
grey = ((x * 5 + y * 3) % 256).astype('uint8')
rgb = np.stack([grey, (y * 7 % 256).astype('uint8'), 255 - grey], 2)
rgba = np.dstack([rgb, (x * 3 % 256).astype('uint8')])
deep = (x * 700 + y * 11).astype('uint16')
real = (np.sin(x / 9.0) * y).astype('float32')
whole = (x * 70000 - y * 12345).astype('int32')
images = {'grey': grey, 'rgb': rgb, 'rgba': rgba, 'deep': deep, 'real': real, 'whole': whole, 'bit': grey > 99}
for compression in (None, 'tiff_lzw', 'tiff_deflate', 'tiff_adobe_deflate', 'packbits'):
    for name, array in images.items():
        for predictor in ((1, 2, 3) if compression and ('lzw' in compression or 'deflate' in compression) else (1,)):
            if predictor == 3 and name != 'real' or predictor == 2 and name in ('real', 'bit'): continue
            file = f'{name}-{compression}-{predictor}.tif'
            Image.fromarray(array).save(file, compression=compression, **({'tiffinfo': {317: predictor}} if predictor > 1 else {}))
            give(file, read(file))
for quality in (60, 95):
    Image.fromarray(grey).save(f'grey-jpeg{quality}.tif', compression='jpeg', quality=quality); give(f'grey-jpeg{quality}.tif', read(f'grey-jpeg{quality}.tif'))
    Image.fromarray(rgb).save(f'rgb-jpeg{quality}.tif', compression='jpeg', quality=quality); give(f'rgb-jpeg{quality}.tif', read(f'rgb-jpeg{quality}.tif').convert('RGB'))
p = Image.fromarray(rgb).quantize(77); p.save('palette.tif'); give('palette.tif', read('palette.tif').convert('RGB'))
Image.fromarray(rgba, 'CMYK').save('cmyk.tif'); give('cmyk.tif', read('cmyk.tif').convert('RGB'))
Image.fromarray(deep.astype('>u2'), 'I;16B').save('deep-be.tif'); give('deep-be.tif', deep)
for orientation in range(1, 9):
    file = f'turned-{orientation}.tif'
    Image.fromarray(rgb).save(file, tiffinfo={274: orientation}); give(file, read(file))
`)
    expect(references).toHaveLength(68)
    for (const { name, file, values, shape } of references) {
      const image = await decodeImage(file, name)
      expect([image.height, image.width], name).toEqual(shape.slice(0, 2))
      const kept = values.filter((_, i) => i % (shape[2] ?? 1) < image.samples)
      if (name === 'cmyk.tif') for (let i = 0; i < kept.length; i++) expect(Math.abs(image.pixels[i]! - kept[i]!), name).toBeLessThanOrEqual(1)
      else expect(Array.from(image.pixels), name).toEqual(kept)
    }
  })

  test('small values are bright where white is zero, and stored values stay', async () => {
    const image = await decodeImage(writeTiff({ pages: [{ width: 3, height: 1, bits: 8, photometric: 0, values: [0, 100, 255] }] }))
    expect(image).toMatchObject({ photometric: 'MONOCHROME1', pixels: Uint8Array.of(0, 100, 255) })
  })

  test('each page is a frame with a size of its own; reduced copies and masks are passed over', async () => {
    const page = (size: number, value: number, kind?: number): TiffPageSpec => ({ width: size, height: 2, bits: 8, values: new Uint8Array(size * 2).fill(value), ...(kind !== undefined && { fields: { 254: [kind] } }) })
    for (const big of [false, true]) {
      const file = await openImage(writeTiff({ big, pages: [page(5, 1), page(3, 2, 1), page(4, 3, 2), page(6, 4, 4)] }))
      expect(file).toMatchObject({ frames: 2, defaultFrame: 0 })
      expect(await file.frame(0)).toMatchObject({ width: 5, frame: 0, frames: 2, pixels: new Uint8Array(10).fill(1) })
      expect(await file.frame(1)).toMatchObject({ width: 4, frame: 1, frames: 2, pixels: new Uint8Array(8).fill(3) })
      await expect(file.stored()).rejects.toMatchObject({ code: 'image-unsupported' })
      await expect(file.frame(2)).rejects.toMatchObject({ code: 'invalid-arguments' })
    }
  })

  test('pages of one size are stored as one array, one after another', async () => {
    const pages = [0, 1, 2].map((n): TiffPageSpec => ({ width: 3, height: 2, bits: 16, values: [1, 2, 3, 4, 5, 6].map((v) => v + n * 1000) }))
    const stored = await (await openImage(writeTiff({ littleEndian: false, pages }))).stored()
    expect(stored).toMatchObject({ width: 3, height: 2, frames: 3, samples: 1 })
    expect([...stored.pixels]).toEqual(pages.flatMap(({ values }) => Array.from(values)))
  })

  test('alpha and further samples are left out, and the facts say so', async () => {
    const base = { width: 2, height: 1, bits: 8, photometric: 2 } as const
    const alpha = await decodeImage(writeTiff({ pages: [{ ...base, samples: 4, values: [1, 2, 3, 255, 4, 5, 6, 9], fields: { 338: [2] } }] }))
    expect([...alpha.pixels]).toEqual([1, 2, 3, 4, 5, 6])
    expect(factsOf(alpha).Alpha).toBe('not used; parts that it hides are shown')
    const channels = await decodeImage(writeTiff({ pages: [{ ...base, photometric: 1, samples: 3, values: [1, 2, 3, 4, 5, 6], fields: { 338: [0, 0] } }] }))
    expect([...channels.pixels]).toEqual([1, 4])
    expect(factsOf(channels)['Further samples']).toBe('2, not used')
  })

  test('bits in reversed order, and palettes filled in their lower half', async () => {
    const bits = valuesFor(19, 5, 1, 1, 1)
    expect([...(await decodeImage(writeTiff({ pages: [{ width: 19, height: 5, bits: 1, fillOrder: 2, values: bits }] }))).pixels]).toEqual(bits)
    const lower = Array.from({ length: 12 }, (_, i) => i * 20)
    const image = await decodeImage(writeTiff({ pages: [{ width: 2, height: 1, bits: 2, photometric: 3, values: [1, 3], fields: { 320: lower } }] }))
    expect([...image.pixels]).toEqual([20, 100, 180, 60, 140, 220])
  })

  test('JPEG tiles are decoded one by one, those at the edge cut off', async () => {
    const { pixels: tile } = await decodeImage(jpeg.grey.file)
    const file = writeTiff({ pages: [{ width: 40, height: 16, bits: 8, tile: [24, 16], compression: 7, raw: [jpeg.grey.file, jpeg.grey.file], values: [] }] })
    const { pixels } = await decodeImage(file)
    for (let y = 0; y < 16; y++) for (let x = 0; x < 40; x++) expect(pixels[y * 40 + x]).toBe(tile[y * 24 + (x % 24)])
    const other = writeTiff({ pages: [{ width: 40, height: 16, bits: 8, tile: [16, 16], compression: 7, raw: [1, 2, 3].map(() => jpeg.grey.file), values: [] }] })
    expect(await outcome(other)).toBe('image-corrupt')
  })

  test('uncompressed data whose length is not said is read by its size', async () => {
    const file = Buffer.from(writeTiff({ pages: [{ width: 4, height: 3, bits: 8, rowsPerStrip: 2, values: valuesFor(4, 3, 1, 8, 1) }] }))
    const entry = file.indexOf(Buffer.of(279 & 255, 279 >> 8, 3, 0))
    file.writeUInt16LE(280, entry)
    expect([...(await decodeImage(file)).pixels]).toEqual(valuesFor(4, 3, 1, 8, 1))
  })

  const small: TiffPageSpec = { width: 4, height: 4, bits: 8, values: new Uint8Array(16) }
  const fields = (changed: Record<number, number[]>, spec: TiffPageSpec = small) => writeTiff({ pages: [{ ...spec, fields: changed }] })
  test.each([
    ['fax compression', fields({ 259: [4] }), 'image-unsupported'],
    ['old-style JPEG', fields({ 259: [6] }), 'image-unsupported'],
    ['an unknown compression', fields({ 259: [31337] }), 'image-unsupported'],
    ['CIELab', fields({ 262: [8] }, { ...small, samples: 3, values: new Uint8Array(48) }), 'image-unsupported'],
    ['samples of different sizes', fields({ 258: [8, 16, 8] }, { ...small, samples: 3, values: new Uint8Array(48) }), 'image-unsupported'],
    ['complex samples', fields({ 339: [6] }), 'image-unsupported'],
    ['whole numbers of 64 bits', fields({ 258: [64] }), 'image-unsupported'],
    ['RGB with one sample', fields({ 262: [2] }), 'image-corrupt'],
    ['a palette that is missing', fields({ 262: [3] }), 'image-corrupt'],
    ['no width', fields({ 256: [0] }), 'image-corrupt'],
    ['more pixels than the limit', fields({ 256: [60000], 257: [60000], 278: [60000] }), 'image-too-large'],
    ['more pixels than data', fields({ 256: [9000], 257: [9000], 278: [9000] }), 'image-truncated'],
    ['tiles far larger than the picture', fields({ 322: [60000], 323: [60000], 324: [8], 325: [16] }), 'image-too-large'],
    ['strips beyond the end', fields({ 273: [70000] }), 'image-truncated'],
    ['fewer strips than rows need', fields({ 278: [1] }), 'image-truncated'],
    ['a strip shorter than its rows', fields({ 279: [15] }), 'image-truncated'],
    ['a number of samples that nobody has', fields({ 277: [65535], 256: [65535] }), 'image-too-large'],
    ['BigTIFF with other offsets', (() => { const file = Buffer.from(writeTiff({ big: true, pages: [small] })); file[4] = 4; return file })(), 'image-corrupt'],
    ['no directory', Buffer.from('II*\0\0\0\0\0'), 'image-corrupt'],
    ['a directory beyond the end', Buffer.from('II*\0\xff\xff\0\0', 'latin1'), 'image-truncated'],
  ])('%s is refused', async (_, file, code) => {
    expect(await outcome(file)).toBe(code)
  })

  test('directories that run in a circle are refused', async () => {
    const file = Buffer.from(writeTiff({ pages: [small] }))
    const directory = file.readUInt32LE(4)
    file.writeUInt32LE(directory, directory + 2 + file.readUInt16LE(directory) * 12)
    expect(await outcome(file)).toBe('image-corrupt')
  })

  test('many strips over the same data are no endless work', async () => {
    const rows = 20_000
    const strip = { ...small, width: 1, height: rows, rowsPerStrip: 1, compression: 8, values: new Uint8Array(rows) } as const
    const file = Buffer.from(writeTiff({ pages: [{ ...strip, fields: { 273: new Array<number>(rows).fill(8), 279: new Array<number>(rows).fill(60_000) } }] }))
    const took = cpuTime()
    expect(await outcome(file)).toMatch(/^image-/)
    expect(took()).toBeLessThan(2000)
  })

  test('a deflate bomb stops at the size of its strip', async () => {
    const bomb = writeTiff({ pages: [{ ...small, width: 700, height: 700, compression: 8, values: new Uint8Array(490_000), fields: { 256: [4], 257: [4], 278: [4] } }] })
    const before = process.memoryUsage().arrayBuffers
    expect(await outcome(bomb)).toBe('image-corrupt')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(400_000)
  })

  test('damaged LZW data is an error', async () => {
    const spec: TiffPageSpec = { width: 40, height: 40, bits: 8, compression: 5, values: valuesFor(40, 40, 1, 8, 1) }
    const file = Buffer.from(writeTiff({ pages: [spec] }))
    file.set([0xff, 0xff, 0xff, 0xff], 40)
    expect(await outcome(file)).toBe('image-corrupt')
  })

  test('cut anywhere it is an error, or nothing is missing', async () => {
    const picked = variants.filter(({ name }) => /^(g16f1|g32f3|rgb8).*-(strips|tiles)-(none|lzw|deflate|packbits|chunky).*-le/.test(name))
    expect(picked.length).toBeGreaterThan(10)
    for (const { name, file } of picked) expect(await badCuts(file, 40), name).toEqual([])
    const pages = writeTiff({ pages: [small, small] })
    for (let length = 1; length < pages.length; length++) expect(await outcome(pages.subarray(0, length)), String(length)).toMatch(/^(image|file)-|^4×4:\d+( |$)/)
  })
})

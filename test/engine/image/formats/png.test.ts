import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { badCuts, outcome } from '../../../support/cut'
import { havePillow, pillow } from '../../../support/pillow'
import type { PngSpec } from './png-writer'
import { chunk, header, signature, writePng } from './png-writer'

const kinds = [
  ...([1, 2, 4, 8, 16] as const).map((depth) => ({ colourType: 0, depth, samples: 1 }) as const),
  ...([8, 16] as const).map((depth) => ({ colourType: 2, depth, samples: 3 }) as const),
  ...([1, 2, 4, 8] as const).map((depth) => ({ colourType: 3, depth, samples: 1 }) as const),
  ...([8, 16] as const).map((depth) => ({ colourType: 4, depth, samples: 2 }) as const),
  ...([8, 16] as const).map((depth) => ({ colourType: 6, depth, samples: 4 }) as const),
]
const sizes = [[1, 1], [2, 3], [5, 1], [7, 9], [8, 8], [33, 17]] as const
const palette = Array.from({ length: 768 }, (_, i) => (i * 89 + (i >> 3)) & 255)

/** All kinds × sizes × interlacing, with values that use the whole depth. */
const variants = kinds.flatMap((kind) =>
  sizes.flatMap(([width, height]) =>
    [false, true].map((interlaced) => {
      const values = Array.from({ length: width * height * kind.samples }, (_, i) => (i * 40503 + (i >> 4) * 977) % 2 ** kind.depth)
      const spec: PngSpec = { width, height, interlaced, colourType: kind.colourType, depth: kind.depth, values, chunkBytes: 31, ...(kind.colourType === 3 && { palette: palette.slice(0, 3 * 2 ** kind.depth) }) }
      return { name: `c${kind.colourType}-d${kind.depth}-${width}x${height}${interlaced ? '-i' : ''}.png`, spec, values, samples: kind.samples, file: writePng(spec) }
    }),
  ),
)
const firstOf = (values: readonly number[], samples: number, kept: number) => values.filter((_, i) => i % samples < kept)

describe('PNG', () => {
  test('every colour type and depth, plain and interlaced, with every filter', async () => {
    for (const { name, spec, values, samples, file } of variants) {
      const opened = await openImage(file, name)
      const image = await opened.frame(0)
      expect(image, name).toMatchObject({ width: spec.width, height: spec.height, samples: spec.colourType === 0 || spec.colourType === 4 ? 1 : 3 })
      const expected = spec.colourType === 3 ? values.flatMap((index) => palette.slice(index * 3, index * 3 + 3)) : firstOf(values, samples, image.samples)
      expect([...image.pixels], name).toEqual(expected)
      const stored = await opened.stored()
      expect({ ...stored, pixels: [...stored.pixels] }, name).toEqual({ width: spec.width, height: spec.height, frames: 1, samples, pixels: values })
    }
  })

  test.skipIf(!havePillow)('Pillow reads the same from the same files', async () => {
    const references = pillow(
      `import os
for name in sorted(os.listdir('.')):
    if name.endswith('.png'):
        image = read(name)
        give(name, image.convert('RGB') if image.mode == 'P' else image)`,
      Object.fromEntries(variants.map(({ name, file }) => [name, file])),
    )
    expect(references).toHaveLength(variants.length)
    for (const { name, values, file, shape } of references) {
      const image = await decodeImage(file, name)
      const kept = firstOf(values, shape[2] ?? 1, image.samples)
      // Pillow stretches grey below 8 bits, gives one bit as 0 and 1, and keeps the upper 8 bits of colour and of grey with alpha.
      const { bitsStored } = image
      const cut = bitsStored === 16 && (image.samples === 3 || shape.length === 3)
      const ours = [...image.pixels].map((value) => (cut ? value >> 8 : bitsStored === 2 || bitsStored === 4 ? (value * 255) / (2 ** bitsStored - 1) : value))
      expect(ours, name).toEqual(kept)
    }
  })

  test.skipIf(!havePillow)("Pillow's own files, an animation among them", async () => {
    const references = pillow(`
y, x = np.mgrid[0:37, 0:53]
grey = ((x * 5 + y * 3) % 256).astype('uint8')
rgb = np.stack([grey, grey[::-1], 255 - grey], 2)
rgba = np.dstack([rgb, (x * 4 % 256).astype('uint8')])
def save(name, image, **options):
    image.save(name, **options); read_back = read(name); give(name, read_back)
save('grey.png', Image.fromarray(grey)); save('rgb.png', Image.fromarray(rgb), optimize=True); save('rgba.png', Image.fromarray(rgba))
save('grey16.png', Image.fromarray((grey.astype('uint16') * 257)))
save('bit.png', Image.fromarray(grey > 100))
save('la.png', Image.fromarray(rgba).convert('LA'))
frames = [Image.fromarray(np.roll(rgb, 7 * i, 1)) for i in range(3)]
frames[0].save('moving.png', save_all=True, append_images=frames[1:], duration=100)
give('moving.png', frames[0])
`)
    expect(references.map(({ name }) => name)).toContain('moving.png')
    for (const { name, values, file, shape } of references) {
      const image = await decodeImage(file, name)
      expect([...image.pixels], name).toEqual(firstOf(values, shape[2] ?? 1, image.samples))
    }
  })

  const facts = async (spec: PngSpec) => Object.fromEntries((await decodeImage(writePng(spec))).facts.map(({ label, value }) => [label, value]))
  test('the facts say whether transparency hides something', async () => {
    const base = { width: 2, height: 1, depth: 8 } as const
    const hiding = 'not used; parts that it hides are shown'
    expect((await facts({ ...base, colourType: 4, values: [9, 255, 9, 255] })).Alpha).toBe('not used')
    expect((await facts({ ...base, colourType: 4, values: [9, 255, 9, 254] })).Alpha).toBe(hiding)
    expect((await facts({ ...base, colourType: 0, values: [9, 8] })).Alpha).toBeUndefined()
    expect((await facts({ ...base, colourType: 0, values: [9, 8], transparency: [0, 8] })).Alpha).toBe(hiding)
    expect((await facts({ ...base, colourType: 0, values: [9, 8], transparency: [0, 7] })).Alpha).toBe('not used')
    expect((await facts({ ...base, colourType: 2, values: [1, 2, 3, 4, 5, 6], transparency: [0, 4, 0, 5, 0, 6] })).Alpha).toBe(hiding)
    expect((await facts({ ...base, colourType: 3, values: [0, 1], palette: palette.slice(0, 6), transparency: [255, 0] })).Alpha).toBe(hiding)
    expect((await facts({ ...base, colourType: 3, values: [0, 0], palette: palette.slice(0, 6), transparency: [255, 0] })).Alpha).toBe('not used')
  })

  test('16-bit grey that uses 12 bits begins with the window of its values, and can be seen whole', async () => {
    const image = await decodeImage(writePng({ width: 4, height: 1, colourType: 0, depth: 16, values: [0, 100, 2000, 4000] }))
    expect(image.windows.map(({ center, width }) => [center, width])).toEqual([[2000, 4000], [32767.5, 65535]])
    const full = await decodeImage(writePng({ width: 2, height: 1, colourType: 0, depth: 16, values: [0, 60000] }))
    expect(full.windows[0]).toMatchObject({ center: 32767.5, width: 65535 })
  })

  const grey = { width: 2, height: 2, colourType: 0, depth: 8, values: [1, 2, 3, 4] } as const
  test.each([
    ['an index beyond the palette', writePng({ ...grey, colourType: 3, palette: [0, 0, 0, 9, 9, 9] }), 'image-corrupt'],
    ['a palette picture without its palette', writePng({ ...grey, colourType: 3 }), 'image-corrupt'],
    ['a colour type that does not exist', Buffer.concat([signature, header({ ...grey, colourType: 5 as never }), chunk('IEND', new Uint8Array(0))]), 'image-corrupt'],
    ['a depth that does not exist', writePng({ ...grey, depth: 3 as never }), 'image-corrupt'],
    ['no data', Buffer.concat([signature, header(grey), chunk('IEND', new Uint8Array(0))]), 'image-corrupt'],
    ['a filter that does not exist', Buffer.concat([signature, header(grey), chunk('IDAT', deflateSync(Buffer.from([7, 1, 2, 0, 3, 4]))), chunk('IEND', new Uint8Array(0))]), 'image-corrupt'],
    ['a critical chunk that nobody knows', writePng({ ...grey, extra: [chunk('NEWC', new Uint8Array(3))] }), 'image-unsupported'],
    ["Apple's variant", Buffer.concat([signature, chunk('CgBI', new Uint8Array(4)), header(grey)]), 'image-unsupported'],
  ])('%s is refused', async (_, file, code) => {
    expect(await outcome(file)).toBe(code)
  })

  test('a damaged checksum of the data is found, one of a note does not matter', async () => {
    const note = chunk('tEXt', Buffer.from('Comment\0by hand'))
    const file = Buffer.from(writePng({ ...grey, extra: [note] }))
    const bent = Buffer.from(file)
    bent[8 + 25 + note.length - 1]! ^= 1
    expect([...(await decodeImage(bent)).pixels]).toEqual(grey.values)
    const at = file.indexOf('IDAT') + 4 + file.readUInt32BE(file.indexOf('IDAT') - 4)
    file[at]! ^= 1
    expect(await outcome(file)).toBe('image-corrupt')
  })

  test('a compressed profile is not unpacked, however much it unfolds into', async () => {
    const bomb = chunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), deflateSync(Buffer.alloc(2 ** 26))]))
    const before = process.memoryUsage().rss
    expect([...(await decodeImage(writePng({ ...grey, extra: [bomb] }))).pixels]).toEqual(grey.values)
    // Unpacked it would be 64 MiB.
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 2 ** 20)
  })

  test('cut anywhere it is an error', async () => {
    for (const { name, file } of variants.filter(({ name }) => name.includes('33x17'))) expect(await badCuts(file, 200), name).toEqual([])
  })
})

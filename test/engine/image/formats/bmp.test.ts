import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { badCuts, outcome } from '../../../support/cut'
import { havePillow, pillow } from '../../../support/pillow'

interface BmpSpec {
  width: number
  height: number
  bits: number
  /** 12, 40, 52, 56, 64, 108 or 124. */
  headerSize?: number
  topDown?: boolean
  compression?: number
  /** Blue, green, red (and nothing) of each entry. */
  palette?: number[]
  masks?: number[]
  /** The pixel bytes; rows bottom first, padded. */
  data: Uint8Array
}

function writeBmp({ width, height, bits, headerSize = 40, topDown = false, compression = 0, palette = [], masks = [], data }: BmpSpec): Uint8Array {
  const outside = headerSize === 40 ? masks : []
  const table = Buffer.from(palette)
  const offset = 14 + headerSize + outside.length * 4 + table.length
  const file = Buffer.alloc(offset + data.length)
  file.write('BM', 0)
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(offset, 10)
  file.writeUInt32LE(headerSize, 14)
  if (headerSize === 12) {
    file.writeUInt16LE(width, 18)
    file.writeUInt16LE(height, 20)
    file.writeUInt16LE(1, 22)
    file.writeUInt16LE(bits, 24)
  } else {
    file.writeInt32LE(width, 18)
    file.writeInt32LE(topDown ? -height : height, 22)
    file.writeUInt16LE(1, 26)
    file.writeUInt16LE(bits, 28)
    file.writeUInt32LE(compression, 30)
    file.writeUInt32LE(palette.length / 4, 46)
    masks.forEach((mask, i) => file.writeUInt32LE(mask >>> 0, 54 + i * 4))
  }
  table.copy(file, offset - table.length)
  file.set(data, offset)
  return file
}

/** Rows of packed pixels, bottom first, each padded to four bytes. */
function packRows(width: number, height: number, bits: number, value: (x: number, y: number) => number, topDown = false): Uint8Array {
  const stride = Math.ceil((width * bits) / 32) * 4
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const start = (topDown ? y : height - 1 - y) * stride
    for (let x = 0; x < width; x++) {
      const pixel = value(x, y)
      if (bits >= 8) out.writeUIntLE(pixel, start + (x * bits) / 8, bits / 8)
      else out[start + ((x * bits) >> 3)]! |= pixel << (8 - bits - ((x * bits) & 7))
    }
  }
  return out
}

const colour = (i: number): [number, number, number] => [(i * 37 + 11) & 255, (i * 91 + 5) & 255, (i * 53 + 200) & 255]
const paletteOf = (count: number, entry: 3 | 4) => Array.from({ length: count }, (_, i) => [...colour(i).reverse(), ...(entry === 4 ? [0] : [])]).flat()
const indexAt = (bits: number) => (x: number, y: number) => (x * 3 + y * 5 + ((x * y) >> 1)) % 2 ** bits
const rgbOf = (width: number, height: number, at: (x: number, y: number) => readonly number[]) => Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))).flat()

const indexed = ([1, 4, 8] as const).flatMap((bits) =>
  [12, 40, 64, 108, 124].flatMap((headerSize) =>
    [false, true].filter((topDown) => !topDown || headerSize !== 12).map((topDown) => {
      const [width, height] = [13, 7]
      return {
        name: `p${bits}-h${headerSize}${topDown ? '-td' : ''}.bmp`,
        file: writeBmp({ width, height, bits, headerSize, topDown, palette: paletteOf(2 ** bits, headerSize === 12 ? 3 : 4), data: packRows(width, height, bits, indexAt(bits), topDown) }),
        rgb: rgbOf(width, height, (x, y) => colour(indexAt(bits)(x, y))),
      }
    }),
  ),
)

const direct = [
  { name: 'rgb24.bmp', bits: 24, headerSize: 40 },
  { name: 'rgb24-core.bmp', bits: 24, headerSize: 12 },
  { name: 'rgb24-v5.bmp', bits: 24, headerSize: 124 },
  { name: 'rgb32.bmp', bits: 32, headerSize: 40 },
].map(({ name, bits, headerSize }) => {
  const at = (x: number, y: number) => colour(x * 11 + y * 3)
  const data = packRows(9, 5, bits, (x, y) => at(x, y)[0] * 65536 + at(x, y)[1] * 256 + at(x, y)[2])
  return { name, file: writeBmp({ width: 9, height: 5, bits, headerSize, data }), rgb: rgbOf(9, 5, at) }
})

const stretch = (value: number, bits: number) => Math.floor((value * 255) / (2 ** bits - 1))
const masked = [
  { name: 'rgb555.bmp', bits: 16, masks: [], compression: 0, widths: [5, 5, 5], shifts: [10, 5, 0] },
  { name: 'rgb565.bmp', bits: 16, masks: [0xf800, 0x07e0, 0x001f], compression: 3, widths: [5, 6, 5], shifts: [11, 5, 0] },
  { name: 'xbgr.bmp', bits: 32, masks: [0x000000ff, 0x0000ff00, 0x00ff0000], compression: 3, widths: [8, 8, 8], shifts: [0, 8, 16] },
  { name: 'rgbx.bmp', bits: 32, masks: [0xff000000, 0x00ff0000, 0x0000ff00], compression: 3, widths: [8, 8, 8], shifts: [24, 16, 8] },
].flatMap((kind) =>
  (kind.masks.length === 0 ? [40] : [40, 52, 56, 108, 124]).map((headerSize) => {
    const at = (x: number, y: number) => kind.widths.map((width, channel) => (x * (7 + channel * 2) + y * 13 + channel) % 2 ** width)
    const data = packRows(7, 6, kind.bits, (x, y) => at(x, y).reduce((sum, value, channel) => sum + value * 2 ** kind.shifts[channel]!, 0))
    const masks = headerSize >= 56 ? [...kind.masks, 0] : kind.masks
    return {
      name: `h${headerSize}-${kind.name}`,
      file: writeBmp({ width: 7, height: 6, bits: kind.bits, headerSize, compression: kind.compression, masks, data }),
      rgb: rgbOf(7, 6, (x, y) => at(x, y).map((value, channel) => stretch(value, kind.widths[channel]!))),
    }
  }),
)

// Runs, literals (of odd length, padded), line ends, a jump, and an end mark.
const rle8 = writeBmp({ width: 6, height: 4, bits: 8, compression: 1, palette: paletteOf(8, 4), data: Uint8Array.of(6, 1, 0, 0, 0, 3, 2, 3, 4, 0, 3, 5, 0, 0, 2, 6, 0, 2, 2, 1, 2, 7, 0, 1) })
const rle8Rows = [[0, 0, 0, 0, 7, 7], [6, 6, 0, 0, 0, 0], [2, 3, 4, 5, 5, 5], [1, 1, 1, 1, 1, 1]]
const rle4 = writeBmp({ width: 7, height: 3, bits: 4, compression: 2, palette: paletteOf(16, 4), data: Uint8Array.of(7, 0x12, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 2, 0x88, 0, 0, 3, 0x9a, 0, 0, 0, 1) })
const rle4Rows = [[9, 10, 9, 0, 0, 0, 0], [3, 4, 5, 6, 7, 8, 8], [1, 2, 1, 2, 1, 2, 1]]
// Without what Pillow's reader gets wrong: jumps, and odd literals of half bytes.
const plain8 = writeBmp({ width: 6, height: 3, bits: 8, compression: 1, palette: paletteOf(8, 4), data: Uint8Array.of(6, 1, 0, 0, 0, 3, 2, 3, 4, 0, 3, 5, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6, 0, 1) })
const plain4 = writeBmp({ width: 6, height: 2, bits: 4, compression: 2, palette: paletteOf(16, 4), data: Uint8Array.of(5, 0x12, 1, 0x30, 0, 0, 0, 4, 0x45, 0x67, 2, 0x89, 0, 1) })
const plainRuns = [
  { name: 'plain8.bmp', file: plain8, rgb: [[1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 5, 5], [1, 1, 1, 1, 1, 1]].flat().flatMap(colour) },
  { name: 'plain4.bmp', file: plain4, rgb: [[4, 5, 6, 7, 8, 9], [1, 2, 1, 2, 1, 3]].flat().flatMap(colour) },
]
const runs = [
  ...plainRuns,
  { name: 'rle8.bmp', file: rle8, rgb: rle8Rows.flat().flatMap(colour) },
  { name: 'rle4.bmp', file: rle4, rgb: rle4Rows.flat().flatMap(colour) },
]
const all = [...indexed, ...direct, ...masked, ...runs]

describe('BMP', () => {
  test('palettes, true colour, masks and run lengths under every header', async () => {
    for (const { name, file, rgb } of all) {
      const image = await decodeImage(file, name)
      expect(image, name).toMatchObject({ format: 'bmp', samples: 3, bitsStored: 8, photometric: 'RGB' })
      expect([...image.pixels], name).toEqual(rgb)
    }
  })

  test.skipIf(!havePillow)('Pillow reads the same from the same files', async () => {
    // Headers of 52 and 56 bytes and masks in this order are beyond Pillow; of its run lengths see above.
    const known = all.filter(({ name }) => !/h5[26]|xbgr|^rle/.test(name))
    const references = pillow(
      `import os
for name in sorted(os.listdir('.')):
    if name.endswith('.bmp'): give(name, read(name).convert('RGB'))`,
      Object.fromEntries(known.map(({ name, file }) => [name, file])),
    )
    expect(references).toHaveLength(known.length)
    for (const { name, values, file } of references) expect([...(await decodeImage(file, name)).pixels], name).toEqual(values)
  })

  test.skipIf(!havePillow)("Pillow's own files; a palette of greys is a grey picture", async () => {
    const references = pillow(`
y, x = np.mgrid[0:31, 0:45]
grey = ((x * 5 + y * 3) % 256).astype('uint8')
rgb = np.stack([grey, grey[::-1], 255 - grey], 2)
def save(name, image): image.save(name); give(name, image)
save('grey.bmp', Image.fromarray(grey)); save('rgb.bmp', Image.fromarray(rgb))
bit = Image.fromarray(grey > 99); bit.save('bit.bmp'); give('bit.bmp', bit.convert('L'))
p = Image.fromarray(rgb).quantize(50); p.save('p.bmp'); give('p.bmp', p.convert('RGB'))
rgba = Image.fromarray(np.dstack([rgb, grey])); rgba.save('rgba.bmp'); give('rgba.bmp', rgba.convert('RGB'))
`)
    expect(references).toHaveLength(5)
    for (const { name, values, file, shape } of references) {
      const image = await decodeImage(file, name)
      expect(image.samples, name).toBe(shape[2] ?? 1)
      expect([...image.pixels], name).toEqual(values)
    }
  })

  test('stored values are the indices', async () => {
    const stored = await (await openImage(rle8)).stored()
    expect(stored).toMatchObject({ width: 6, height: 4, frames: 1, samples: 1 })
    expect([...stored.pixels]).toEqual(rle8Rows.flat())
  })

  const core = { width: 4, height: 2, bits: 8, palette: paletteOf(4, 4), data: new Uint8Array(8) }
  test.each([
    ['an index beyond the palette', writeBmp({ ...core, data: new Uint8Array(8).fill(4) }), 'image-corrupt'],
    ['runs that lead out of the picture', writeBmp({ ...core, compression: 1, data: Uint8Array.of(9, 1, 0, 1) }), 'image-corrupt'],
    ['runs without an end', writeBmp({ ...core, compression: 1, data: Uint8Array.of(4, 1, 0, 0, 3, 1) }), 'image-truncated'],
    ['too few runs for its size', writeBmp({ ...core, width: 9000, height: 9000, compression: 1, data: Uint8Array.of(4, 1, 0, 1) }), 'image-truncated'],
    ['masks that overlap', writeBmp({ ...core, bits: 16, palette: [], compression: 3, masks: [0xf800, 0x0fe0, 0x1f], data: new Uint8Array(16) }), 'image-corrupt'],
    ['a mask with a hole', writeBmp({ ...core, bits: 16, palette: [], compression: 3, masks: [0xf000, 0x0a00, 0x1f], data: new Uint8Array(16) }), 'image-corrupt'],
    ['no width', writeBmp({ ...core, width: 0 }), 'image-corrupt'],
    ['more pixels than the limit', writeBmp({ ...core, width: 60000, height: 60000 }), 'image-too-large'],
    ['pixels of 7 bits', writeBmp({ ...core, bits: 7 }), 'image-corrupt'],
    ['JPEG inside', writeBmp({ ...core, bits: 24, compression: 4 }), 'image-unsupported'],
  ])('%s is refused', async (_, file, code) => {
    expect(await outcome(file)).toBe(code)
  })

  test('cut anywhere it is an error, or nothing is missing', async () => {
    for (const { name, file } of all) expect(await badCuts(file, 160), name).toEqual([])
  })
})

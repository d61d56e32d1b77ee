/** JPEG and the median as filters, compared with other programs and with the definition. */
import { describe, expect, it } from 'vitest'
import { median3 } from '../../../src/engine/image/filter'
import { encodeJpeg } from '../../../src/engine/image/jpeg/encode'
import { decodeJpeg } from '../../../src/engine/image/jpeg/libjpeg-turbo'
import { Random } from '../../../src/engine/tensor/random'

describe('JPEG', () => {
  it.each([[1, 16, 16], [1, 7, 5], [3, 40, 33], [1, 128, 128]] as const)('%s samples of %s × %s come back nearly as they were where they are smooth, even where the file is longer than the pixels', async (samples, width, height) => {
    const data = Uint8Array.from({ length: width * height * samples }, (_, i) => 60 + Math.round((100 * (Math.floor(i / samples) % width)) / width))
    const { pixels, ...size } = (await decodeJpeg(await encodeJpeg({ width, height, samples, data }, 75)))!
    expect(size).toMatchObject({ width, components: samples })
    expect(data.reduce((most, v, i) => Math.max(most, Math.abs(v - pixels[i]!)), 0)).toBeLessThanOrEqual(8)
  })

  it('noise loses its fine detail, and no picture is too noisy to be written', async () => {
    const random = new Random('noise')
    const data = Uint8Array.from({ length: 64 * 64 }, () => (random.next() < 0.5 ? 0 : 255))
    for (const quality of [75, 95]) expect((await decodeJpeg(await encodeJpeg({ width: 64, height: 64, samples: 1, data }, quality)))!.pixels.length).toBeGreaterThanOrEqual(data.length)
    const faint = Uint8Array.from(data, (v) => 128 + (v ? 2 : -2))
    const { pixels } = (await decodeJpeg(await encodeJpeg({ width: 64, height: 64, samples: 1, data: faint }, 75)))!
    const spread = (values: Uint8Array) => Math.sqrt(values.subarray(0, 64 * 64).reduce((sum, v) => sum + (v - 128) ** 2, 0) / (64 * 64))
    expect(spread(pixels)).toBeLessThan(0.7 * spread(faint))
  })
})

describe('the median', () => {
  it('is the fifth of nine sorted values, the border going on', () => {
    const random = new Random('median')
    const [width, height] = [7, 5]
    const plane = Float32Array.from({ length: width * height }, () => random.next())
    const at = (y: number, x: number) => plane[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]!
    const wanted = Float32Array.from(plane, (_, i) => {
      const [y, x] = [Math.floor(i / width), i % width]
      return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => at(y + dy, x + dx))).sort((a, b) => a - b)[4]!
    })
    expect(median3(plane, width, height)).toEqual(wanted)
  })

  it('takes away a single bright pixel', () => {
    const plane = new Float32Array(25).fill(0.25)
    plane[12] = 1
    expect(median3(plane, 5, 5)).toEqual(new Float32Array(25).fill(0.25))
  })
})

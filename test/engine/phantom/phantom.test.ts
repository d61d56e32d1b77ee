import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeImage } from '../../../src/engine/image/decode'
import { resize } from '../../../src/engine/image/resample'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'
import { makePhantom } from '../../../src/engine/phantom/phantom'

const size = 64
const phantom = (seed: number, kind: 'normal' | 'opacity', side = size) => makePhantom({ seed, width: side, height: side, kind })
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length
/** Mean of a box given in shares of the picture. */
const box = (pixels: Float32Array, left: number, top: number, right: number, bottom: number) => {
  const values: number[] = []
  for (let y = Math.floor(top * size); y < bottom * size; y++) for (let x = Math.floor(left * size); x < right * size; x++) values.push(pixels[y * size + x]!)
  return mean(values)
}

describe('a phantom', () => {
  test('is a function of its seed', () => {
    expect(phantom(3, 'opacity')).toEqual(phantom(3, 'opacity'))
    expect(phantom(3, 'normal').pixels).not.toEqual(phantom(4, 'normal').pixels)
  })

  test('looks like a chest: dark lungs on both sides of a bright middle, over a bright abdomen, in a person of bounded variety', () => {
    for (let seed = 0; seed < 25; seed++) {
      const { pixels } = phantom(seed, 'normal')
      expect(pixels.every((v) => v >= 0 && v <= 1)).toBe(true)
      const right = box(pixels, 0.22, 0.3, 0.36, 0.55)
      const left = box(pixels, 0.66, 0.3, 0.78, 0.5)
      const middle = box(pixels, 0.46, 0.5, 0.56, 0.65)
      const abdomen = box(pixels, 0.25, 0.93, 0.75, 1)
      expect(Math.min(middle, abdomen) - Math.max(left, right), `seed ${seed}`).toBeGreaterThan(0.2)
      expect(box(pixels, 0, 0, 0.06, 0.04), 'air beside the neck').toBeLessThan(0.2)
    }
  })

  test('is the same person at every size', () => {
    const small = phantom(5, 'opacity', 64).pixels
    const reduced = resize(phantom(5, 'opacity', 256).pixels, 256, 256, 64, 64)
    const [a, b] = [mean(small), mean(reduced)]
    const covariance = mean(small.map((v, i) => (v - a) * (reduced[i]! - b)))
    const correlation = covariance / Math.sqrt(mean(small.map((v) => (v - a) ** 2)) * mean(reduced.map((v) => (v - b) ** 2)))
    expect(correlation).toBeGreaterThan(0.99)
  })

  test('with opacities differs from the same person without only where they are, and is brighter there', () => {
    for (let seed = 0; seed < 12; seed++) {
      const normal = phantom(seed, 'normal')
      const opaque = phantom(seed, 'opacity')
      expect(normal.opacities).toEqual([])
      expect(opaque.opacities.length).toBeGreaterThanOrEqual(1)
      expect(opaque.opacities.length).toBeLessThanOrEqual(3)
      let inside = 0
      for (let i = 0; i < size * size; i++) {
        const near = opaque.opacities.some(({ x, y, radius }) => Math.hypot((i % size) + 0.5 - x, Math.floor(i / size) + 0.5 - y) < 3.5 * radius)
        const difference = opaque.pixels[i]! - normal.pixels[i]!
        if (near) inside += difference
        else expect(Math.abs(difference)).toBeLessThan(0.02)
      }
      expect(inside, `seed ${seed}`).toBeGreaterThan(0)
    }
  })

  test('does not give its class away by its mean brightness', () => {
    const n = 120
    const normal = Array.from({ length: n }, (_, i) => mean(phantom(1000 + i, 'normal').pixels))
    const opaque = Array.from({ length: n }, (_, i) => mean(phantom(5000 + i, 'opacity').pixels))
    let wins = 0
    for (const a of opaque) for (const b of normal) wins += a > b ? 1 : a === b ? 0.5 : 0
    // Area under the ROC curve of the mean: 0.5 tells nothing, 1 tells all.
    expect(Math.abs(wins / (n * n) - 0.5)).toBeLessThan(0.15)
  })
})

describe('a data set of phantoms', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-phantoms-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('has train and test folders of both classes, one in five for testing, and says how far it is', async () => {
    const steps: number[] = []
    const summary = await writePhantomDataSet(join(folder, 'png'), { count: 20, size: 32, seed: 1, format: 'png' }, { progress: (done) => steps.push(done) })
    expect(summary).toMatchObject({ written: 20, train: 16, test: 4 })
    expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const files = readdirSync(join(folder, 'png'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.png'))
    expect(files.filter((path) => path.startsWith(join('train', 'normal')))).toHaveLength(8)
    expect(files.filter((path) => path.startsWith(join('test', 'opacity')))).toHaveLength(2)
    expect(files).toContain(join('train', 'opacity', 'phantom-0001.png'))
    expect(new Set(files.map((path) => readFileSync(join(folder, 'png', path), 'base64'))).size).toBe(20)
  })

  test('holds the same pictures as PNG and, finer, as DICOM', async () => {
    await writePhantomDataSet(join(folder, 'dicom'), { count: 20, size: 32, seed: 1, format: 'dicom' })
    const picture = await decodeImage(readFileSync(join(folder, 'png', 'test', 'normal', 'phantom-0001.png')))
    const scan = await decodeImage(readFileSync(join(folder, 'dicom', 'test', 'normal', 'phantom-0001.dcm')))
    expect(scan).toMatchObject({ format: 'dicom', bitsStored: 12, photometric: 'MONOCHROME2', width: 32, height: 32 })
    expect(scan.spacing!.row).toBeCloseTo(350 / 32, 3)
    picture.pixels.forEach((value, i) => expect(Math.abs(value / 255 - scan.pixels[i]! / 4095)).toBeLessThan(0.0022))
  })

  test('stops when asked to', async () => {
    const controller = new AbortController()
    const work = writePhantomDataSet(join(folder, 'stopped'), { count: 20, size: 32, seed: 1, format: 'png' }, { signal: controller.signal, progress: (done) => done === 3 && controller.abort() })
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('says when it cannot write', async () => {
    await expect(writePhantomDataSet(join(folder, 'png', 'test', 'normal', 'phantom-0001.png'), { count: 2, size: 16, seed: 1, format: 'png' })).rejects.toMatchObject({
      code: 'output-not-writable',
    })
  })
})

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { writeBundle } from '../../../src/engine/bundle/write'
import { calibrateBundle } from '../../../src/engine/calibration/write-calibration'
import { standardise } from '../../../src/engine/screening/detector'
import { disagreement } from '../../../src/engine/screening/scores/disagreement'
import { median } from '../../../src/engine/tensor/median'
import { HeatmapHistogram, heatmapOf } from '../../../src/engine/screening/heatmap'
import { createScreener } from '../../../src/engine/screening/screener'
import { temporaryFolder } from '../bundle/fixtures'
import { classifierModel, draft, exportedFor, purifierModel, scanValues, side, tampered, unit, writeTinyBundle } from './tiny-bundle'

const stack = (images: Float32Array[]): Float32Array => Float32Array.from(images.flatMap((image) => [...image]))

describe('screening with a bundle that was calibrated on untouched scans', () => {
  it('flags tampered images, leaves most untouched ones alone, and gives the answer back', async () => {
    const bundle = await loadBundle(await writeTinyBundle(await temporaryFolder()))
    const screener = await createScreener(bundle, { provider: 'cpu' })
    const fresh = Array.from({ length: 100 }, (_, i) => scanValues(5000 + i))
    const clean = await screener.screen(stack(fresh.map(unit)))
    const attacked = await screener.screen(stack(fresh.map((values, i) => unit(tampered(values, 6, i)))))
    await screener.release()

    expect(clean).toHaveLength(100)
    // 96 calibration scans: a rate of at most 4/97; eleven in a hundred would be beyond four standard deviations.
    expect(clean.filter(({ pValue }) => pValue <= 0.05).length).toBeLessThan(11)
    expect(attacked.every(({ pValue }) => pValue === 1 / 97)).toBe(true)
    expect(attacked.every(({ before, after }) => before.label === 'noisy' && after.label === 'smooth')).toBe(true)
    for (const { score, components } of clean) expect(score).toBe(Math.max(...Object.values(components)))
  })

  it('purifies and classifies as the models are defined, image by image, in any batch size', async () => {
    const bundle = await loadBundle(await writeTinyBundle(await temporaryFolder()))
    const screener = await createScreener(bundle, { provider: 'cpu' })
    const images = Array.from({ length: 21 }, (_, i) => unit(scanValues(i)))
    const together = await screener.screen(stack(images))
    const [alone] = await screener.screen(images[20]!)
    await screener.release()
    expect(together).toHaveLength(21)
    expect(together[20]!.score).toBeCloseTo(alone!.score, 5)

    const image = images[3]!
    const at = (x: number, y: number): number => image[Math.min(side - 1, Math.max(0, y)) * side + Math.min(side - 1, Math.max(0, x))]!
    let laplacian = 0
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        let sum = 0
        for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += at(x + dx, y + dy)
        expect(together[3]!.purified[y * side + x]).toBeCloseTo(sum / 9, 5)
        if (x > 0 && y > 0 && x < side - 1 && y < side - 1) laplacian += Math.abs(at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y))
      }
    const p = 1 / (1 + Math.exp(-(2 - (100 * laplacian) / (side - 2) ** 2)))
    expect(together[3]!.before.probabilities[0]).toBeCloseTo(p, 4)
  })

  it.each([1, 5])('answers the same where its networks were exported for %i images at a time', async (atOnce) => {
    const home = await temporaryFolder()
    const open = await loadBundle(await writeTinyBundle(home))
    await writeBundle(join(home, 'fixed'), draft, { classifier: exportedFor(atOnce, classifierModel()), purifier: exportedFor(atOnce, purifierModel()) })
    await calibrateBundle(join(home, 'fixed'), Array.from({ length: 120 }, (_, i) => unit(scanValues(1000 + i))), { label: 'tiny', provider: 'cpu', choose: false })
    const images = stack(Array.from({ length: 19 }, (_, i) => unit(scanValues(i))))
    const [expected, answered] = await Promise.all(
      [open, await loadBundle(join(home, 'fixed'))].map(async (bundle) => {
        const screener = await createScreener(bundle, { provider: 'cpu' })
        return screener.screen(images).finally(() => screener.release())
      }),
    )
    expect(answered).toHaveLength(19)
    answered!.forEach(({ score, pValue, after }, i) => {
      expect(score).toBeCloseTo(expected![i]!.score, 5)
      expect([pValue, after.label]).toEqual([expected![i]!.pValue, expected![i]!.after.label])
    })
  })

  it('shows the heat where the image was tampered with', async () => {
    const bundle = await loadBundle(await writeTinyBundle(await temporaryFolder()))
    const screener = await createScreener(bundle, { provider: 'cpu' })
    const values = scanValues(7)
    const corner = tampered(values, 20, 7).map((value, i) => (i % side < side / 2 && i < (side * side) / 2 ? value : values[i]!))
    const [screened] = await screener.screen(unit(corner))
    await screener.release()
    const mean = (inside: boolean): number => {
      const part = screened!.residualMap.filter((_, i) => (i % side < side / 2 && i < (side * side) / 2) === inside)
      return part.reduce((a, b) => a + b, 0) / part.length
    }
    expect(mean(true)).toBeGreaterThan(4 * mean(false))
  })

  it('refuses a bundle that cannot screen', async () => {
    const bundle = await loadBundle(await writeTinyBundle(await temporaryFolder(), 0))
    await expect(createScreener(bundle)).rejects.toMatchObject({ code: 'bundle-incomplete' })
  })
})

describe('calibrating', () => {
  it('keeps four fifths for the p-values, is the same for one array and for pieces, and repeats itself', async () => {
    const folder = await writeTinyBundle(await temporaryFolder(), 0)
    const scans = Array.from({ length: 50 }, (_, i) => unit(scanValues(i)))
    const whole = await calibrateBundle(folder, stack(scans), { label: 'fifty', provider: 'cpu', choose: false })
    const pieces = await calibrateBundle(folder, scans, { label: 'fifty', provider: 'cpu', choose: false })
    expect(whole.detector.calibration.scores).toHaveLength(40)
    expect({ ...pieces.detector.calibration, date: '' }).toEqual({ ...whole.detector.calibration, date: '' })
    expect((await loadBundle(folder)).manifest.detector).toEqual(pieces.detector)
    expect(whole.warnings[0]).toContain('Only 40 scans')
    const other = await calibrateBundle(folder, scans, { label: 'fifty', provider: 'cpu', seed: 1, choose: false })
    expect(other.detector.calibration.scores).not.toEqual(whole.detector.calibration.scores)
    expect(other.detector.calibration.data.sha256).toBe(whole.detector.calibration.data.sha256)
  })

  it('refuses too few scans and leaves the bundle as it was', async () => {
    const folder = await writeTinyBundle(await temporaryFolder(), 0)
    await expect(calibrateBundle(folder, [unit(scanValues(1))], { label: 'one', provider: 'cpu' })).rejects.toMatchObject({ code: 'data-set-invalid' })
    expect((await loadBundle(folder)).manifest.detector).toBeUndefined()
    await expect(calibrateBundle(join(folder, 'absent'), [], { label: '' })).rejects.toMatchObject({ code: 'bundle-not-found' })
  })
})

describe('scores', () => {
  it('measure a change of log-odds even where float32 probabilities are all 0 and 1', () => {
    const sure = (z: number): number[] => [-Math.log1p(Math.exp(-z)), -z - Math.log1p(Math.exp(-z))]
    const changed = (before: number, after: number): number => disagreement.of({ input: new Float32Array(), purified: new Float32Array(), logBefore: sure(before), logAfter: sure(after) }, { width: 0, height: 0, channels: 1 })
    expect(changed(40, 40)).toBe(0)
    expect(changed(40, 30)).toBeCloseTo(Math.log(11), 6)
    expect(changed(60, 30)).toBeCloseTo(Math.log(31), 6)
  })

  it('standardise normal values to their mean and standard deviation, and survive outliers', () => {
    // Quantiles of the standard normal distribution at i / 40 (scipy.stats.norm.ppf at eight of them, mirrored).
    const quantiles = [0.0627, 0.1257, 0.1891, 0.2533, 0.3186, 0.3853, 0.4538, 0.5244, 0.5978, 0.6745, 0.7554, 0.8416, 0.9346, 1.0364, 1.1503, 1.2816, 1.4395, 1.6449, 1.96]
    const values = [...quantiles, 0, ...quantiles.map((q) => -q)].map((q) => 3 + 0.5 * q)
    const { median: center, scale } = standardise('residual', values)
    expect(center).toBeCloseTo(3, 9)
    expect(scale).toBeCloseTo(0.5, 2)
    expect(standardise('residual', [...values, 1000, 1000]).scale).toBeLessThan(0.6)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('take the largest channel for the heatmap, and its percentile as sorting finds it', () => {
    const size = 8 * 8
    const input = new Float32Array(3 * size).fill(0.5)
    const purified = input.map((value, i) => (i >= size && i < 2 * size ? value - 0.25 : value + 0.125))
    for (const value of heatmapOf({ input, purified }, { width: 8, height: 8, channels: 3 })) expect(value).toBeCloseTo(0.25, 6)

    const histogram = new HeatmapHistogram()
    const values = Float32Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000) / 5000)
    histogram.add(values.subarray(0, 2000))
    histogram.add(values.subarray(2000))
    expect(histogram.percentile(0.99)).toBeCloseTo(values.slice().sort()[4949]!, 4)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertReachable, falseAlarms, isSuspicious, pValue, scansNeeded } from '../../../src/engine/screening/conformal'
import { detectorFrom, standardised } from '../../../src/engine/calibration/calibrate'
import { combine } from '../../../src/engine/screening/detector'
import { timesIn, verdictOf } from '../../../src/engine/screening/verdict'
import { Random } from '../../../src/engine/tensor/random'

describe('conformal p-values', () => {
  it('are what the definition counts, ties and all', () => {
    const score = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true }))
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 60 }), score, (calibration, value) => {
        const ascending = [...calibration].sort((a, b) => a - b)
        const counted = (1 + calibration.filter((other) => other >= value).length) / (calibration.length + 1)
        expect(pValue(value, ascending)).toBe(counted)
      }),
    )
  })

  it('flag at most α of untouched scans, whatever their scores are distributed like', () => {
    const random = new Random('validity')
    // Two correlated raw scores, one heavy-tailed, standardised and combined as the product does it.
    const draw = (): { residual: number; disagreement: number } => {
      const common = random.normal()
      return { residual: common + random.normal(), disagreement: Math.exp(1.5 * common) + random.next() }
    }
    const trials = 4000
    for (const alpha of [0.05, 0.1]) {
      let flagged = 0
      for (let trial = 0; trial < trials; trial++) {
        const raw = Array.from({ length: 60 }, draw)
        // As the calibration does it: twelve scans, drawn beforehand, set the scales; the others give the conformal scores.
        const aside = raw.slice(0, 12)
        const judges = standardised(['residual', 'disagreement'], 'max', aside)
        const { calibration, ...detector } = detectorFrom(raw, aside.map((_, i) => i), judges, { calibration: { heatmapUsual: 0, data: { label: '', sha256: '' }, date: '' } })
        if (isSuspicious(pValue(combine(draw(), detector).score, calibration.scores), alpha)) flagged++
      }
      const n = 48
      const exact = Math.floor(alpha * (n + 1)) / (n + 1)
      const tolerance = 4 * Math.sqrt((exact * (1 - exact)) / trials)
      expect(flagged / trials).toBeLessThan(exact + tolerance)
      expect(flagged / trials).toBeGreaterThan(exact - tolerance)
    }
  })

  it('say when there are too few scans for a threshold, exactly where the definition does', () => {
    for (const alpha of [0.5, 0.2, 0.1, 0.05, 0.01, 0.003, 1 / 3]) {
      const needed = scansNeeded(alpha)
      const most = (n: number): number => pValue(Infinity, new Array<number>(n).fill(0))
      expect(most(needed)).toBeLessThanOrEqual(alpha)
      if (needed > 1) expect(most(needed - 1)).toBeGreaterThan(alpha)
      expect(() => assertReachable(alpha, needed)).not.toThrow()
    }
    expect(scansNeeded(0.05)).toBe(19)
    expect(() => assertReachable(0.05, 18)).toThrow('18 calibration scans')
  })

  // scipy.stats.beta.ppf([0.025, 0.975], k, n + 1 - k) of SciPy.
  it.each([
    [19, 1, 0.00133163, 0.17646691],
    [57, 2, 0.00427789, 0.09391684],
    [248, 12, 0.02524898, 0.07797573],
    [1000, 50, 0.0373354, 0.06426605],
  ])('of %i calibration scans flag a share of untouched ones that lies where SciPy says', (n, k, low, high) => {
    const found = falseAlarms(n, 0.05)!
    expect(found).toMatchObject({ alpha: 0.05, mean: k / (n + 1) })
    expect(found.low).toBeCloseTo(low, 7)
    expect(found.high).toBeCloseTo(high, 7)
  })

  it('of fewer scans than are needed flag none', () => {
    expect(falseAlarms(18, 0.05)).toBeNull()
    expect(falseAlarms(50_000, 0.05)!.low).toBeGreaterThan(0.048)
  })
})

describe('the verdict in words', () => {
  const answer = (label: string, p: number) => ({ label, probabilities: [p, 1 - p] })

  it('says p as a count that people can picture', () => {
    for (const [p, words] of [
      [0.003, '3 times in 1,000'],
      [1 / 320, '3 times in 1,000'],
      [0.05, '5 times in 100'],
      [0.02, '2 times in 100'],
      [0.016, '16 times in 1,000'],
      [0.01, 'once in 100'],
      [0.001, 'once in 1,000'],
      [0.0003, '3 times in 10,000'],
      [0.87, '87 times in 100'],
      [1, 'nearly always'],
    ] as const)
      expect(timesIn(p), String(p)).toBe(words)
  })

  it('never claims health, and names the answer that changed', () => {
    const clean = verdictOf({ pValue: 0.4, alpha: 0.05, before: answer('NORMAL', 0.9), after: answer('NORMAL', 0.8), calibrationCount: 300 })
    expect(clean.headline).toBe('No perturbation found')
    expect(clean.detail).toContain('does not mean that the image is unaltered or the patient healthy')
    expect(clean.detail).not.toContain('changed from')
    const flagged = verdictOf({ pValue: 0.003, alpha: 0.05, before: answer('PNEUMONIA', 0.99), after: answer('NORMAL', 0.8), calibrationCount: 2000 })
    expect(flagged.headline).toBe('Suspicious: an untouched scan looks this unusual 3 times in 1,000.')
    expect(flagged.detail).toContain('from PNEUMONIA (99 %) to NORMAL (80 %)')
    expect(flagged.detail).toContain('about 5 % of untouched scans')
  })

  it('claims no certainty by rounding, and tells α as it was chosen', () => {
    const said = (before: number, after: number, alpha: number): string =>
      verdictOf({ pValue: alpha / 2, alpha, before: answer('PNEUMONIA', before), after: answer('NORMAL', after), calibrationCount: 10_000 }).detail
    expect(said(0.9962, 0.51, 0.05)).toContain('from PNEUMONIA (> 99 %) to NORMAL (51 %)')
    expect(said(1, 0.99, 0.05)).toContain('from PNEUMONIA (100 %) to NORMAL (99 %)')
    expect(said(0.9, 0.9, 0.0004)).toContain('about 0.04 % of untouched scans')
    expect(said(0.9, 0.9, 0.125)).toContain('about 12.5 % of untouched scans')
  })

  it('is suspicious exactly up to α', () => {
    for (const [p, headline] of [[0.05, /^Suspicious/], [0.0501, /^No perturbation/]] as const)
      expect(verdictOf({ pValue: p, alpha: 0.05, before: answer('a', 1), after: answer('a', 1), calibrationCount: 100 }).headline).toMatch(headline)
  })
})

import { describe, expect, it } from 'vitest'
import { alphaInWords, inWords, percent, pValueInWords, unusualness } from '../../../src/renderer/wording/probability'

describe('a p-value in words', () => {
  it.each([
    [0.634, '63 in 100'],
    [0.1, '10 in 100'],
    [0.052, '52 in 1,000'],
    [0.00415, '4 in 1,000'],
    [0.00042, '4 in 10,000'],
    [0.00001, 'fewer than 1 in 10,000'],
  ])('says %d as "%s"', (p, words) => expect(inWords(p)).toBe(words))

  it('does not make what is just above a threshold look equal to it', () => {
    expect(inWords(0.052)).not.toBe(inWords(0.05))
    expect(inWords(0.0495)).not.toBe(inWords(0.052))
  })

  it('is a sentence about untouched scans, not about the chance of an attack', () =>
    expect(pValueInWords(0.003)).toBe('3 in 1,000 untouched scans look at least this unusual'))
})

describe('alpha in words', () => {
  it.each([
    [0.05, '1 in 20'],
    [0.01, '1 in 100'],
    [0.001, '1 in 1,000'],
    [0.03, '30 in 1,000'],
  ])('says %d as "%s"', (alpha, words) => expect(alphaInWords(alpha)).toBe(words))
})

describe('percentages', () => {
  it.each([
    [0.952, '95.2 %'],
    [1, '100.0 %'],
    [0, '0.0 %'],
  ])('says %d as "%s"', (share, words) => expect(percent(share)).toBe(words))

  it('never rounds up to certainty or down to impossibility', () => {
    expect(percent(0.9999)).toBe('> 99.9 %')
    expect(percent(0.0001)).toBe('< 0.1 %')
  })
})

describe('the place on the scale from usual to unusual', () => {
  it('puts every tenfold at the same distance', () => {
    expect(unusualness(1)).toBe(0)
    expect(unusualness(0.1)).toBeCloseTo(1 / 3)
    expect(unusualness(0.01)).toBeCloseTo(2 / 3)
    expect(unusualness(0.001)).toBeCloseTo(1)
  })
  it('holds what lies beyond at the end', () => expect(unusualness(1e-9)).toBe(1))
})

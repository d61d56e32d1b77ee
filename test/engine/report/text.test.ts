import { describe, expect, it } from 'vitest'
import { percent } from '../../../src/engine/report/text'

describe('a share in percent', () => {
  it.each([
    [0.5, 1, '50.0 %'],
    [1, 1, '100.0 %'],
    [0, 1, '0.0 %'],
    [2499 / 2500, 1, '> 99.9 %'],
    [1999 / 2000 - 1e-4, 1, '99.9 %'],
    [1 / 2500, 1, '< 0.1 %'],
    [0.996, 0, '> 99 %'],
  ])('%f to %i digits: all and none are never claimed by rounding', (share, digits, text) => {
    expect(percent(share, digits).replaceAll('\u00a0', ' ')).toBe(text)
  })
})

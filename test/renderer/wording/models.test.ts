import { expect, it } from 'vitest'
import { abilityOf, fileSize, intensityInWords, normalisationInWords, someOf } from '../../../src/renderer/wording/models'

it('file sizes have the unit that reads best', () => expect([12, 1230, 923_059, 1_230_827, 4e9].map(fileSize)).toEqual(['12 B', '1.2 kB', '923 kB', '1.2 MB', '4.0 GB']))
it('a bundle screens, cannot yet, or is broken', () => {
  expect(abilityOf({ canScreen: true })).toBe('screens')
  expect(abilityOf({ canScreen: false })).toBe('incomplete')
  expect(abilityOf({ canScreen: false, error: { code: 'bundle-invalid', message: '', facts: {} } })).toBe('broken')
})
it('normalisation says the range where there is a plain one', () => {
  expect(normalisationInWords({ mean: [0, 0, 0], std: [1, 1, 1] })).toBe('none: the model takes 0 to 1')
  expect(normalisationInWords({ mean: [0], std: [1 / 255] })).toBe('mean 0, std 1/255: the model takes 0 to 255')
  expect(normalisationInWords({ mean: [0.485, 0.456, 0.406], std: [0.2, 0.2, 0.2] })).toBe('mean 0.485, 0.456, 0.406, std 0.2')
})
it('intensity names its ends', () => expect(intensityInWords({ intensity: { kind: 'fixed', low: -1000, high: 400 } })).toBe('-1000 to 400 becomes 0 to 1'))
it('of very many classes only some are named', () => expect(someOf(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more'))

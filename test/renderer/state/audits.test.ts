/** Where a handed-over data set lies, and what became of an image under attack. */
import { describe, expect, it, vi } from 'vitest'
import type { AuditImage } from '../../../src/shared/audit'

vi.mock('../../../src/renderer/platform', () => ({ platform: {} }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { commonPlace } = await import('../../../src/renderer/state/audits')
const { fateOf, filterImages } = await import('../../../src/renderer/state/audit-images')

describe('the place of a data set', () => {
  it('is the one path that was handed over', () => {
    expect(commonPlace(['/data/set.npz'])).toBe('/data/set.npz')
    expect(commonPlace([])).toBeUndefined()
  })
  it('is the folder above the classes where single files were uploaded', () => {
    expect(commonPlace(['/up/b/set/normal/1.png', '/up/b/set/normal/2.png', '/up/b/set/pneumonia/1.png'])).toBe('/up/b/set')
    expect(commonPlace(['C:\\up\\a\\1.png', 'C:\\up\\b\\1.png'])).toBe('C:\\up')
  })
})

const image = (number: number, label: number, after: number | null, pValue: number | null): AuditImage => {
  const judged = (predicted: number) => ({ predicted: { none: predicted, purifier: predicted }, confidence: { none: 0.5 }, score: 1, pValue })
  return { image: number, path: `${number}.png`, label, clean: judged(label), attacked: after === null ? null : judged(after), linf: 0.01, l2: 0.1, queries: null }
}

describe('an image under attack', () => {
  const images = [image(0, 1, 1, 0.5), image(1, 1, 0, 0.01), image(2, 1, 0, 0.5), image(3, 1, null, null)]
  it('resists, is broken, or is broken without anybody being warned', () => {
    expect(images.map((each) => fateOf(each, 0.05))).toEqual(['resisted', 'broken', 'evaded', 'not attacked'])
  })
  it('is found by what became of it; the unnoticed ones are broken too', () => {
    expect(filterImages(images, 'broken', 0.05).map((each) => each.image)).toEqual([1, 2])
    expect(filterImages(images, 'evaded', 0.05).map((each) => each.image)).toEqual([2])
    expect(filterImages(images, 'all', 0.05)).toHaveLength(4)
  })
})

/** Where a handed-over data set lies. */
import { describe, expect, it } from 'vitest'
import { commonPlace } from '../../../src/renderer/state/data-intake'

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

/** Names that files and folders are given. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UniqueNames } from '../../../src/engine/image/names'

describe('names of pictures', () => {
  it('are never given twice, also on file systems that ignore case', () => {
    const names = new UniqueNames()
    names.reserve('c.png')
    expect(['/x/a.dcm', '/y/A.png', '/z/a-2.png', '/c.dcm', '/x/a'].map((path) => names.give(path, '.png'))).toEqual(['a.png', 'A-2.png', 'a-2-2.png', 'c-2.png', 'a-3.png'])
  })

  it('are legal everywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (path) => {
        const name = new UniqueNames().give(path, '.png')
        expect(name).toMatch(/^[^<>:"/\\|?*\u0000-\u001f]+\.png$/u)
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)\./i)
        expect(Buffer.byteLength(name)).toBeLessThan(200)
      }),
    )
    // 85 letters of three bytes are legal by themselves and leave no room for an ending; an accent stays with its letter.
    expect(new UniqueNames().give('胸'.repeat(85), '.png')).toBe(`${'胸'.repeat(60)}.png`)
    expect(new UniqueNames().give(`${'a'.repeat(178)}e\u0301`, '.png')).toBe(`${'a'.repeat(178)}.png`)
    expect(new UniqueNames().give('/scans/CON.dcm', '.png')).toBe('scan-CON.png')
    expect(new UniqueNames().give('/scans/..', '.png')).toBe('scan-.png')
  })

  it('what is no path is kept whole, and leads nowhere else', () => {
    const names = new UniqueNames()
    expect(['../../escaped', 'a/b', 'a\\b', '..', 'grade 1.5', 'Grade 1.5'].map((name) => names.named(name))).toEqual(['_.._escaped', 'a_b', 'a_b-2', 'scan-', 'grade 1.5', 'Grade 1.5-2'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countBelow, foldedAtFirst, matcher, tagRows } from '../../../src/renderer/features/tags/tag-rows'
import type { DicomTag } from '../../../src/shared/types'

const element = (name: string, depth: number, over: Partial<DicomTag> = {}): DicomTag => ({ tag: '(0008,1150)', vr: 'LO', name, value: '', depth, private: false, hidden: false, ...over })
const tree = [element('A', 0), element('B', 1), element('C', 2), element('D', 1), element('E', 0), element('F', 0), element('G', 1)]
const below = countBelow(tree)
const names = (folded: number[], query = '') => tagRows(tree, below, new Set(folded), query).map(({ tag, found }) => (found ? tag.name : tag.name.toLowerCase()))

describe('nested elements', () => {
  it('know how many lie within them', () => expect([...below]).toEqual([3, 1, 0, 0, 0, 1, 0]))
  it('are folded away with all that is in them', () => {
    expect(names([])).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G'])
    expect(names([0])).toEqual(['A', 'E', 'F', 'G'])
    expect(names([1])).toEqual(['A', 'B', 'D', 'E', 'F', 'G'])
    expect(names([0, 1, 5])).toEqual(['A', 'E', 'F'])
  })
  it('begin unfolded in a short list and folded in a long one', () => {
    expect(foldedAtFirst(tree, below).size).toBe(0)
    const long = Array.from({ length: 1000 }, (_, i) => element('x', i % 2))
    expect(foldedAtFirst(long, countBelow(long)).size).toBe(500)
  })
  it('are counted for any sequence of depths', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 60 }), (depths) => {
        const tags = depths.map((depth) => element('x', depth))
        countBelow(tags).forEach((count, i) => {
          const after = depths.slice(i + 1)
          const end = after.findIndex((depth) => depth <= depths[i]!)
          expect(count).toBe(end < 0 ? after.length : end)
        })
      }),
    ))
})

describe('the search', () => {
  it('shows what it finds with the sequences around it, once each, whatever is folded', () => {
    expect(names([0, 1], 'c')).toEqual(['a', 'b', 'C'])
    expect(names([], 'd')).toEqual(['a', 'D'])
    expect(names([5], 'g')).toEqual(['f', 'G'])
    expect(names([], 'b')).toEqual(['a', 'B'])
    expect(names([], 'nothing')).toEqual([])
  })

  const study = element("Patient's Name", 0, { tag: '(0010,0010)', vr: 'PN', value: 'Doe^Jane' })
  const finds = (query: string, tag = study): boolean => matcher(query)(tag)
  it('knows an element by its number in every spelling', () => {
    for (const query of ['(0010,0010)', '0010,0010', '00100010', '0010']) expect(finds(query), query).toBe(true)
    expect(finds('00100020')).toBe(false)
  })
  it('knows it by name with and without spaces, and by value, in any case', () => {
    for (const query of ['patient', 'PatientsName', "patient's na", 'doe', 'JANE', 'pn']) expect(finds(query), query).toBe(true)
  })
  it('wants every word', () => {
    expect(finds('patient doe')).toBe(true)
    expect(finds('patient smith')).toBe(false)
  })
  it('does not look into what is hidden', () => expect(finds('doe', { ...study, hidden: true })).toBe(false))
  it('finds the same rows as looking at each one, with their ancestors', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.constantFrom('red', 'blue')), { maxLength: 40 }), (items) => {
        const tags = items.map(([depth, name]) => element(name, depth))
        const rows = tagRows(tags, countBelow(tags), new Set(), 'red')
        expect(rows.filter(({ found }) => found).map(({ index }) => index)).toEqual(items.flatMap(([, name], i) => (name === 'red' ? [i] : [])))
        expect(rows.map(({ index }) => index)).toEqual([...new Set(rows.map(({ index }) => index))].sort((a, b) => a - b))
      }),
    ))
})

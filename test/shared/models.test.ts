import { describe, expect, it } from 'vitest'
import { idOf, spread } from '../../src/shared/models'

describe('a few of many files', () => {
  const many = (folder: string, count: number) => Array.from({ length: count }, (_, i) => `${folder}/${i}`)
  it('are the same number of every folder, from all parts of it, in order', () => {
    expect(spread([...many('a', 100), ...many('b', 100)], 4)).toEqual(['a/0', 'a/50', 'b/0', 'b/50'])
  })
  it('leave to large folders what small ones cannot fill', () => {
    const taken = spread([...many('a', 2), ...many('b', 50), ...many('c', 50)], 12)
    expect(['a', 'b', 'c'].map((folder) => taken.filter((path) => path.startsWith(`${folder}/`)).length)).toEqual([2, 5, 5])
  })
  it('are all where there are not more, and never too many', () => {
    expect(spread(many('a', 3), 24)).toEqual(many('a', 3))
    expect(spread(Array.from({ length: 100 }, (_, i) => `folder-${i}/x`), 24)).toHaveLength(24)
  })
})

it('an id is made of a name', () => expect(['Vendor Model v2', '  ', 'Ärzte'].map(idOf)).toEqual(['vendor-model-v2', 'bundle', 'rzte']))

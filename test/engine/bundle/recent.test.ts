import { expect, it } from 'vitest'
import { Recent } from '../../../src/engine/bundle/recent'

it('keeps what was asked for lately, and makes the rest anew', () => {
  const made: string[] = []
  const recent = new Recent(2, (name) => ({ name, place: made.push(name) }))
  const a = recent.of('a')
  recent.of('b')
  expect(recent.of('a')).toBe(a)
  recent.of('c')
  expect(recent.of('a')).toBe(a)
  recent.of('b')
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

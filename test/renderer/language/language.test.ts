/** The sentences of both languages, and how numbers get into them. */
import { afterEach, describe, expect, it } from 'vitest'
import { date, dictionaries, fixed, number, plural, speak, t } from '../../../src/renderer/language'

afterEach(() => speak('en'))
const names = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()

describe('the dictionaries', () => {
  it('fill the same names into every sentence', () => {
    const differing = Object.entries(dictionaries.en).filter(([key, sentence]) => names(sentence).join() !== names(dictionaries.de[key as keyof typeof dictionaries.de]).join())
    expect(differing.map(([key]) => key)).toEqual([])
  })
  it('have a text for every key, with nothing left over from another', () => {
    expect(Object.keys(dictionaries.de).sort()).toEqual(Object.keys(dictionaries.en).sort())
    for (const sentences of Object.values(dictionaries)) for (const sentence of Object.values(sentences)) expect(sentence.trim()).not.toBe('')
  })
  it('are not the same: what is said in sentences is translated', () => {
    const same = Object.entries(dictionaries.en).filter(([key, sentence]) => sentence.split(' ').length > 4 && sentence === dictionaries.de[key as keyof typeof dictionaries.de])
    expect(same).toEqual([])
  })
})

describe('a sentence', () => {
  it('gets its values, numbers as the language writes them', () => {
    expect(t('probability.of', { count: 3, of: 10_000 })).toBe('3 in 10,000')
    speak('de')
    expect(t('probability.of', { count: 3, of: 10_000 })).toBe('3 von 10.000')
    expect(t('screen.dropWith', { bundle: 'a {count} b' })).toContain('a {count} b')
  })
  it('is for one or for many', () => {
    expect([plural('settings.days', 1), plural('settings.days', 30)]).toEqual(['1 day', '30 days'])
    speak('de')
    expect([plural('settings.days', 1), plural('settings.days', 1000)]).toEqual(['1 Tag', '1.000 Tage'])
  })
  it('does not compile with a key that there is not, or without its values', () => {
    // @ts-expect-error no such key
    expect(() => t('no.such.key')).toThrow()
    // @ts-expect-error the bundle is missing
    expect(t('screen.dropWith')).toContain('{bundle}')
  })
})

it('numbers and dates follow the language', () => {
  const day = new Date(2026, 0, 31).getTime()
  expect([number(1234.5), fixed(97.25, 1), date(day)]).toEqual(['1,234.5', '97.3', 'Jan 31, 2026'])
  speak('de')
  expect([number(1234.5), fixed(97.25, 1), date(day)]).toEqual(['1.234,5', '97,3', '31.01.2026'])
})

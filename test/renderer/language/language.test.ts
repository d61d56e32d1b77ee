/** The sentences of both languages, and how numbers get into them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import { date, dateAndTime, dictionaries, figure, fixed, number, plural, speak, t } from '../../../src/renderer/language'
import { said } from '../../../src/renderer/language/said'

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
  it('say each key in one file, the same one in both languages', () => {
    const folder = join(import.meta.dirname, '../../../src/renderer/language')
    const keysOf = (language: string) =>
      readdirSync(join(folder, language))
        .sort()
        .flatMap((file) => [...readFileSync(join(folder, language, file), 'utf8').matchAll(/^ {2}'([^']+)': /gm)].map(([, key]) => `${file} ${key!}`))
    expect(keysOf('de')).toEqual(keysOf('en'))
    const keys = keysOf('en').map((each) => each.split(' ')[1])
    expect(keys.length).toBe(Object.keys(dictionaries.en).length)
    expect(new Set(keys).size).toBe(keys.length)
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
  it('may have elements for its values', () => {
    const bold = { name: createElement('strong', {}, 'Lunge <1>') }
    expect(renderToStaticMarkup(said('train.ready', bold))).toBe('<strong>Lunge &lt;1&gt;</strong> is ready, and among the models.')
    speak('de')
    expect(renderToStaticMarkup(said('train.ready', bold))).toBe('<strong>Lunge &lt;1&gt;</strong> ist fertig und unter den Modellen.')
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
  expect([figure(0.05), figure('2.3e-7'), dateAndTime(day, 'short')]).toEqual(['0,05', '2,3e-7', '31.01.26, 00:00'])
})

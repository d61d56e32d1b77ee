/**
 * The interface's sentences in the person's language, one file per page and language. A key that does not exist, a missing
 * value and a sentence that a language lacks are errors of types. Everything is drawn anew when the language changes
 * (main.tsx), so that whoever says something may call `t` without listening. Two have to listen (`useLanguage` of
 * state/settings): a component in `memo`, and an effect. And words that are kept are kept as a key or a getter.
 */
import type { Language } from '../../shared/settings'
import { de } from './de'
import { en } from './en'

export type Key = keyof typeof en
/** The same keys in another language. */
export type Translated<English> = Readonly<Record<keyof English, string>>
export type Dictionary = Translated<typeof en>

/** The names in braces of a sentence. */
type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
/** What is filled into the sentence of a key. */
export type Values<K extends Key, Value = string | number> = Readonly<Record<Names<(typeof en)[K]>, Value>>

/** Keys of sentences that nothing is filled into. */
export type PlainKey = { [K in Key]: Names<(typeof en)[K]> extends never ? K : never }[Key]

/** What has one sentence for one and another for many, by the part of the key before the dot. */
export type PluralKey = { [K in Key]: K extends `${infer Stem}.one` ? (`${Stem}.other` extends Key ? Stem : never) : never }[Key]

export const dictionaries: Readonly<Record<Language, Dictionary>> = { en, de }

/** In its own tongue, for whoever cannot read the present one. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

let current: Language = 'en'

export const language = (): Language => current

export function speak(next: Language): void {
  current = next
}

function filled(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    return value === undefined ? whole : typeof value === 'number' ? number(value) : value
  })
}

/** The sentence of a key. Numbers among the values are written as the language does. */
export function t<K extends Key>(key: K, ...values: Names<(typeof en)[K]> extends never ? [] : [Values<K>]): string {
  return filled(dictionaries[current][key], values[0] ?? {})
}

/** The sentence for `n` of something; `n` is among its values. */
export function plural<S extends PluralKey>(stem: S, n: number, ...values: Exclude<Names<(typeof en)[`${S}.other`]>, 'n'> extends never ? [] : [Readonly<Record<Exclude<Names<(typeof en)[`${S}.other`]>, 'n'>, string | number>>]): string {
  const one = new Intl.PluralRules(current).select(n) === 'one'
  return filled(dictionaries[current][`${stem}.${one ? 'one' : 'other'}` as Key], { ...values[0], n })
}

/** The sentence of a key as it stands, its names in braces. */
export const sentence = (key: Key): string => dictionaries[current][key]

export const number = (value: number, options: Intl.NumberFormatOptions = {}): string => value.toLocaleString(current, options)

/** With so many digits behind the point, as `toFixed`. */
export const fixed = (value: number, digits: number): string => number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })

/** A number that is written already, with the sign that the language puts before decimals. */
export const figure = (written: string | number): string => String(written).replace('.', decimalSign[current])

const decimalSign: Readonly<Record<Language, string>> = { en: '.', de: ',' }

/** A word that begins with a capital where it stands alone, in the middle of a sentence. German nouns keep theirs. */
export const inSentence = (word: string): string => (current === 'en' ? word.toLowerCase() : word)

type DateStyle = 'short' | 'medium'

/** Making one takes longer than using it, and tables have many dates. */
const dateFormats = new Map<string, Intl.DateTimeFormat>()

function written(milliseconds: number, dateStyle: DateStyle, timeStyle?: DateStyle): string {
  const name = `${current} ${dateStyle} ${timeStyle ?? ''}`
  const format = dateFormats.get(name) ?? new Intl.DateTimeFormat(current, { dateStyle, ...(timeStyle && { timeStyle }) })
  dateFormats.set(name, format)
  return format.format(milliseconds)
}

export const date = (milliseconds: number): string => written(milliseconds, 'medium')

export const dateAndTime = (milliseconds: number, dateStyle: DateStyle = 'medium', timeStyle: DateStyle = 'short'): string => written(milliseconds, dateStyle, timeStyle)

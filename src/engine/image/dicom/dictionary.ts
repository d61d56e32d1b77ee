/**
 * Names and value representations of attributes (PS3.6), standard and private ones, from the dictionary that dcmjs carries.
 * It is a megabyte and only needed when somebody reads tags or writes copies, so it is loaded at the first call.
 */
import type { DictionaryEntry } from 'dcmjs/dictionary'

export interface AttributeName {
  name: string
  /** As in the dictionary: two capital letters, or xs, ox, lt where the data set decides. */
  vr: string
}

export interface Dictionary {
  /** @param tag 0xGGGGEEEE of an even group. Undefined for what the standard does not know. */
  standard(tag: number): AttributeName | undefined
  /** @param creator of the block that the element lies in. Undefined for makers and elements that are not known. */
  private(tag: number, creator: string): AttributeName | undefined
}

/** What is wrong or missing there, by PS3.6 2024b. */
const corrections: Readonly<Record<number, AttributeName>> = {
  0x00060001: { name: 'Current Frame Functional Groups Sequence', vr: 'SQ' },
  0x00660040: { name: 'Long Primitive Point Index List', vr: 'OL' },
  0x00660041: { name: 'Long Triangle Point Index List', vr: 'OL' },
  0x00660042: { name: 'Long Edge Point Index List', vr: 'OL' },
  0x00660043: { name: 'Long Vertex Point Index List', vr: 'OL' },
  0x006862f0: { name: 'View Orientation Modifier Code Sequence', vr: 'SQ' },
  0x00760034: { name: 'Component Type Code Sequence', vr: 'SQ' },
}

export const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** "PatientBirthDate" as "Patient Birth Date", "SOPClassUID" as "SOP Class UID". */
export const spaced = (keyword: string): string => keyword.replace(/([a-z\d])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2 ')

const attributeName = ({ name, vr }: DictionaryEntry): AttributeName => {
  const keyword = name.replace(/^RETIRED_/, '')
  return { name: keyword === name ? spaced(name) : `${spaced(keyword)} (retired)`, vr: vr === 'up' ? 'UL' : vr }
}

async function load(): Promise<Dictionary> {
  const { dictionary } = await import('dcmjs/dictionary')
  /** 50xx, 60xx and 7Fxx without their number → key. */
  const ranges = new Map<number, string>()
  /** Private keys in small letters → key: the package is not of one mind about case. */
  const makers = new Map<string, string>()
  for (const key of Object.keys(dictionary)) {
    const range = /^\(([\dA-F]{2})00-\1FF,([\dA-F]{4})\)$/.exec(key)
    if (range) ranges.set(Number.parseInt(`${range[1]}00${range[2]}`, 16), key)
    else if (key.includes('"')) makers.set(key.toLowerCase(), key)
  }
  return {
    standard(tag) {
      const group = tag >>> 16
      const element = tag & 0xffff
      const corrected = corrections[tag]
      if (corrected) return corrected
      const entry = dictionary[`(${hex(group, 4)},${hex(element, 4)})`]
      if (entry && !entry.name.includes('undefined') && entry.version !== 'PrivateTag') return attributeName(entry)
      if (element === 0) return { name: 'Group Length', vr: 'UL' }
      const key = group % 2 === 0 ? ranges.get((tag & 0xff00ffff) >>> 0) : undefined
      return key === undefined ? undefined : attributeName(dictionary[key]!)
    },
    private(tag, creator) {
      const key = makers.get(`(${hex(tag >>> 16, 4)},"${creator}",${hex(tag & 0xff, 2)})`.toLowerCase())
      return key === undefined ? undefined : attributeName(dictionary[key]!)
    },
  }
}

let loaded: Promise<Dictionary> | undefined

/** The dictionary, loaded once. */
export const loadDictionary = (): Promise<Dictionary> => (loaded ??= load())

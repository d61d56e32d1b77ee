/**
 * Values of attributes as text, numbers and items, whatever is missing or no number.
 */
import type { DataSet } from 'dicom-parser'

export const items = (dataSet: DataSet, tag: string): DataSet[] => (dataSet.elements[tag]?.items ?? []).flatMap((item) => (item.dataSet ? [item.dataSet] : []))

/** Longer ones are no codes, names or numbers, and nobody reads them here. */
const maximumText = 4096

/** Without padding; undefined where absent or empty. */
export function text(dataSet: DataSet, tag: string): string | undefined {
  const element = dataSet.elements[tag]
  if (!element || element.length > maximumText) return undefined
  return dataSet.string(tag)?.replace(/\0/g, '').trim() || undefined
}

/** Values of a multi-valued text, trimmed; empty ones keep their place. */
export const texts = (dataSet: DataSet, tag: string): string[] => text(dataSet, tag)?.split('\\').map((part) => part.trim()) ?? []

/** A multi-valued decimal or integer string; what is no number is NaN and keeps its place. */
export const numbersInPlace = (dataSet: DataSet, tag: string): number[] => texts(dataSet, tag).map((part) => (/^[+-]?(\d|\.\d)/.test(part) ? Number.parseFloat(part) : NaN))

/** The first value, where it is a finite number. */
export function number(dataSet: DataSet, tag: string): number | undefined {
  const [first] = numbersInPlace(dataSet, tag)
  return first !== undefined && Number.isFinite(first) ? first : undefined
}

/** A binary double, FD; undefined where there is none. */
export function double(dataSet: DataSet, tag: string): number | undefined {
  const value = (dataSet.elements[tag]?.length ?? 0) >= 8 ? dataSet.double(tag) : undefined
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

/** A 16-bit value, US or SS; undefined where there is none. */
export const uint16 = (dataSet: DataSet, tag: string, index = 0): number | undefined =>
  (dataSet.elements[tag]?.length ?? 0) >= 2 * index + 2 ? dataSet.uint16(tag, index) : undefined

/** Numbers of `bits` bits from two's complement. */
export const signExtended = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits)

/**
 * What a DICOM image says about its values: rescale, unit, windows, spacing. Multi-frame objects keep these in functional
 * groups (PS3.3 C.7.6.16); both places are looked at.
 */
import type { DataSet } from 'dicom-parser'
import type { VoiWindow } from '../../../shared/types'
import { unsupported } from '../errors'

const sharedGroups = 'x52009229'
const perFrameGroups = 'x52009230'

const items = (dataSet: DataSet, tag: string): DataSet[] =>
  (dataSet.elements[tag]?.items ?? []).flatMap((item) => (item.dataSet ? [item.dataSet] : []))

/** The data sets in which a functional group's attributes may stand: top level, shared, then each frame's. */
const groupDataSets = (dataSet: DataSet, group: string): DataSet[] => [
  dataSet,
  ...[...items(dataSet, sharedGroups), ...items(dataSet, perFrameGroups)].flatMap((groups) => items(groups, group)),
]

const text = (dataSet: DataSet, tag: string): string | undefined => dataSet.string(tag)?.replace(/\0/g, '').trim() || undefined

/** A multi-valued decimal string; what is no number is left out. */
const numbers = (dataSet: DataSet, tag: string): number[] =>
  (text(dataSet, tag)?.split('\\') ?? []).map((part) => Number.parseFloat(part)).filter(Number.isFinite)

/** @throws AssayError `image-unsupported` where frames differ or a lookup table takes the place of slope and intercept. */
export function readRescale(dataSet: DataSet, name: string): { slope: number; intercept: number } {
  if (items(dataSet, 'x00283000').length > 0) throw unsupported(name, 'a modality lookup table')
  const found = groupDataSets(dataSet, 'x00289145')
    .map((group) => ({ slope: numbers(group, 'x00281053')[0], intercept: numbers(group, 'x00281052')[0] }))
    .filter(({ slope, intercept }) => slope !== undefined || intercept !== undefined)
    .map(({ slope = 1, intercept = 0 }) => ({ slope: slope === 0 ? 1 : slope, intercept }))
  const first = found[0] ?? { slope: 1, intercept: 0 }
  if (found.some(({ slope, intercept }) => slope !== first.slope || intercept !== first.intercept))
    throw unsupported(name, 'a rescale slope or intercept of its own for each frame')
  return first
}

/** Rescale type where given and telling; CT with a rescale is in Hounsfield units (PS3.3 C.8.2.1). */
export function readUnit(dataSet: DataSet): string {
  const group = groupDataSets(dataSet, 'x00289145').find((candidate) => text(candidate, 'x00281054'))
  const type = group && text(group, 'x00281054')
  if (type && type !== 'US' && type !== 'normalized') return type
  return !type && text(dataSet, 'x00080060') === 'CT' && dataSet.elements['x00281052'] ? 'HU' : ''
}

/** All windows with a positive width, first to last. */
export function readWindows(dataSet: DataSet): VoiWindow[] {
  const group = groupDataSets(dataSet, 'x00289132').find((candidate) => numbers(candidate, 'x00281050').length > 0)
  if (!group) return []
  const widths = numbers(group, 'x00281051')
  const explanations = text(group, 'x00281055')?.split('\\') ?? []
  return numbers(group, 'x00281050').flatMap((center, i) => {
    const width = widths[i]
    const explanation = explanations[i]?.trim()
    return width !== undefined && width > 0 ? [{ center, width, ...(explanation && { explanation }) }] : []
  })
}

/** Pixel spacing in the patient, else at the detector; millimetres. */
export function readSpacing(dataSet: DataSet): { row: number; column: number } | undefined {
  const candidates = [...groupDataSets(dataSet, 'x00289110').map((group) => numbers(group, 'x00280030')), numbers(dataSet, 'x00181164')]
  const spacing = candidates.find(([row, column]) => row !== undefined && column !== undefined && row > 0 && column > 0)
  return spacing && { row: spacing[0]!, column: spacing[1]! }
}

export const readModality = (dataSet: DataSet): string | undefined => text(dataSet, 'x00080060')
export const hasVoiLookupTable = (dataSet: DataSet): boolean => items(dataSet, 'x00283010').length > 0

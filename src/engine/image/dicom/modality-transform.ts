/**
 * The modality transformation (DICOM PS3.3 C.11.1): a lookup table, or slope and intercept, of the frame, shared or of the
 * whole image; and what its output is measured in.
 */
import type { DataSet } from 'dicom-parser'
import { corrupt } from '../errors'
import { groupWith } from './functional-groups'
import type { LookupTable } from './lookup-tables'
import { readLookupTable, TableError } from './lookup-tables'
import { items, number, text } from './values'

const pixelValueTransformation = 'x00289145'
const slopeTag = 'x00281053'
const interceptTag = 'x00281052'
const typeTag = 'x00281054'
const doseGridScaling = 'x3004000e'

/** Slope and intercept of a frame; 1 and 0 where nothing says them. */
export function readRescale(dataSet: DataSet, frame: number): { slope: number; intercept: number } {
  const group = groupWith(dataSet, frame, pixelValueTransformation, slopeTag, interceptTag)
  const slope = group ? number(group, slopeTag) : number(dataSet, doseGridScaling)
  // A slope of nothing would make all pixels one.
  return { slope: slope || 1, intercept: (group && number(group, interceptTag)) ?? 0 }
}

const angiography = new Set(['1.2.840.10008.5.1.4.1.1.12.1', '1.2.840.10008.5.1.4.1.1.12.2'])

/**
 * The table that takes the place of slope and intercept, where there is one. That of an angiogram leads back to X-ray
 * intensity and is not for showing it (C.8.7.1.1.2).
 * @throws AssayError `image-corrupt`
 */
export function readModalityTable(dataSet: DataSet, sopClass: string | undefined, signed: boolean, name: string): LookupTable | undefined {
  const [item] = items(dataSet, 'x00283000')
  // Templates leave items behind in which everything is empty.
  if (!item || !['x00283002', 'x00283006'].some((tag) => item.elements[tag]?.length)) return undefined
  if (sopClass !== undefined && angiography.has(sopClass) && /^(LOG|DISP)$/.test(text(dataSet, 'x00281040') ?? '')) return undefined
  try {
    return readLookupTable(item, { descriptor: 'x00283002', data: 'x00283006' }, signed)
  } catch (error) {
    if (error instanceof TableError) throw corrupt(name, `its modality lookup table ${error.message}`, { format: 'dicom' })
    throw error
  }
}

/** Names of units that are no names: unspecified, and scaled for display. */
const noUnits = new Set(['US', 'NORMALIZED'])
const doseUnits: Readonly<Record<string, string>> = { GY: 'Gy' }
const petUnits: Readonly<Record<string, string>> = { BQML: 'Bq/ml', CNTS: 'counts', GML: 'g/ml', PROPCNTS: 'counts', PROPCPS: 'counts/s', CPS: 'counts/s' }

/** What modality values are: rescale type where given and telling; CT with a rescale is in Hounsfield units (C.8.2.1). */
export function readUnit(dataSet: DataSet, frame: number): string {
  const [table] = items(dataSet, 'x00283000')
  const type = table ? text(table, 'x00283004') : text(groupWith(dataSet, frame, pixelValueTransformation, typeTag) ?? dataSet, typeTag)
  if (type && !noUnits.has(type.toUpperCase())) return type
  if (dataSet.elements[doseGridScaling]) return doseUnits[text(dataSet, 'x30040002') ?? ''] ?? ''
  const modality = text(dataSet, 'x00080060')
  if (modality === 'PT') return petUnits[text(dataSet, 'x00541001') ?? ''] ?? ''
  return !type && modality === 'CT' && groupWith(dataSet, frame, pixelValueTransformation, interceptTag) ? 'HU' : ''
}

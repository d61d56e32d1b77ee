/**
 * What a DICOM file without pixel data is, in words: told by its SOP class (PS3.4, B.5; PS3.6, A).
 */
import { AssayError } from '../../../shared/errors'
import type { ParsedDicom } from './data-set'

export const mediaStorageDirectory = '1.2.840.10008.1.3.10'

const storage = '1.2.840.10008.5.1.4.1.1.'

/** Beginnings of SOP class UIDs; the first that fits counts. */
const kinds: readonly (readonly [beginning: string, kind: string])[] = [
  [`${storage}88.59`, 'a key object selection'],
  [`${storage}88.67`, 'a radiation dose report'],
  [`${storage}88.`, 'a structured report'],
  [`${storage}104.`, 'an encapsulated document'],
  [`${storage}9.`, 'a waveform'],
  [`${storage}11.`, 'a presentation state'],
  [`${storage}481.3`, 'a set of radiotherapy structures'],
  [`${storage}481.4`, 'a radiotherapy treatment record'],
  [`${storage}481.5`, 'a radiotherapy plan'],
  [`${storage}481.6`, 'a radiotherapy treatment record'],
  [`${storage}481.7`, 'a radiotherapy treatment record'],
  [`${storage}481.8`, 'a radiotherapy plan'],
  [`${storage}481.9`, 'a radiotherapy treatment record'],
  [`${storage}481.10`, 'a radiotherapy plan'],
  [`${storage}481.11`, 'a radiotherapy plan'],
  [`${storage}66.1`, 'a spatial registration'],
  [`${storage}66.2`, 'a set of spatial fiducials'],
  [`${storage}66.3`, 'a deformable registration'],
  [`${storage}66.5`, 'a surface segmentation'],
  [`${storage}66.6`, 'a set of tractography results'],
  [`${storage}66`, 'raw data'],
  [`${storage}67`, 'a real world value mapping'],
  [`${storage}68.`, 'a surface scan'],
  [`${storage}77.1.5.3`, 'a stereometric relationship'],
  [`${storage}78.`, 'a set of eye measurements'],
  [`${storage}79.1`, 'a report of eye measurements'],
  [`${storage}80.1`, 'a visual field measurement'],
  ['1.2.840.10008.5.1.4.38', 'a hanging protocol'],
  ['1.2.840.10008.5.1.4.39', 'a colour palette'],
  ['1.2.840.10008.5.1.4.43', 'an implant template'],
  ['1.2.840.10008.5.1.4.44', 'an implant template'],
  ['1.2.840.10008.5.1.4.45', 'an implant template'],
]
// Segmentations, which have pixels, share the beginning of raw data.
const withPixels = new Set(['66.4', '66.7', '66.8'].map((end) => storage + end))

/** As in "is … without a picture"; undefined for images and for classes that are not known. */
function kindOf(sopClass: string | undefined): string | undefined {
  if (sopClass === undefined || withPixels.has(sopClass)) return undefined
  return kinds.find(([beginning]) => sopClass.startsWith(beginning) && (beginning.endsWith('.') || ['', '.'].includes(sopClass.charAt(beginning.length))))?.[1]
}

export const isDirectory = ({ dataSet, sopClass }: Pick<ParsedDicom, 'dataSet' | 'sopClass'>): boolean =>
  sopClass === mediaStorageDirectory || dataSet.elements['x00041220'] !== undefined

/** The error for a DICOM file that has no pixel data: `dicom-no-pixels`. */
export function noPicture(parsed: Pick<ParsedDicom, 'dataSet' | 'sopClass'>, name: string): AssayError {
  const error = (sentence: string) => new AssayError('dicom-no-pixels', sentence, { path: name, ...(parsed.sopClass && { sopClass: parsed.sopClass }) })
  if (isDirectory(parsed)) return error(`${name} is a DICOMDIR, a directory of other files; scan it as it is, or choose one of the images beside it.`)
  const kind = kindOf(parsed.sopClass)
  if (kind) return error(`${name} is ${kind} without a picture; choose an image.`)
  if (parsed.dataSet.elements['x00287fe0']) return error(`${name} says that its pixels lie on a server; fetch the image itself.`)
  if (parsed.dataSet.elements['x54000100']) return error(`${name} is a waveform without a picture; choose an image.`)
  return error(`${name} is DICOM without pixel data; choose an image.`)
}

/**
 * The frame to begin with: the one that the file calls representative, the middle of a volume, else the first.
 */
import type { DataSet } from 'dicom-parser'
import { number, texts } from './values'

const storage = '1.2.840.10008.5.1.4.1.1.'

/** SOP classes whose frames are slices: the first and the last show little. */
const volumes = new Set(
  [
    '2.1', // enhanced CT
    '2.2', // legacy converted enhanced CT
    '4.1', // enhanced MR
    '4.3', // enhanced MR colour
    '4.4', // legacy converted enhanced MR
    '6.2', // enhanced US volume
    '13.1.1', // X-ray 3D angiographic
    '13.1.2', // X-ray 3D craniofacial
    '13.1.3', // breast tomosynthesis
    '14.1', // intravascular OCT
    '30', // parametric map
    '66.4', // segmentation
    '66.7', // label map segmentation
    '77.1.5.4', // ophthalmic tomography
    '128.1', // legacy converted enhanced PET
    '130', // enhanced PET
    '481.2', // RT dose
  ].map((end) => storage + end),
)
const nuclearMedicine = `${storage}20`

/** Counted from 0. */
export function defaultFrame(dataSet: DataSet, frames: number, sopClass: string | undefined): number {
  const representative = number(dataSet, 'x00286010')
  if (representative !== undefined && Number.isInteger(representative) && representative >= 1 && representative <= frames) return representative - 1
  const isVolume = sopClass !== undefined && (volumes.has(sopClass) || (sopClass === nuclearMedicine && texts(dataSet, 'x00080008').includes('RECON TOMO')))
  return isVolume ? Math.floor(frames / 2) : 0
}

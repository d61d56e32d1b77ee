/**
 * How large a pixel is, or at least of which shape.
 */
import type { DataSet } from 'dicom-parser'
import { isPixelRatio, isPixelSpacing } from '../pixel-shape'
import { groupDataSets } from './functional-groups'
import { double, items, numbersInPlace, uint16 } from './values'

export interface Spacing {
  /** Millimetres between pixel centres. */
  row: number
  column: number
}

const positive = ([row, column]: (number | undefined)[]): Spacing | undefined =>
  row !== undefined && column !== undefined && isPixelSpacing(row, column) ? { row, column } : undefined

/** In the patient (PS3.3 10.7.1), else at the detector or on the film; for ultrasound by its calibrated regions. */
export function readSpacing(dataSet: DataSet, frame: number): Spacing | undefined {
  for (const group of groupDataSets(dataSet, frame, 'x00289110')) {
    const spacing = positive(numbersInPlace(group, 'x00280030'))
    if (spacing) return spacing
  }
  return ultrasoundSpacing(dataSet) ?? positive(numbersInPlace(dataSet, 'x00181164')) ?? positive(numbersInPlace(dataSet, 'x00182010'))
}

const centimetres = 3

/** Of the regions that show tissue in two dimensions, where they are of one mind (PS3.3 C.8.5.5). */
function ultrasoundSpacing(dataSet: DataSet): Spacing | undefined {
  const spacings = items(dataSet, 'x00186011')
    .filter((region) => uint16(region, 'x00186012') === 1)
    .map((region) => {
      const units = [uint16(region, 'x00186024'), uint16(region, 'x00186026')]
      if (units.some((unit) => unit !== centimetres)) return undefined
      const [column, row] = ['x0018602c', 'x0018602e'].map((tag) => 10 * Math.abs(double(region, tag) ?? 0))
      return positive([row, column])
    })
  const [first, ...others] = spacings
  const agrees = (other: Spacing | undefined) => first && other && Math.abs(other.row / first.row - 1) < 0.001 && Math.abs(other.column / first.column - 1) < 0.001
  return others.every(agrees) ? first : undefined
}

/** Height of a pixel divided by its width, (0028,0034), where it is given and not 1. */
export function readAspect(dataSet: DataSet): number | undefined {
  const [vertical = 0, horizontal = 0] = numbersInPlace(dataSet, 'x00280034')
  return isPixelRatio(vertical, horizontal) && vertical !== horizontal ? vertical / horizontal : undefined
}

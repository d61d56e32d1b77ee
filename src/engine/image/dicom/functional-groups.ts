/**
 * Where a frame's attributes stand: multi-frame objects keep them in functional groups, of the frame or shared by all
 * (PS3.3 C.7.6.16); other images have them at top level.
 */
import type { DataSet } from 'dicom-parser'
import { items } from './values'

const sharedGroups = 'x52009229'
const perFrameGroups = 'x52009230'

/** @param macro the sequence of a functional group macro. @returns the data sets in which its attributes may stand, the nearest first */
export function groupDataSets(dataSet: DataSet, frame: number, macro: string): DataSet[] {
  const own = dataSet.elements[perFrameGroups]?.items?.[frame]?.dataSet
  const shared = items(dataSet, sharedGroups)
  return [...(own ? items(own, macro) : []), ...shared.flatMap((groups) => items(groups, macro)), dataSet]
}

/** The nearest data set that has one of the attributes. */
export const groupWith = (dataSet: DataSet, frame: number, macro: string, ...tags: string[]): DataSet | undefined =>
  groupDataSets(dataSet, frame, macro).find((group) => tags.some((tag) => (group.elements[tag]?.length ?? 0) > 0))

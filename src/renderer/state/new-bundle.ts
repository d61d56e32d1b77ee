/** Where a bundle that is made here goes, and which ids are left for it. */
import { bundleIdPattern } from '../../shared/bundle'
import type { TrainingSummary } from '../../shared/training-record'
import type { BundleSummary } from '../../shared/types'
import { t } from '../language'

/** What is there already, finished or not. */
export interface BundlesHere {
  bundles: readonly BundleSummary[]
  trainings: readonly TrainingSummary[]
  dataFolder: string
}

export const folderOf = (id: string, dataFolder: string): string => [dataFolder, 'bundles', id].join(dataFolder.includes('\\') ? '\\' : '/')

/** Ids of bundles that trainings have not finished yet: their checkpoints lie in those folders. */
function unfinishedIds({ trainings, dataFolder }: BundlesHere): string[] {
  const home = folderOf('', dataFolder)
  return trainings.flatMap(({ state, out }) => (state !== 'done' && out?.startsWith(home) ? [out.slice(home.length)] : []))
}

export const takenIds = (here: BundlesHere): string[] => [...here.bundles.map(({ id }) => id), ...unfinishedIds(here)]

/** What stands against an id as it was typed; undefined where nothing does, or nothing was typed. */
export function idProblem(typed: string, here: BundlesHere): string | undefined {
  const id = typed.trim()
  if (!id) return undefined
  if (!bundleIdPattern.test(id)) return t('train.problem.id')
  if (here.bundles.some((each) => each.id === id)) return t('train.problem.idTaken')
  return unfinishedIds(here).includes(id) ? t('train.problem.idUnfinished') : undefined
}

/** What a calibration is to do, as the person fills it in: always a copy of the bundle, so that no other one changes. */
import type { CallInput } from '../../shared/contract'
import { dictionaries, t } from '../language'
import { freeId } from './import-form'
import { folderOf, idProblem, takenIds } from './new-bundle'
import type { BundlesHere } from './new-bundle'
import type { Surroundings } from './train-form'

export interface CalibrateForm {
  /** Id of the bundle that is calibrated. */
  bundle: string
  data: string
  keepScores: boolean
  /** As typed. */
  seed: string
  /** Of the copy; empty: as suggested. */
  name: string
  id: string
}

export const emptyForm: CalibrateForm = { bundle: '', data: '', keepScores: false, seed: '0', name: '', id: '' }

export type PlanParameters = CallInput<'models.planCalibration'>
export type CalibrateJob = Extract<CallInput<'jobs.start'>, { kind: 'calibrate' }>

const nameEnding = new RegExp(`, (${Object.values(dictionaries).map((words) => words['calibrate.made']).join('|')})( \\d+)?$`)

/** Where nothing is typed. A bundle that is calibrated again does not gather endings, whatever language they are in. */
export function suggested({ bundle }: Pick<CalibrateForm, 'bundle'>, here: BundlesHere): { id: string; name: string } {
  const from = here.bundles.find(({ id }) => id === bundle)
  const id = freeId(`${bundle.replace(/-local(-\d+)?$/, '')}-local`, takenIds(here))
  const number = /-local-(\d+)$/.exec(id)?.[1]
  return { id, name: `${(from?.name ?? bundle).replace(nameEnding, '')}, ${t('calibrate.made')}${number ? ` ${number}` : ''}` }
}

export type CalibrateProblems = Partial<Record<'data' | 'id' | 'seed', string>>

export function problemsOf({ data, id, seed }: CalibrateForm, here: BundlesHere): CalibrateProblems {
  const ofId = idProblem(id, here)
  return {
    ...(!data.trim() && { data: t('calibrate.problem.data') }),
    ...(ofId && { id: ofId }),
    ...(!/^\d{1,9}$/.test(seed.trim()) && { seed: t('calibrate.problem.seed') }),
  }
}

/** What the plan is asked; null while no scans are named. */
export const planOf = ({ bundle, data, keepScores }: CalibrateForm): PlanParameters | null => (data.trim() ? { bundle, data: data.trim(), keepScores } : null)

/** The job; null while something is missing. */
export function jobOf(form: CalibrateForm, around: Surroundings): CalibrateJob | null {
  const asked = planOf(form)
  if (!asked || Object.keys(problemsOf(form, around)).length > 0) return null
  const { dataFolder, provider } = around
  const { id, name } = suggested(form, around)
  const made = form.id.trim() || id
  return { kind: 'calibrate', parameters: { ...asked, out: folderOf(made, dataFolder), id: made, name: form.name.trim() || name, seed: Number(form.seed), provider } }
}

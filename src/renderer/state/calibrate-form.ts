/** What a calibration is to do, as the person fills it in: always a copy of the bundle, so that no other one changes. */
import type { CallInput } from '../../shared/contract'
import { jobParameters } from '../../shared/job-parameters'
import type { BundleSummary, ProviderChoice } from '../../shared/types'
import { dictionaries, t } from '../language'
import { freeId } from './import-form'
import { folderOf } from './train-form'

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

/** What the form is judged against. */
export interface Surroundings {
  bundles: readonly BundleSummary[]
  dataFolder: string
  provider: ProviderChoice
}

const nameEnding = new RegExp(`, (${Object.values(dictionaries).map((words) => words['calibrate.made']).join('|')})( \\d+)?$`)

/** Where nothing is typed. A bundle that is calibrated again does not gather endings, whatever language they are in. */
export function suggested({ bundle }: Pick<CalibrateForm, 'bundle'>, bundles: readonly BundleSummary[]): { id: string; name: string } {
  const from = bundles.find(({ id }) => id === bundle)
  const id = freeId(`${bundle.replace(/-local(-\d+)?$/, '')}-local`, bundles.map((each) => each.id))
  const number = /-local-(\d+)$/.exec(id)?.[1]
  return { id, name: `${(from?.name ?? bundle).replace(nameEnding, '')}, ${t('calibrate.made')}${number ? ` ${number}` : ''}` }
}

export type CalibrateProblems = Partial<Record<'data' | 'id' | 'seed', string>>

export function problemsOf({ data, id: typed, seed }: CalibrateForm, bundles: readonly BundleSummary[]): CalibrateProblems {
  const id = typed.trim()
  const idProblem = !id ? undefined : !jobParameters.calibrate.shape.id.safeParse(id).success ? t('import.problem.id') : bundles.some((each) => each.id === id) ? t('import.problem.idTaken') : undefined
  return {
    ...(!data.trim() && { data: t('calibrate.problem.data') }),
    ...(idProblem && { id: idProblem }),
    ...(!/^\d{1,9}$/.test(seed.trim()) && { seed: t('calibrate.problem.seed') }),
  }
}

/** What the plan is asked; null while no scans are named. */
export const planOf = ({ bundle, data, keepScores }: CalibrateForm): PlanParameters | null => (data.trim() ? { bundle, data: data.trim(), keepScores } : null)

/** The job; null while something is missing. */
export function jobOf(form: CalibrateForm, { bundles, dataFolder, provider }: Surroundings): CalibrateJob | null {
  const asked = planOf(form)
  if (!asked || Object.keys(problemsOf(form, bundles)).length > 0) return null
  const { id, name } = suggested(form, bundles)
  const made = form.id.trim() || id
  return { kind: 'calibrate', parameters: { ...asked, out: folderOf(made, dataFolder), id: made, name: form.name.trim() || name, seed: Number(form.seed), provider } }
}

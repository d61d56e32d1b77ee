/** The form of a new batch: what it asks for, and what is missing before it can start. */
import type { CallInput } from '../../shared/contract'
import type { Settings } from '../../shared/settings'
import type { BundleSummary, ProviderChoice } from '../../shared/types'
import { figure, t } from '../language'
import { canUse } from './session'

export interface BatchForm {
  /** Paths as they were typed, one a line. */
  typed: string
  /** Paths of files and folders that were chosen or dropped. */
  handed: readonly string[]
  bundle: string
  /** As typed. Null: what the settings say, also when they change. */
  alpha: string | null
  /** What the application is set to when empty. */
  provider: ProviderChoice | ''
  /** A folder of the application's own when empty. */
  out: string
  heatmaps: boolean
}

export const emptyForm: BatchForm = { typed: '', handed: [], bundle: '', alpha: null, provider: '', out: '', heatmaps: false }

/** Every path once. Quotes, which file managers copy along, are taken off. */
export function pathsOf({ typed, handed }: Pick<BatchForm, 'typed' | 'handed'>): string[] {
  const written = typed.split('\n').map((line) => line.trim().replace(/^(["'])(.*)\1$/, '$2'))
  return [...new Set([...written.filter(Boolean), ...handed])]
}

/** Of what was typed, with a point or a comma before the decimals; NaN for what is no number. */
export const numberIn = (typed: string): number => (typed.trim() === '' ? Number.NaN : Number(typed.replace(',', '.')))

export type BatchProblems = Partial<Record<'paths' | 'bundle' | 'alpha' | 'out', string>>

const isAbsolute = (path: string): boolean => path.startsWith('/') || path.startsWith('\\\\') || /^[a-z]:[\\/]/i.test(path)

/** The α of the batch, as it stands in the form. */
export const alphaOf = ({ alpha }: Pick<BatchForm, 'alpha'>, settings: Pick<Settings, 'alpha'>): string => alpha ?? figure(settings.alpha)

export function problemsOf(form: BatchForm, bundles: readonly BundleSummary[], settings: Pick<Settings, 'alpha'>): BatchProblems {
  const problems: BatchProblems = {}
  const paths = pathsOf(form)
  if (paths.length === 0) problems.paths = t('batch.problem.paths')
  else if (!paths.every(isAbsolute)) problems.paths = t('batch.problem.whole')
  const bundle = bundles.find(({ id }) => id === form.bundle)
  if (!bundle || !canUse(bundle)) problems.bundle = t('batch.problem.bundle')
  const alpha = numberIn(alphaOf(form, settings))
  if (!(alpha > 0 && alpha < 1)) problems.alpha = t('batch.problem.alpha')
  // The smallest p-value that n calibration scans can give is 1 / (n + 1): below it nothing would ever be flagged.
  else if (bundle && bundle.calibrationCount > 0 && alpha < 1 / (bundle.calibrationCount + 1))
    problems.alpha = t('batch.problem.alphaTooSmall', { count: bundle.calibrationCount, least: figure((1 / (bundle.calibrationCount + 1)).toPrecision(2)) })
  if (form.out.trim() !== '' && !isAbsolute(form.out.trim())) problems.out = t('batch.problem.wholeOne')
  return problems
}

/** The scan that the form describes; null while something is missing. @param settings what the application is set to */
export function jobOf(form: BatchForm, bundles: readonly BundleSummary[], settings: Pick<Settings, 'alpha' | 'provider'>): Extract<CallInput<'jobs.start'>, { kind: 'scan' }> | null {
  if (Object.keys(problemsOf(form, bundles, settings)).length > 0) return null
  const out = form.out.trim()
  return {
    kind: 'scan',
    parameters: { paths: pathsOf(form), bundle: form.bundle, alpha: numberIn(alphaOf(form, settings)), provider: form.provider || settings.provider, heatmaps: form.heatmaps, quiet: true, ...(out !== '' && { out }) },
  }
}

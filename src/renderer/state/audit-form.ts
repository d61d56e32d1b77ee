/** What an audit is to do, as the person fills it in, and the parameters that come of it. */
import type { CallInput } from '../../shared/contract'
import type { AttackDescription, AttackName, Norm, Threat } from '../../shared/audit'
import { auditPresets } from '../../shared/audit-presets'
import type { BundleSummary, ProviderChoice } from '../../shared/types'
import { t } from '../language'
import { classNamesOf, type ClassNameRows } from './class-names'

export type AuditParameters = CallInput<'audit.plan'>
export type Preset = 'quick' | 'standard' | 'full'

export interface AuditForm {
  bundle: string
  data: string
  labels: string
  classNames: ClassNameRows
  preset: Preset
  /** Null: those of the preset. */
  attacks: AttackName[] | null
  /** As typed; empty: those of the preset. */
  eps: string
  norm: Norm
  /** Null: those of the preset. */
  threats: Threat[] | null
  limit: string
  seed: string
  alpha: number
  finding: string
  source: string
  compare: string[]
  out: string
  keep: boolean
}

export const emptyForm: AuditForm = {
  bundle: '', data: '', labels: '', classNames: {}, preset: 'quick', attacks: null, eps: '', norm: 'linf', threats: null, limit: '', seed: '0', alpha: 0.05, finding: '', source: '', compare: [], out: '', keep: true,
}

export const usable = (bundle: BundleSummary): boolean => !bundle.error

const sameInput = (a: BundleSummary, b: BundleSummary): boolean => a.inputWidth === b.inputWidth && a.inputHeight === b.inputHeight && a.channels === b.channels

/** Bundles for the same images as the one that is audited. */
const alike = (own: BundleSummary | undefined, bundles: readonly BundleSummary[]): BundleSummary[] => (own ? bundles.filter((each) => usable(each) && each.id !== own.id && sameInput(each, own)) : [])

/** Those that a transfer attacker may have instead. */
export const sourcesFor = (own: BundleSummary | undefined, bundles: readonly BundleSummary[]): BundleSummary[] => alike(own, bundles).filter(({ classes }) => classes.length === own?.classes.length)

/** Those whose purifiers can stand in the same table. */
export const comparedWith = (own: BundleSummary | undefined, bundles: readonly BundleSummary[]): BundleSummary[] => alike(own, bundles).filter(({ canScreen }) => canScreen)

/** The form without what does not go with its bundle: nobody could take back what is no longer shown. */
export function fitted(form: AuditForm, bundles: readonly BundleSummary[]): AuditForm {
  const own = bundles.find(({ id }) => id === form.bundle)
  if (!own) return form
  const [sources, compared] = [sourcesFor(own, bundles), comparedWith(own, bundles)]
  return {
    ...form,
    compare: form.compare.filter((id) => compared.some((each) => each.id === id)),
    source: sources.some(({ id }) => id === form.source) ? form.source : '',
    threats: sources.length > 0 ? form.threats : (form.threats?.filter((threat) => threat !== 'transfer') ?? null),
  }
}

export const presets: readonly Preset[] = ['quick', 'standard', 'full']

/** The attacks of a preset that there are, by name. */
export const presetAttacks = (preset: Preset, attacks: readonly Pick<AttackDescription, 'name'>[]): AttackName[] => auditPresets[preset].attacks.filter((name) => attacks.some((attack) => attack.name === name))

/**
 * How the preset makes those of its attacks that are still chosen: it goes on saying so while others are ticked beside
 * them, where the engine takes attacks that are named at their full length.
 */
const presetOptions = (preset: Preset, chosen: readonly AttackName[]): Record<string, Record<string, number>> =>
  Object.fromEntries(Object.entries(auditPresets[preset].options ?? {}).flatMap(([name, options]) => (chosen.some((each) => each === name) ? [[name, { ...options }]] : [])))

/** What a preset fills in where nothing is typed. */
export const presetStrengths = (preset: Preset, norm: Norm): string => auditPresets[preset].eps[norm].map((eps) => (norm === 'linf' ? Math.round(eps * 255) : eps)).join(', ')

/** What a preset does, in a line: attacks, strengths, images. */
export function presetDetail(preset: Preset, norm: Norm, attacks: readonly Pick<AttackDescription, 'name' | 'title'>[]): string {
  const { limit, reach, options } = auditPresets[preset]
  const titles = presetAttacks(preset, attacks).map((name) => {
    const shortened = Object.entries(options?.[name] ?? {}).map(([option, value]) => (option === 'steps' || option === 'queries' ? t(`audit.option.${option}`, { n: value }) : `${value} ${option}`))
    return `${attacks.find((attack) => attack.name === name)!.title}${shortened.length > 0 ? ` (${shortened.join(', ')})` : ''}`
  })
  const strengths = norm === 'linf' ? `${presetStrengths(preset, norm)}/255` : `L2 ${presetStrengths(preset, norm)}`
  return [titles.join(', '), reach ? t('audit.beyond', { strengths }) : strengths, limit === undefined ? t('audit.allImages') : t('audit.atMost', { n: limit })].filter(Boolean).join('; ')
}

export type FormProblems = Partial<Record<'bundle' | 'data' | 'eps' | 'limit' | 'seed' | 'attacks' | 'threats' | 'source', string>>

/** "1, 2, 4/255": in L∞ plain numbers are 255ths of the range, in L2 they are lengths. Undefined for what is no list of sizes. */
export function strengthsIn(text: string, norm: Norm): number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter(Boolean)
  const values = parts.map((part) => {
    const [a = '', b, ...rest] = part.split('/')
    if (rest.length || a === '' || b === '') return Number.NaN
    if (b !== undefined) return Number(a) / Number(b)
    return norm === 'linf' ? Number(a) / 255 : Number(a)
  })
  return values.length > 0 && values.every((value) => Number.isFinite(value) && value > 0) ? values : undefined
}

const wholeNumber = (text: string): boolean => /^\d{1,9}$/.test(text.trim())

/** What stands in the way of a plan, field by field. */
export function problemsOf(form: AuditForm): FormProblems {
  const found: FormProblems = {}
  if (!form.bundle) found.bundle = t('audit.problem.bundle')
  if (!form.data.trim()) found.data = t('audit.problem.data')
  const strengths = strengthsIn(form.eps, form.norm)
  if (form.eps.trim() && !strengths) found.eps = form.norm === 'linf' ? t('audit.problem.linf') : t('audit.problem.l2')
  else if (form.norm === 'linf' && strengths?.some((value) => value > 1)) found.eps = t('audit.problem.tooLarge')
  if (form.limit.trim() && (!wholeNumber(form.limit) || Number(form.limit) === 0)) found.limit = t('audit.problem.limit')
  if (!wholeNumber(form.seed)) found.seed = t('audit.problem.seed')
  if (form.attacks?.length === 0) found.attacks = t('audit.problem.attacks')
  if (form.threats?.length === 0) found.threats = t('audit.problem.threats')
  if (form.threats?.includes('transfer') && !form.source) found.source = t('audit.problem.source')
  return found
}

/** The parameters of the job; null while something is missing. */
export function parametersOf(form: AuditForm, provider: ProviderChoice): AuditParameters | null {
  if (Object.keys(problemsOf(form)).length > 0) return null
  const eps = strengthsIn(form.eps, form.norm)
  const text = <K extends string>(name: K, value: string): Partial<Record<K, string>> => (value.trim() ? ({ [name]: value.trim() } as Record<K, string>) : {})
  return {
    bundle: form.bundle,
    data: form.data.trim(),
    preset: form.preset,
    norm: form.norm,
    seed: Number(form.seed),
    alpha: form.alpha,
    keep: form.keep,
    compare: form.compare,
    provider,
    ...(form.attacks && { attacks: form.attacks, options: presetOptions(form.preset, form.attacks) }),
    ...(eps && { eps }),
    ...(form.threats && { threat: form.threats }),
    ...(form.limit.trim() && { limit: Number(form.limit) }),
    ...text('labels', form.labels),
    ...classNamesOf(form.classNames),
    ...text('finding', form.finding),
    ...text('source', form.threats?.includes('transfer') ? form.source : ''),
    ...text('out', form.out),
  }
}

/** The list with or without an entry, in the order of `all`. */
export const toggled = <T>(list: readonly T[], entry: T, all: readonly T[]): T[] => all.filter((each) => (each === entry ? !list.includes(each) : list.includes(each)))

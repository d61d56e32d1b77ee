/** Sizes, attackers and defences as the Audit page names them. */
import type { AuditRow, Norm, Share, Threat } from '../../shared/audit'
import { strengthText } from '../../shared/audit-words'
import { figure, t } from '../language'
import { percent } from './probability'

export { normName } from '../../shared/audit-words'

/** "4/255" in L∞, "0.5" in L2. */
export const strength = (eps: number, norm: Norm): string => figure(strengthText(eps, norm))

/** "2, 4, 8/255". */
export const strengths = (eps: readonly number[], norm: Norm): string =>
  eps.map((each, i) => (i < eps.length - 1 ? strength(each, norm).replace('/255', '') : strength(each, norm))).join(`${norm === 'l2' ? t('number.separator') : ','} `)

export const threatName = (threat: Threat): string => t(`audit.threat.${threat}`)

export const threatDetail = (threat: Threat): string => t(`audit.threatDetail.${threat}`)

const defences = ['none', 'purifier', 'median', 'jpeg', 'bits'] as const

/** What stands before the classifier, as columns are headed. */
export function defenceName(defence: string): string {
  const known = defences.find((each) => each === defence)
  return known ? t(`audit.defence.${known}`) : defence.startsWith('bundle:') ? t('audit.defence.bundle', { name: defence.slice('bundle:'.length) }) : defence
}

/** "PGD", "PGD from vendor-model". */
export const rowName = ({ title, source }: Pick<AuditRow, 'title' | 'source'>): string => (source === undefined ? title : t('audit.from', { attack: title, source }))

/** "71.0 %". */
export const shareText = (share: Share | undefined): string => (share ? percent(share.value) : '–')

/** Ends of the 95 % interval, in per cent. */
export const endsOf = ({ low, high }: Share): { low: string; high: string } => ({ low: figure((100 * low).toFixed(1)), high: figure((100 * high).toFixed(1)) })

/** "71 of 100; 95 % interval 61.5 to 79.0 %". */
export const shareTitle = (share: Share | undefined): string => (share ? t('audit.share', { count: share.count, of: share.of, ...endsOf(share) }) : t('notMeasured'))

/** "about 3 min" of a plan; small ones are not told to the second. */
export function duration(seconds: number): string {
  if (seconds < 10) return t('duration.few')
  if (seconds < 90) return t('time.seconds', { n: Math.round(seconds / 10) * 10 })
  if (seconds < 5400) return t('time.minutes', { n: Math.round(seconds / 60) })
  if (seconds < 48 * 3600) return t('time.hours', { n: figure((seconds / 3600).toFixed(1)) })
  return t('duration.days', { n: Math.round(seconds / 86_400) })
}

/** Sizes, attackers and defences as the Audit page names them. */
import type { AuditRow, Norm, Share, Threat } from '../../shared/audit'
import { percent } from './probability'

/** "4/255" in L∞, "0.5" in L2. */
export function strength(eps: number, norm: Norm): string {
  if (norm === 'l2') return String(Number(eps.toPrecision(3)))
  return `${Number((eps * 255).toPrecision(3))}/255`
}

/** "2, 4, 8/255". */
export const strengths = (eps: readonly number[], norm: Norm): string => eps.map((each, i) => (i < eps.length - 1 ? strength(each, norm).replace('/255', '') : strength(each, norm))).join(', ')

export const normName: Record<Norm, string> = { linf: 'L∞', l2: 'L2' }

export const threatName: Record<Threat, string> = { oblivious: 'Oblivious', adaptive: 'Adaptive', blackbox: 'Black box', transfer: 'Transfer' }

export const threatDetail: Record<Threat, string> = {
  oblivious: 'knows the classifier, not the purifier',
  adaptive: 'knows both, and takes gradients through both',
  blackbox: 'sees only the answers of the whole pipeline',
  transfer: 'attacks another bundle instead, and hopes',
}

const defenceNames: Record<string, string> = { none: 'No defence', purifier: 'Purifier', median: 'Median 3×3', jpeg: 'JPEG 75', bits: '5 bits' }
export const defenceName = (defence: string): string => defenceNames[defence] ?? defence.replace(/^bundle:/, 'Purifier of ')

/** "71.0 %". */
export const shareText = (share: Share | undefined): string => (share ? percent(share.value) : '–')

/** "71 of 100; 95 % interval 61.5 to 79.0 %". */
export const shareTitle = (share: Share | undefined): string =>
  share ? `${share.count} of ${share.of}; 95 % interval ${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)} %` : 'not measured'

export const rowName = (row: Pick<AuditRow, 'title' | 'source'>): string =>
  `${row.title}${row.source ? ` from ${row.source}` : ''}`

/** "about 3 min" of a plan; small ones are not told to the second. */
export function duration(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} s`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `about ${(seconds / 3600).toFixed(1)} h`
  return `about ${Math.round(seconds / 86_400)} days`
}

/** Sizes, attackers and defences as the Audit page names them. */
import type { Norm, Share, Threat } from '../../shared/audit'
import { strengthText as strength } from '../../shared/audit-words'
import { percent } from './probability'

export { defenceName, normName, rowName, strengthText as strength, threatName } from '../../shared/audit-words'

/** "2, 4, 8/255". */
export const strengths = (eps: readonly number[], norm: Norm): string => eps.map((each, i) => (i < eps.length - 1 ? strength(each, norm).replace('/255', '') : strength(each, norm))).join(', ')

export const threatDetail: Record<Threat, string> = {
  oblivious: 'knows the classifier, not the purifier',
  adaptive: 'knows both, and takes gradients through both',
  blackbox: 'sees only the answers of the whole pipeline',
  transfer: 'attacks another bundle instead, and hopes',
}

/** "71.0 %". */
export const shareText = (share: Share | undefined): string => (share ? percent(share.value) : '–')

/** "71 of 100; 95 % interval 61.5 to 79.0 %". */
export const shareTitle = (share: Share | undefined): string =>
  share ? `${share.count} of ${share.of}; 95 % interval ${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)} %` : 'not measured'

/** "about 3 min" of a plan; small ones are not told to the second. */
export function duration(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} s`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `about ${(seconds / 3600).toFixed(1)} h`
  return `about ${Math.round(seconds / 86_400)} days`
}

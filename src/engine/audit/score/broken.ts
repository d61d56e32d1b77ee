/**
 * Which images an attack broke. Robust are images that are classified right when clean and broken by no attack, counted
 * over all images: those that were wrong from the start are not robust. An image that was not attacked (because both the
 * bare and the purified classifier were wrong about it) keeps its clean answer behind the other defences.
 */
import type { AttackedRecord, AuditRun, ImageRecord, Share } from '../../../shared/audit'
import { withinEpsilon } from '../../attacks/bounds'
import { share } from './wilson'

/** A run at the strength at which it is counted: of minimum-norm attacks any, of others their own. */
export interface Counted {
  run: AuditRun
  eps: number
  records: ReadonlyMap<number, AttackedRecord>
}

/** The change is within the strength that is counted. */
export const reaches = ({ run, eps }: Pick<Counted, 'run' | 'eps'>, record: AttackedRecord): boolean => !run.minimumNorm || withinEpsilon(record[run.norm], eps)

/** The attack made a right answer wrong. @param rounded judged after rounding to 8 bits */
export function breaks(counted: Counted, image: ImageRecord, defence: string, rounded = false): boolean {
  const record = counted.records.get(image.image)
  if (!record || !reaches(counted, record)) return false
  return (rounded ? record.predictedAt8Bits : record.attacked.predicted)[defence] !== image.label
}

export const isRight = (image: ImageRecord, defence: string): boolean => image.clean.predicted[defence] === image.label

/** Right when clean, and broken by none of the runs. */
export const isRobust = (runs: readonly Counted[], image: ImageRecord, defence: string, rounded = false): boolean =>
  isRight(image, defence) && !runs.some((counted) => breaks(counted, image, defence, rounded))

export const countWhere = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.reduce((n, item) => n + Number(holds(item)), 0)

export const shareWhere = (images: readonly ImageRecord[], holds: (image: ImageRecord) => boolean): Share => share(countWhere(images, holds), images.length)

/** Robust accuracy by defence. */
export const robustBy = (runs: readonly Counted[], images: readonly ImageRecord[], defences: readonly string[], rounded = false): Record<string, Share> =>
  Object.fromEntries(defences.map((defence) => [defence, shareWhere(images, (image) => isRobust(runs, image, defence, rounded))]))

/** Some run made the answer behind the purifier wrong without the detector flagging it at α: nobody is warned. */
export function evades(runs: readonly Counted[], image: ImageRecord, alpha: number): boolean {
  if (!isRight(image, 'purifier')) return false
  return runs.some((counted) => {
    const p = counted.records.get(image.image)?.attacked.pValue
    return p !== null && p !== undefined && p > alpha && breaks(counted, image, 'purifier')
  })
}

/**
 * How far an audit is, in passes through the bare classifier: what goes backward counts for three, what goes through the
 * purifier for as much longer as it was measured to take. So the time that is left is told from one pace.
 */
import type { AuditRecord, AuditRun } from '../../shared/audit'
import { inForwardPasses } from '../attacks/attack'
import { findAttack } from '../attacks/registry'
import type { AuditJob } from './audit-folder'
import { ownDefence } from './score/tally'

export interface Weights {
  /** Passes of classifier and purifier together, in passes of the classifier. */
  pipeline: number
  /** Of judging one attacked image behind all defences, twice. */
  judging: number
}

/** Passes that a run takes on one image, at most. @param left share of the images that the first of several attacks leaves to the others */
export function passesOf(run: AuditRun, classes: number, weights: Weights, left = 1): number {
  const { least, ...most } = findAttack(run.attack).cost(run.options, classes)
  const first = inForwardPasses(least ?? most)
  const through = run.threat === 'oblivious' || run.threat === 'transfer' ? 1 : weights.pipeline
  return (first + left * (inForwardPasses(most) - first)) * through + weights.judging
}

/**
 * Share of the images, of those that are right without an attack, that the strongest attack by gradients of the same threat
 * at the same strength has left so far;
 * all of them where none has begun, where it is another model that is attacked, and for an attack that is one.
 */
export function leftSoFar(run: AuditRun, job: AuditJob, records: readonly AuditRecord[]): number {
  if (run.threat === 'transfer' || !findAttack(run.attack).cost(run.options, job.classes.length).least) return 1
  const alike = new Map(
    job.runs
      .filter((other) => other.threat === run.threat && other.norm === run.norm && other.epsilon === run.epsilon && !other.check && !other.minimumNorm && findAttack(other.attack).access === 'gradients')
      .map(({ id }) => [id, { left: 0, of: 0 }]),
  )
  const own = ownDefence(run, job)
  const labels = new Map(records.flatMap((record) => (record.kind === 'image' && record.clean.predicted[own] === record.label ? [[record.image, record.label] as const] : [])))
  for (const record of records) {
    const counts = record.kind === 'attacked' ? alike.get(record.run) : undefined
    const label = record.kind === 'attacked' ? labels.get(record.image) : undefined
    if (record.kind !== 'attacked' || !counts || label === undefined) continue
    counts.of++
    counts.left += Number(record.attacked.predicted[own] === label)
  }
  return Math.min(1, ...[...alike.values()].filter(({ of }) => of > 0).map(({ left, of }) => left / of))
}

/**
 * How far an audit is, in passes through the bare classifier: what goes backward counts for three, what goes through the
 * purifier for as much longer as it was measured to take. So the time that is left is told from one pace.
 */
import type { AuditRun } from '../../shared/audit'
import { findAttack } from '../attacks/registry'

/** A forward and a backward pass together take about as long as three forward passes. */
export const backward = 3

export interface Weights {
  /** Passes of classifier and purifier together, in passes of the classifier. */
  pipeline: number
  /** Of judging one attacked image behind all defences, twice. */
  judging: number
}

/** Passes that a run takes on one image, at most. */
export function passesOf(run: AuditRun, classes: number, weights: Weights): number {
  const { forward, gradient } = findAttack(run.attack).cost(run.options, classes)
  const through = run.threat === 'oblivious' || run.threat === 'transfer' ? 1 : weights.pipeline
  return (forward + backward * gradient) * through + weights.judging
}

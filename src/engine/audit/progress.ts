/**
 * How far an audit is, in passes through the bare classifier: what goes backward counts for three, what goes through the
 * purifier for as much longer as it was measured to take. So the time that is left is told from one pace.
 */
import type { AuditRecord, AuditRun } from '../../shared/audit'
import { guessedLeft, inForwardPasses } from '../attacks/attack'
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

/** Whether what a run takes depends on how many images the first of its attacks leaves to the others. */
export const goesOnWithTheRest = (run: AuditRun, classes: number): boolean => findAttack(run.attack).cost(run.options, classes).least !== undefined

/**
 * Share of the images, of those that are right without an attack, that the strongest attack by gradients of the same threat
 * has left so far, at the same strength or a smaller one. A guess where none has begun, and where it is another model that
 * is attacked. Of no matter for an attack that is one.
 */
export function leftSoFar(run: AuditRun, job: AuditJob, records: readonly AuditRecord[]): number {
  if (!goesOnWithTheRest(run, job.classes.length)) return 1
  const alike = new Map(
    job.runs
      .filter((other) => other.threat === run.threat && run.threat !== 'transfer' && other.norm === run.norm && other.epsilon <= run.epsilon && !other.check && !other.minimumNorm && findAttack(other.attack).access === 'gradients')
      .map(({ id }) => [id, { left: 0, of: 0 }]),
  )
  const own = ownDefence(run, job)
  const labels = new Map(records.flatMap((record) => (record.kind === 'image' && record.clean.predicted[own] === record.label ? [[record.image, record.label] as const] : [])))
  for (const record of records) {
    if (record.kind !== 'attacked') continue
    const [counts, label] = [alike.get(record.run), labels.get(record.image)]
    if (!counts || label === undefined) continue
    counts.of++
    counts.left += Number(record.attacked.predicted[own] === label)
  }
  const shares = [...alike.values()].flatMap(({ left, of }) => (of > 0 ? [left / of] : []))
  return shares.length > 0 ? Math.min(...shares) : guessedLeft
}

/** Images of a chunk that a run attacks, and those that an earlier audit attacked, which have only to be judged. */
export interface ChunkLoad {
  attacked: number
  taken: number
}

/** The passes that an audit takes, as far as can be told by what it came to. */
export class Workload {
  /** @param loads by run of the job, then by chunk */
  constructor(
    private readonly job: AuditJob,
    private readonly weights: Weights,
    private readonly loads: readonly (readonly ChunkLoad[])[],
  ) {}

  /** Of one chunk. @param left share of the images that the first of several attacks leaves to the others */
  of(run: number, chunk: number, left: number): number {
    const { attacked, taken } = this.loads[run]![chunk]!
    return attacked * passesOf(this.job.runs[run]!, this.job.classes.length, this.weights, left) + taken * this.weights.judging
  }

  /** Of a run from a chunk on, and of the runs after it. `left` is the share that was reckoned with in that run. */
  ahead(first: number, from: number, records: readonly AuditRecord[]): { left: number; passes: number } {
    const lefts = this.job.runs.slice(first).map((run) => leftSoFar(run, this.job, records))
    const passes = lefts.flatMap((left, i) => this.loads[first + i]!.map((_, chunk) => (i === 0 && chunk < from ? 0 : this.of(first + i, chunk, left))))
    return { left: lefts[0]!, passes: passes.reduce((a, b) => a + b, 0) }
  }
}

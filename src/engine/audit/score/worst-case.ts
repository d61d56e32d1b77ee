/**
 * The worst case per image, which is what robustness means: one attack that succeeds is enough. Not the mean over
 * attacks, and not the best single one.
 */
import type { AuditRun, Norm, Threat, WorstCase } from '../../../shared/audit'
import { evades, robustBy, shareWhere, type Counted } from './broken'
import { countedAt } from './rows'
import { isComplete, type Tally } from './tally'

/**
 * Whose attacks each attacker has: whoever knows more can do all that is done with less. Answers of the bare classifier
 * say nothing of a purifier, and those of the pipeline are not the classifier's, unless there is no purifier.
 */
const includes = (threat: Threat, purifier: boolean): readonly Threat[] =>
  ({
    transfer: ['transfer'] as const,
    blackbox: ['blackbox'] as const,
    oblivious: purifier ? (['oblivious', 'transfer'] as const) : (['oblivious', 'blackbox', 'transfer'] as const),
    adaptive: ['adaptive', 'blackbox', 'oblivious', 'transfer'] as const,
  })[threat]

/** Complete runs that count for a threat at a strength and below. Checks speak for a part of the images and count for none. */
export function runsAgainst(tally: Tally, threat: Threat, norm: Norm, eps: number): Counted[] {
  const included = includes(threat, tally.job.bundle.purifier !== null)
  return tally.job.runs
    .filter((run) => !run.check && included.includes(run.threat) && run.norm === norm && isComplete(tally, run.id) && (run.minimumNorm || run.epsilon <= eps * (1 + 1e-9)))
    .map((run) => countedAt(tally, run, run.minimumNorm ? eps : run.epsilon))
}

const nameOf = ({ attack, variant }: AuditRun): string => (variant ? `${attack}-${variant}` : attack)

export function worstCases(tally: Tally): WorstCase[] {
  const { job, images } = tally
  const norms: [Norm, readonly number[]][] = [[job.norm, job.eps], [job.norm === 'linf' ? 'l2' : 'linf', job.other]]
  return job.threats.flatMap((threat) =>
    norms.flatMap(([norm, strengths]) =>
      strengths.flatMap((eps) => {
        const runs = runsAgainst(tally, threat, norm, eps)
        if (!runs.some(({ run }) => run.threat === threat)) return []
        return {
          threat,
          norm,
          eps,
          attacks: [...new Set(runs.map(({ run }) => nameOf(run)))],
          robust: robustBy(runs, images, job.defences),
          robustAt8Bits: robustBy(runs, images, job.defences, true),
          evaded: job.calibrated !== null ? shareWhere(images, (image) => evades(runs, image, job.alpha)) : null,
        }
      }),
    ),
  )
}

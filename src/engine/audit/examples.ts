/**
 * The examples of a report: images that were made wrong by the least change, those first that fooled the pipeline as it
 * is meant to be used (behind the purifier, unflagged).
 */
import type { AttackedRecord, AuditRun, ImageRecord } from '../../shared/audit'
import type { ReportExample } from '../report/input'
import { pixelsOf, type OpenedAudit } from './images'
import type { Judge } from './judge'
import { breaks, evades, isRight } from './score/broken'
import { countedAt } from './score/rows'
import { isComplete, ownDefence } from './score/tally'

/** A report's example, with the whole records behind it. */
export interface Example extends ReportExample {
  image: ImageRecord
  run: AuditRun
  record: AttackedRecord
}

type Choice = Pick<Example, 'image' | 'run' | 'record' | 'defence' | 'evaded'>

/** The worst record of each image, and of those the worst, no class more than its share while others have any. */
export function choose({ job, tally }: Pick<OpenedAudit, 'job' | 'tally'>, count: number): Choice[] {
  const rank = (choice: Choice): [number, number] => [(choice.evaded ? 0 : 2) + (choice.defence === 'purifier' ? 0 : 1), choice.record.linf]
  const worse = (a: Choice, b: Choice): number => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1] || a.image.image - b.image.image
  const best = new Map<number, Choice>()
  for (const run of job.runs) {
    if (run.check || !isComplete(tally, run.id)) continue
    const counted = countedAt(tally, run, run.epsilon)
    const defence = ownDefence(run, job)
    for (const image of tally.images) {
      const record = counted.records.get(image.image)
      if (!record || !isRight(image, defence) || !breaks(counted, image, defence)) continue
      const choice: Choice = { image, run, record, defence, evaded: defence === 'purifier' && evades([counted], image, job.alpha) }
      const known = best.get(image.image)
      if (!known || worse(choice, known) < 0) best.set(image.image, choice)
    }
  }
  const waiting = [...best.values()].sort(worse)
  const taken: Choice[] = []
  while (taken.length < count && waiting.length) {
    const used = (label: number) => taken.filter(({ image }) => image.label === label).length
    const least = Math.min(...waiting.map(({ image }) => used(image.label)))
    taken.push(...waiting.splice(waiting.findIndex(({ image }) => used(image.label) === least), 1))
  }
  return taken
}

/**
 * @param count most examples
 * @param judge of the audit
 * @throws AssayError `result-not-found` where the images were not kept
 */
export async function examplesOf(audit: OpenedAudit, count: number, judge: Pick<Judge, 'purified'>): Promise<Example[]> {
  const examples: Example[] = []
  for (const choice of choose(audit, count)) {
    const { image } = choice.image
    const [clean, attacked] = [await pixelsOf(audit, null, image), await pixelsOf(audit, choice.run, image)]
    examples.push({ ...choice, clean, attacked, purified: await judge.purified(attacked), difference: attacked.map((v, i) => v - clean[i]!) })
  }
  return examples
}

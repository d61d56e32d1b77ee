/** What is taken for what: clean, and in the worst case of each threat at the largest strength. */
import type { Confusion, ImageRecord } from '../../../shared/audit'
import { epsilonText } from '../runs'
import { breaks, isRight } from './broken'
import type { Tally } from './tally'
import { runsAgainst } from './worst-case'

function counted(images: readonly ImageRecord[], classes: number, predicted: (image: ImageRecord) => number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (const image of images) counts[image.label]![predicted(image)]!++
  return counts
}

export function confusionOf(tally: Tally): Confusion[] {
  const { job, images } = tally
  const defences = job.defences.filter((defence) => defence === 'none' || defence === 'purifier')
  const tables: Confusion[] = defences.map((defence) => ({
    title: defence === 'none' ? 'Clean' : 'Clean, purified',
    defence,
    run: null,
    counts: counted(images, job.classes.length, ({ clean }) => clean.predicted[defence]!),
  }))
  const eps = job.eps.at(-1)!
  for (const threat of job.threats) {
    const runs = runsAgainst(tally, threat, job.norm, eps)
    if (!runs.some(({ run }) => run.threat === threat)) continue
    for (const defence of defences)
      tables.push({
        title: `Worst case, ${threat}, ${epsilonText(eps, job.norm)}${defence === 'none' ? '' : ', purified'}`,
        defence,
        run: null,
        counts: counted(images, job.classes.length, (image) => {
          const first = isRight(image, defence) ? runs.find((run) => breaks(run, image, defence)) : undefined
          return first ? first.records.get(image.image)!.attacked.predicted[defence]! : image.clean.predicted[defence]!
        }),
      })
  }
  return tables
}

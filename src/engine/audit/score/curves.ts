/** Accuracy against strength, from the clean images on. */
import type { AuditRun, Curve, Norm } from '../../../shared/audit'
import { countWhere, isRight, isRobust } from './broken'
import { countedAt, strengthsOf } from './rows'
import { imagesOf, isComplete, type Tally } from './tally'
import { runsAgainst } from './worst-case'

type Point = Curve['points'][number]

/** Points of a minimum-norm attack between 0 and its radius: one run speaks for all of them. */
const fine = 32

/** Attack and variant, as curves are named. */
const nameOf = ({ attack, variant }: Pick<AuditRun, 'attack' | 'variant'>): string => (variant ? `${attack}-${variant}` : attack)

const shown = ({ job }: Tally): string[] => job.defences.filter((defence) => defence === 'none' || defence === 'purifier')

const at = (eps: number, count: number, of: number): Point => ({ eps, accuracy: of ? count / of : 0, of })

function pointsOf(tally: Tally, runs: readonly AuditRun[], defence: string): Point[] {
  return runs.flatMap((run) => {
    const images = imagesOf(tally, run)
    const strengths = run.minimumNorm ? [...new Set([...strengthsOf(run, tally), ...Array.from({ length: fine }, (_, i) => ((i + 1) * run.epsilon) / fine)])] : [run.epsilon]
    return strengths.map((eps) => at(eps, countWhere(images, (image) => isRobust([countedAt(tally, run, eps)], image, defence)), images.length))
  })
}

const ascending = (points: Point[]): Point[] => points.sort((a, b) => a.eps - b.eps)

export function curvesOf(tally: Tally): Curve[] {
  const { job, images } = tally
  const complete = job.runs.filter((run) => isComplete(tally, run.id) && (!run.check || run.check === 'reach'))
  const groups = new Map<string, AuditRun[]>()
  for (const run of complete) {
    const key = [run.threat, nameOf(run), run.norm].join()
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  const clean = (defence: string): Point => at(0, countWhere(images, (image) => isRight(image, defence)), images.length)
  const curves: Curve[] = []
  for (const runs of groups.values())
    for (const defence of shown(tally))
      curves.push({ threat: runs[0]!.threat, attack: nameOf(runs[0]!), norm: runs[0]!.norm, defence, points: ascending([clean(defence), ...pointsOf(tally, runs, defence)]) })
  for (const threat of job.threats)
    for (const [norm, strengths] of [[job.norm, job.eps], [job.norm === 'linf' ? 'l2' : 'linf', job.other]] as [Norm, readonly number[]][])
      for (const defence of shown(tally)) {
        const points = strengths.flatMap((eps) => {
          const runs = runsAgainst(tally, threat, norm, eps)
          return runs.some(({ run }) => run.threat === threat) ? at(eps, countWhere(images, (image) => isRobust(runs, image, defence)), images.length) : []
        })
        if (points.length) curves.push({ threat, attack: 'worst', norm, defence, points: [clean(defence), ...points] })
      }
  return curves
}

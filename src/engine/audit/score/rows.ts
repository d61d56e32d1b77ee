/** A row of the report: what one attack at one strength came to. */
import type { AttackedRecord, AuditRow, AuditRun, ImageRecord } from '../../../shared/audit'
import { findAttack } from '../../attacks/registry'
import { attackTitle } from '../runs'
import { median } from '../../tensor/median'
import { breaks, evades, isRight, reaches, robustBy, shareWhere, type Counted } from './broken'
import { aucOf, detectedAt, rocOf, thinned } from '../../screening/roc'
import { imagesOf, ownDefence, recordsOf, type Tally } from './tally'

/** Strengths at which a run is counted: its own, or every one of its norm's for a minimum-norm attack. */
export const strengthsOf = (run: AuditRun, { job }: Pick<Tally, 'job'>): readonly number[] => {
  if (!run.minimumNorm) return [run.epsilon]
  return (run.norm === job.norm ? job.eps : job.other).filter((eps) => eps <= run.epsilon * (1 + 1e-9))
}

export const countedAt = (tally: Tally, run: AuditRun, eps: number): Counted => ({ run, eps, records: recordsOf(tally, run) })

/** @param eps at which it is counted. Of a run under way, over the images that it has come to. */
export function rowOf(tally: Tally, run: AuditRun, eps: number): AuditRow {
  const { job } = tally
  const counted = countedAt(tally, run, eps)
  const images = imagesOf(tally, run)
  const byNumber = new Map(images.map((image) => [image.image, image]))
  const records = [...counted.records.values()].filter(({ image }) => byNumber.has(image))
  const own = ownDefence(run, job)
  const robust = robustBy([counted], images, job.defences)
  const brokenOf = (way: Counted): AttackedRecord[] =>
    records.filter((record) => {
      const image = byNumber.get(record.image)!
      return isRight(image, own) && breaks(way, image, own)
    })
  const sizes = (of: readonly AttackedRecord[]) => ({ medianL2: median(of.map(({ l2 }) => l2)), medianLinf: median(of.map(({ linf }) => linf)) })
  const whatever = run.minimumNorm ? brokenOf({ ...counted, eps: Infinity }) : []
  const seconds = tally.seconds.get(run.id) ?? 0
  // Of what was wrong already nothing had to be asked.
  const queries = records.flatMap(({ image, queries }) => (isRight(byNumber.get(image)!, own) ? (queries ?? []) : []))
  const brokenBy: Record<string, number> = {}
  for (const { brokenBy: by } of records) if (by) brokenBy[by] = (brokenBy[by] ?? 0) + 1
  return {
    attack: run.attack,
    title: attackTitle(run, tally.job.classes.length),
    norm: run.norm,
    eps,
    threat: run.threat,
    run: run.id,
    minimumNorm: run.minimumNorm,
    ...(run.variant ? { variant: run.variant } : {}),
    ...(run.source === undefined ? {} : { source: job.source?.id ?? run.source }),
    options: run.options,
    attacked: records.length,
    robustAccuracy: robust['none']!.value,
    robustAccuracyPurified: robust['purifier']?.value ?? null,
    ...detectionOf(tally, counted, images),
    ...sizes(brokenOf(counted)),
    seconds,
    imagesPerSecond: seconds > 0 ? records.length / seconds : 0,
    robust,
    robustAt8Bits: robustBy([counted], images, job.defences, true),
    evaded: job.calibrated !== null ? shareWhere(images, (image) => evades([counted], image, job.alpha)) : null,
    medianQueries: queries.length ? median(queries) : null,
    ...(Object.keys(brokenBy).length ? { brokenBy } : {}),
    ...(whatever.length > 0 ? { smallest: { ...sizes(whatever), broken: whatever.length } } : {}),
  }
}

type Detection = Pick<AuditRow, 'detectionAuc' | 'detectedAtAlpha' | 'detectedAtFalseAlarms' | 'roc'>

/** Over the images that were changed at all, within the strength that is counted. */
function detectionOf({ job }: Tally, counted: Counted, images: readonly ImageRecord[]): Detection {
  const changed = images.flatMap(({ image }) => counted.records.get(image) ?? []).filter((record) => record.linf > 0 && reaches(counted, record))
  const attacked = changed.flatMap(({ attacked: { score } }) => score ?? [])
  const clean = images.flatMap(({ clean: { score } }) => score ?? [])
  if (job.calibrated === null || attacked.length === 0 || clean.length === 0) return { detectionAuc: null, detectedAtAlpha: null, detectedAtFalseAlarms: null, roc: null }
  const roc = rocOf(clean, attacked)
  return {
    detectionAuc: aucOf(roc),
    detectedAtAlpha: changed.filter(({ attacked: { pValue } }) => pValue !== null && pValue <= job.alpha).length / changed.length,
    detectedAtFalseAlarms: { onePercent: detectedAt(roc, 0.01), fivePercent: detectedAt(roc, 0.05) },
    roc: thinned(roc),
  }
}

/** Whether an attack asks for gradients, by its name. */
export const usesGradients = (run: Pick<AuditRun, 'attack'>): boolean => findAttack(run.attack).access === 'gradients'

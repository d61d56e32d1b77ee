/** From the lines of an audit to its report: every number is computed here, from the records alone. */
import { findAttack } from '../../attacks/registry'
import type { AuditReport, AuditRecord, AuditWarning } from '../../../shared/audit'
import { researchUseOnly } from '../../../shared/notice'
import type { AuditJob } from '../audit-folder'
import { epsilonText } from '../runs'
import { scansNeeded } from '../../screening/conformal'
import { isRight, shareWhere } from './broken'
import { confusionOf } from './confusion'
import { curvesOf } from './curves'
import { maskingWarnings } from './masking'
import { rowOf, strengthsOf } from './rows'
import { cleanRun, isComplete, tally as tallied, type Tally } from './tally'
import { share } from './wilson'
import { worstCases } from './worst-case'

/** Below this, intervals are wider than most differences between defences. */
const few = 100

/** @returns the report; `partial` where runs are missing */
export function reportOf(job: AuditJob, records: Iterable<AuditRecord>): AuditReport {
  const tally = tallied(job, records)
  const { images } = tally
  const complete = job.runs.filter(({ id }) => isComplete(tally, id))
  const curves = curvesOf(tally)
  const clean = Object.fromEntries(job.defences.map((defence) => [defence, shareWhere(images, (image) => isRight(image, defence))]))
  return {
    format: 'assay-audit/1',
    model: {
      id: job.bundle.id,
      name: job.bundle.name,
      classes: job.classes,
      finding: job.finding,
      classifier: job.bundle.classifier,
      purifier: job.bundle.purifier,
      input: job.bundle.input,
    },
    compared: job.compare.map(({ defence, id, name, purifier }) => ({ defence: defence ?? `bundle:${id}`, id, name, purifier })),
    ...(job.source ? { source: { id: job.source.id, name: job.source.name, classifier: job.source.classifier } } : {}),
    data: {
      path: job.data.path,
      sha256: job.data.sha256,
      unreadable: tally.unreadable.length,
      counts: job.classes.map((_, label) => images.filter((image) => image.label === label).length),
    },
    n: images.length,
    alpha: job.alpha,
    seed: job.seed,
    provider: job.provider,
    versions: job.versions,
    cleanAccuracy: clean['none']!.value,
    cleanAccuracyPurified: clean['purifier']?.value ?? null,
    defences: job.defences,
    threats: job.threats,
    clean,
    falseAlarms: job.calibrated !== null ? shareWhere(images, ({ clean: { pValue } }) => pValue !== null && pValue <= job.alpha) : null,
    runs: complete.filter(({ check }) => !check).flatMap((run) => strengthsOf(run, tally).map((eps) => rowOf(tally, run, eps))),
    worstCase: worstCases(tally),
    curves,
    confusion: confusionOf(tally),
    warnings: [...job.warnings, ...onResults(tally), ...maskingWarnings(tally, curves)],
    unreadable: tally.unreadable.map(({ path, code, message }) => ({ path, code, message })),
    partial: complete.length < job.runs.length || !isComplete(tally, cleanRun),
    limits: limitsOf(job),
    seconds: job.runs.reduce((sum, { id }) => sum + (tally.seconds.get(id) ?? 0), 0),
  }
}

function onResults({ job, images, unreadable }: Tally): AuditWarning[] {
  const warnings: AuditWarning[] = []
  const warn = (code: string, message: string): void => void warnings.push({ code, message })
  if (images.length < few) {
    const half = share(Math.round(images.length / 2), images.length)
    warn('few-images', `Only ${images.length} images: an accuracy around one half is known to no better than ${Math.round(100 * half.low)} to ${Math.round(100 * half.high)} %. Take more.`)
  }
  const absent = job.classes.filter((_, label) => !images.some((image) => image.label === label))
  if (absent.length) warn('class-absent', `There are no images of ${absent.join(', ')}, so nothing here speaks of ${absent.length === 1 ? 'that class' : 'these classes'}.`)
  if (unreadable.length) warn('unreadable', `${unreadable.length} ${unreadable.length === 1 ? 'file' : 'files'} could not be read and ${unreadable.length === 1 ? 'is' : 'are'} in no number.`)
  const guess = 1 / job.classes.length
  const clean = shareWhere(images, (image) => isRight(image, 'none'))
  if (images.length && clean.value <= guess) warn('clean-at-guessing', `The classifier is right on ${(100 * clean.value).toFixed(1)} % of the untouched images, no better than guessing: check that labels, class order and input size are those of the model.`)
  return warnings
}

function limitsOf(job: AuditJob): string[] {
  const strengths = job.eps.map((eps) => epsilonText(eps, job.norm)).join(', ')
  const others = job.defences.filter((defence) => defence !== 'none' && defence !== 'purifier')
  return [
    `Robustness is measured against these attacks, at these strengths (${strengths} in ${job.norm === 'linf' ? 'L∞' : 'L2'}), on these images. Another attack may do better; none of these numbers is a proof.`,
    ...(others.length ? [`No attacker here knew the other defences (${others.join(', ')}): what is reported behind them flatters them, as attacks made for the classifier or the purifier were only passed through.`] : []),
    ...(job.bundle.purifier !== null && !job.threats.includes('adaptive') ? ['What an attacker who knows the purifier can do was not measured.'] : []),
    ...(job.calibrated === null ? [] : [`The detector was judged at α = ${job.alpha}, calibrated on ${job.calibrated} untouched scans${job.calibrated < scansNeeded(job.alpha) ? ', too few for it to flag anything' : ''}.`]),
    ...fewClasses(job),
    'Changes are made to the images as the model is given them, after scaling to [0, 1] and resizing; rotations, patches and changes of the file itself are not among them.',
    researchUseOnly,
  ]
}

/** How attacks differ from what was published, where the model has few classes. */
const fewClasses = (job: AuditJob): string[] =>
  [...new Set(job.runs.map(({ attack }) => attack))].flatMap((name) => {
    const variant = findAttack(name).variant?.(job.classes.length)
    return variant ? [`${variant.title}: ${variant.differences.join('; ')}.`] : []
  })

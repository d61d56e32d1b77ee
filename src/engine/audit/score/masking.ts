/**
 * Signs that gradients are masked: that attacks fail because they are misled, not because the model is robust. Sources:
 * Athalye, Carlini & Wagner, ICML 2018; Carlini et al., "On evaluating adversarial robustness", 2019.
 */
import type { AuditRun, AuditWarning, ImageRecord, Threat } from '../../../shared/audit'
import { attackTitle, epsilonText } from '../runs'
import { breaks, countWhere, isRight, isRobust, type Counted } from './broken'
import type { Curve } from '../../../shared/audit'
import { countedAt, usesGradients } from './rows'
import { imagesOf, isComplete, ownDefence, type Tally } from './tally'

/** Largest difference between answers on the same image that is still rounding. */
export const repeatTolerance = 1e-4
const blackBoxMargin = 0.002
const doublingMargin = 0.005

/** Attacks that ask for answers only and look for a way, unlike noise. */
const searches = new Set(['square', 'spsa'])

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const where = (threat: string): string => (threat === 'adaptive' ? 'behind the purifier' : threat === 'oblivious' ? 'of the bare classifier' : `under the threat ${threat}`)

export function maskingWarnings(tally: Tally, curves: readonly Curve[]): AuditWarning[] {
  return [...repeats(tally), ...zeroGradients(tally), ...brokenGradients(tally), ...blackBoxWins(tally), ...doublingGains(tally), ...noiseWins(tally), ...aboveGuessing(tally, curves)]
}

function repeats({ checks }: Tally): AuditWarning[] {
  return checks
    .filter(({ name, values }) => name === 'repeat' && values['difference']! > repeatTolerance)
    .map(({ run, values }) => ({
      code: 'random-defence',
      message: `Five passes over the same images differ by up to ${values['difference']!.toPrecision(2)} ${where(run)}: there is randomness in the model. Attacks that do not average over it look weaker than they are; add AutoAttack for randomised models (autoattack-rand), which does, or apgd with the option eot=20 or more.`,
    }))
}

function zeroGradients({ checks }: Tally): AuditWarning[] {
  return checks
    .filter(({ name, values }) => name === 'zero-gradient' && values['zero']! > 0)
    .map(({ run, values }) => ({
      code: 'zero-gradient',
      message: `The gradient of the loss ${where(run)} is exactly zero on ${values['zero']} of ${values['of']} images (${percent(values['zero']! / values['of']!)}): attacks by gradients of cross-entropy cannot start there, and their numbers are too good.`,
    }))
}

function brokenGradients({ checks }: Tally): AuditWarning[] {
  return checks
    .filter(({ name, values }) => name === 'zero-gradient' && (values['notFinite'] ?? 0) > 0)
    .map(({ run, values }) => ({
      code: 'gradient-not-finite',
      message: `The gradient of the loss ${where(run)} is no finite number in some pixels of ${values['notFinite']} of ${values['of']} images (${percent(values['notFinite']! / values['of']!)}), as a root has it at 0. Attacks take 0 in its place and get nowhere there, so that their numbers are too good; trust attacks by answers, such as square.`,
    }))
}

interface Accuracy {
  robust: number
  of: number
}

const accuracy = (runs: readonly Counted[], images: readonly ImageRecord[], defence: string): Accuracy => ({ robust: countWhere(images, (image) => isRobust(runs, image, defence)), of: images.length })

/** What gradients alone came to: the images that Square got within an attack made of several are none of theirs. */
function byGradientsAlone(counted: Counted): Counted {
  return { ...counted, records: new Map([...counted.records].filter(([, { brokenBy }]) => !searches.has(brokenBy ?? ''))) }
}

/** Complete runs of a threat by gradients, at a strength. */
function gradientsAt(tally: Tally, threat: Threat, { norm, epsilon }: Pick<AuditRun, 'norm' | 'epsilon'>): Counted[] {
  return tally.job.runs
    .filter((run) => run.threat === threat && !run.check && usesGradients(run) && run.norm === norm && isComplete(tally, run.id))
    .filter((run) => (run.minimumNorm ? run.epsilon >= epsilon * (1 - 1e-9) : Math.abs(run.epsilon - epsilon) <= 1e-9))
    .map((run) => byGradientsAlone(countedAt(tally, run, epsilon)))
}

/** Attacks by answers against attacks by gradients on the same target, at the same strength, over the same images. */
function blackBoxWins(tally: Tally): AuditWarning[] {
  const warnings: AuditWarning[] = []
  for (const threat of ['oblivious', 'adaptive'] as const) {
    const own = ownDefence({ threat }, tally.job)
    const black = tally.job.runs.filter((run) => searches.has(run.attack) && (run.threat === threat || (run.threat === 'blackbox' && ownDefence(run, tally.job) === own)) && (!run.check || run.check === 'queries') && isComplete(tally, run.id))
    for (const run of black) {
      const against = gradientsAt(tally, threat, run)
      if (against.length === 0) continue
      const [images, defence] = [imagesOf(tally, run), own]
      const byGradients = accuracy(against, images, defence)
      const byQueries = accuracy([countedAt(tally, run, run.epsilon)], images, defence)
      if ((byGradients.robust - byQueries.robust) / images.length > blackBoxMargin)
        warnings.push({
          code: 'black-box-wins',
          message: `${attackTitle(run, tally.job.classes.length)} by answers alone leaves ${percent(byQueries.robust / images.length)} right ${where(threat)} at ${epsilonText(run.epsilon, run.norm)}, all attacks by gradients together ${percent(byGradients.robust / images.length)} (${images.length} images): the gradients are masked.`,
        })
    }
  }
  return warnings
}

/** More than one image too, since a single one may be luck. */
function doublingGains(tally: Tally): AuditWarning[] {
  return tally.job.runs
    .filter((run) => run.check === 'doubling' && isComplete(tally, run.id))
    .flatMap((run) => {
      const all = gradientsAt(tally, run.threat, run).filter(({ run: { variant } }) => !variant)
      const once = all.filter((other) => other.run.attack === run.attack)
      // Where it was not asked for, it is held against all that were.
      const before = once.length > 0 ? once : all
      if (before.length === 0) return []
      const [images, defence] = [imagesOf(tally, run), ownDefence(run, tally.job)]
      const gained = countWhere(images, (image) => isRobust(before, image, defence) && breaks(countedAt(tally, run, run.epsilon), image, defence))
      if (gained < 2 || gained / images.length <= doublingMargin) return []
      if (once.length === 0)
        return {
          code: 'more-iterations-gain',
          message: `With twice its usual iterations ${attackTitle(run, tally.job.classes.length)} breaks ${gained} of ${images.length} images ${where(run.threat)} at ${epsilonText(run.epsilon, run.norm)} that no attack by gradients that was asked for breaks: their numbers are too good; add ${run.attack}, or give them more steps.`,
        }
      return {
        code: 'more-iterations-gain',
        message: `With twice the iterations ${attackTitle(run, tally.job.classes.length)} breaks ${gained} more of ${images.length} images ${where(run.threat)} at ${epsilonText(run.epsilon, run.norm)}: it had not converged, and its numbers are too good; give it more steps.`,
      }
    })
}

function noiseWins(tally: Tally): AuditWarning[] {
  const complete = tally.job.runs.filter((run) => isComplete(tally, run.id) && !run.minimumNorm)
  const brokenIn = (run: AuditRun, images: readonly ImageRecord[]): number => {
    const [counted, defence] = [countedAt(tally, run, run.epsilon), ownDefence(run, tally.job)]
    return countWhere(images, (image) => isRight(image, defence) && breaks(counted, image, defence))
  }
  return complete
    .filter(({ attack }) => attack === 'noise')
    .flatMap((noise) => {
      const images = imagesOf(tally, noise)
      const byNoise = brokenIn(noise, images)
      return complete
        .filter((run) => !run.check && run.attack !== 'noise' && run.threat === noise.threat && run.norm === noise.norm && Math.abs(run.epsilon - noise.epsilon) <= 1e-9)
        .flatMap((run) => {
          const byAttack = brokenIn(run, images)
          if (byNoise <= byAttack) return []
          return {
            code: 'noise-wins',
            message: `Random noise breaks ${byNoise} of ${images.length} images ${where(run.threat)} at ${epsilonText(run.epsilon, run.norm)}, ${attackTitle(run, tally.job.classes.length)} only ${byAttack}: that attack is misled.`,
          }
        })
    })
}

/** With enough strength every image can be made another, so accuracy has to fall. */
function aboveGuessing({ job }: Tally, curves: readonly Curve[]): AuditWarning[] {
  const guess = 1 / job.classes.length
  return job.threats.flatMap((threat) => {
    const own = ownDefence({ threat }, job)
    const points = curves.filter((curve) => curve.threat === threat && curve.norm === job.norm && curve.defence === own).flatMap((curve) => curve.points)
    if (points.length === 0 || points.some(({ accuracy: value }) => value <= guess)) return []
    const furthest = points.reduce((best, point) => (point.eps > best.eps || (point.eps === best.eps && point.accuracy < best.accuracy) ? point : best))
    return {
      code: 'above-guessing',
      message: `At the largest strength, ${epsilonText(furthest.eps, job.norm)}, ${percent(furthest.accuracy)} of the images are still right ${where(threat)}; guessing would give ${percent(guess)}. Add larger strengths: where accuracy never falls to guessing, the attacks are misled.`,
    }
  })
}

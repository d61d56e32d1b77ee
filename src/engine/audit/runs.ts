/**
 * Which attacks run under which threat at which strength, and what each of them attacks.
 *
 * An attacker who knows the purifier also tries what works against purifiers: the identity in its backward pass (BPDA)
 * and, where there is a detector, hiding from it. What the weaker attackers found is counted for the stronger ones when
 * the audit is scored, so nothing is run twice.
 */
import type { AttackName, AuditCheck, AuditRun, Norm, Threat } from '../../shared/audit'
import type { JobParameters } from '../../shared/job-parameters'
import type { ProviderChoice } from '../../shared/types'
import { AssayError } from '../../shared/errors'
import { titleOf } from '../attacks/attack'
import type { Attack, AttackOptions } from '../attacks/attack'
import { attacks, findAttack, optionsOf } from '../attacks/registry'
import { classifierTarget, findingOf, inOrderOf, pipelineTarget, straightThroughTarget, targetFor, type AttackTarget } from '../attacks/target'
import type { LoadedBundle } from '../bundle/load'
import type { Asked } from './presets'

/** What of the bundle can be differentiated. */
export interface Gradients {
  classifier: boolean
  purifier: boolean
}

/** `4` for 4/255 in L∞, the radius itself in L2: how a strength is written in names. */
export const epsilonName = (epsilon: number, norm: Norm): string => String(Number((norm === 'linf' ? epsilon * 255 : epsilon).toPrecision(6)))

/** "4/255", "0.5". */
export const epsilonText = (epsilon: number, norm: Norm): string => (norm === 'linf' ? `${epsilonName(epsilon, norm)}/255` : epsilonName(epsilon, norm))

/** @param classes of the target, since some attacks go by another name with few of them */
export const attackTitle = ({ attack, variant }: Pick<AuditRun, 'attack' | 'variant'>, classes: number): string => `${titleOf(findAttack(attack), classes)}${variant === 'bpda' ? ' + BPDA' : ''}`

/** Attacks whose steps follow the gradient, the strongest first: one of them stands for the others in checks and variants. */
const ascents = ['apgd', 'pgd', 'mifgsm', 'bim', 'fgsm'] as const satisfies readonly AttackName[]
/** Options that say how long an attack goes on. */
const lengths = ['steps', 'iterations'] as const

export interface RunQuery {
  asked: Asked
  bundle: LoadedBundle
  parameters: Pick<JobParameters['audit'], 'epsOther' | 'checks' | 'source'>
  gradients: Gradients
  /** Images of the audit, and numbers per image. */
  images: number
  pixels: number
  /** Whether an attack can ascend the detector's score. */
  suspicion: boolean
}

/** Images that a check is made on. */
const checked = 64
const beyond = [16, 32, 64, 128]

/** All runs, in the order in which they are made. @throws AssayError `invalid-arguments` */
export function runsOf(query: RunQuery): AuditRun[] {
  const { asked, bundle, gradients } = query
  const runs: AuditRun[] = []
  for (const threat of asked.threats) {
    const able = asked.attacks.filter((attack) => attack.access !== 'gradients' || differentiable(threat, gradients))
    const chosen = able.filter((attack) => fits(attack, threat, query))
    if (threat === 'adaptive' && query.suspicion && gradients.purifier && gradients.classifier) chosen.push(...hiding(chosen))
    if (threat === 'blackbox' && chosen.length === 0)
      throw new AssayError('invalid-arguments', 'The black-box threat needs an attack that asks for answers only; add square or spsa to the attacks.', { threat })
    for (const attack of chosen) runs.push(...runsFor(attack, threat, query))
    if (threat === 'adaptive' && bundle.purifier && gradients.classifier && asked.attacks.some(({ access }) => access === 'gradients'))
      runs.push(...runsFor(strongest(asked.attacks), threat, query, { variant: 'bpda' }))
  }
  return query.parameters.checks ? [...runs, ...checksOf(runs, query)] : runs
}

const differentiable = (threat: Threat, gradients: Gradients): boolean => threat === 'transfer' || (gradients.classifier && (threat !== 'adaptive' || gradients.purifier))

/** Of those that were asked for; the strongest of all where none of them was. */
const strongest = (chosen: readonly Attack[]): Attack => ascents.flatMap((name) => chosen.find((attack) => attack.name === name) ?? [])[0] ?? findAttack(ascents[0])

/** The joint attack on answer and detector comes with the adaptive threat, whether it was named or not. */
const hiding = (chosen: readonly Attack[]): Attack[] => attacks.filter((attack) => attack.name === 'joint' && !chosen.includes(attack))

/** What an attacker by answers asks, who sees those of the whole model: without a purifier it is the classifier's own. */
const asksTheSame = (threat: Threat, { purifier }: LoadedBundle): boolean => threat === 'adaptive' || (threat === 'oblivious' && !purifier)

function fits(attack: Attack, threat: Threat, { asked: { threats }, bundle, suspicion }: RunQuery): boolean {
  if (attack.name === 'joint') return threat === 'adaptive' && suspicion
  if (threat === 'blackbox') return attack.access === 'queries'
  if (threat === 'transfer') return attack.access === 'gradients'
  return attack.access === 'gradients' || !threats.includes('blackbox') || !asksTheSame(threat, bundle)
}

/**
 * The radii of an attack: those asked for, or, where it knows only the other norm, those of the L2 ball around the L∞ ball
 * asked for, and of the L∞ ball in which no change is larger than the L2 ball asked for.
 */
export function radiiOf(attack: Pick<Attack, 'norms'>, { asked, pixels, parameters }: Pick<RunQuery, 'asked' | 'pixels' | 'parameters'>): { norm: Norm; eps: readonly number[] } {
  if (attack.norms.includes(asked.norm)) return { norm: asked.norm, eps: asked.eps }
  const norm = attack.norms[0]!
  const around = asked.eps.map((e) => (asked.norm === 'linf' ? e * Math.sqrt(pixels) : e / Math.sqrt(pixels)))
  return { norm, eps: parameters.epsOther ? [...new Set(parameters.epsOther)].sort((a, b) => a - b) : around }
}

function runsFor(attack: Attack, threat: Threat, query: RunQuery, more: { variant?: 'bpda' } = {}): AuditRun[] {
  const { norm, eps } = radiiOf(attack, query)
  const strengths = attack.minimumNorm ? eps.slice(-1) : eps
  return strengths.map((epsilon) => runOf(attack, threat, norm, epsilon, query, more))
}

function runOf(
  attack: Attack,
  threat: Threat,
  norm: Norm,
  epsilon: number,
  { asked, parameters }: Pick<RunQuery, 'asked' | 'parameters'>,
  more: { variant?: 'bpda'; check?: AuditCheck; every?: number; options?: AttackOptions } = {},
): AuditRun {
  const { variant, check, every, options } = more
  return {
    id: `${check ? `check/${check}/` : ''}${threat}/${attack.name}${variant ? `-${variant}` : ''}/${norm}/${epsilonName(epsilon, norm)}`,
    threat,
    attack: attack.name,
    norm,
    epsilon,
    minimumNorm: attack.minimumNorm,
    options: options ?? optionsOf(attack, epsilon, norm, asked.options[attack.name] ?? {}),
    ...(threat === 'transfer' && parameters.source !== undefined ? { source: parameters.source } : {}),
    ...(variant ? { variant } : {}),
    ...(check ? { check } : {}),
    ...(every !== undefined && every > 1 ? { every } : {}),
  }
}

/** Runs on a part of the images that tell masked gradients from robustness. */
function checksOf(runs: readonly AuditRun[], query: RunQuery): AuditRun[] {
  const { asked, images, gradients } = query
  const every = Math.max(1, Math.ceil(images / checked))
  const noise = attacks.find(({ name }) => name === 'noise')
  const square = attacks.find(({ name }) => name === 'square')
  const middle = asked.eps[(asked.eps.length - 1) >> 1]!
  const checks: AuditRun[] = []
  const add = (attack: Attack, threat: Threat, check: AuditCheck, epsilon: number, options?: AttackOptions): void =>
    void checks.push(runOf(attack, threat, asked.norm, epsilon, query, { check, every, ...(options ? { options } : {}) }))

  for (const threat of asked.threats.filter((t) => t === 'oblivious' || t === 'adaptive')) {
    const own = runs.filter((run) => run.threat === threat && !run.variant)
    const white = own.some(({ attack }) => findAttack(attack).access === 'gradients')
    if (!white) continue
    if (noise?.norms.includes(asked.norm) && !own.some(({ attack }) => attack === 'noise')) for (const epsilon of asked.eps) add(noise, threat, 'noise', epsilon)
    const asks = runs.some((run) => run.norm === asked.norm && ['square', 'spsa'].includes(run.attack) && (run.threat === threat || (run.threat === 'blackbox' && asksTheSame(threat, query.bundle))))
    if (square?.norms.includes(asked.norm) && !asks) add(square, threat, 'queries', middle, optionsOf(square, middle, asked.norm, { queries: 500 }))
    // A single step has no iterations to double, and a search for the smallest change is no ascent at a strength.
    const iterated = asked.attacks.filter(({ access, name, minimumNorm, norms }) => access === 'gradients' && name !== 'fgsm' && !minimumNorm && norms.includes(asked.norm))
    if (iterated.length === 0) continue
    const ascent = strongest(iterated)
    const options = optionsOf(ascent, middle, asked.norm, asked.options[ascent.name] ?? {})
    const length = lengths.find((name) => options[name] !== undefined)!
    add(ascent, threat, 'doubling', middle, { ...options, [length]: 2 * options[length]! })
  }
  const pgd = findAttack('pgd')
  const threat = asked.threats.includes('oblivious') ? 'oblivious' : asked.threats[0]!
  const largest = asked.eps.at(-1)!
  if (asked.reach && gradients.classifier && threat !== 'blackbox' && threat !== 'transfer')
    for (const strength of beyond.map((k) => (asked.norm === 'linf' ? k / 255 : (k / 255) * Math.sqrt(query.pixels))).filter((epsilon) => epsilon > largest * 1.001)) add(pgd, threat, 'reach', strength)
  return checks
}

/**
 * The classifier that transfer attacks are made on. Classes and findings are those of the bundle by name: at the same
 * place in another order stands another one, and an attack away from that harms nobody.
 * @throws AssayError `invalid-arguments` where it does not answer the finding
 */
export function sourceTarget(source: LoadedBundle, bundle: LoadedBundle, provider: ProviderChoice, finding: number | undefined): AttackTarget {
  const { classes } = bundle.manifest
  if (finding !== undefined) return classifierTarget(source, provider, findingOf(source, classes[finding]))
  return inOrderOf(classifierTarget(source, provider), classes)
}

/** What a run attacks. */
export function targetOf(run: Pick<AuditRun, 'threat' | 'variant' | 'attack'>, { bundle, source, provider, finding }: { bundle: LoadedBundle; source?: LoadedBundle; provider: ProviderChoice; finding?: number }): AttackTarget {
  if (run.threat === 'transfer') return sourceTarget(source!, bundle, provider, finding)
  if (run.variant === 'bpda') return straightThroughTarget(bundle, provider, finding)
  if (run.threat === 'blackbox' || run.threat === 'oblivious') return targetFor(run.threat, bundle, findAttack(run.attack), provider, finding)
  return pipelineTarget(bundle, provider, finding)
}

/** Runs with one key share a target, and so its compiled graphs. */
export const targetKey = ({ threat, variant }: Pick<AuditRun, 'threat' | 'variant'>): string => (threat === 'blackbox' ? 'adaptive' : `${threat}${variant ?? ''}`)

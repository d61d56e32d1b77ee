/**
 * From what is asked to what will be done: bundles loaded and checked, the data listed, gradients tried, and the list of
 * runs. The plan and the job both begin here, so that they cannot disagree.
 */
import { resolve } from 'node:path'
import type { AuditRun, AuditWarning, Defence } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { unfollowable } from '../attacks/compiled-target'
import { onProbabilities } from '../attacks/probabilities'
import { imageInput, lossAndGradient } from '../attacks/programs'
import { classifierTarget, findingOf, pipelineTarget, placesOf, type AttackTarget } from '../attacks/target'
import { loadBundle, resolveBundle, type LoadedBundle } from '../bundle/load'
import { openEvaluationSet, type EvaluationSet } from '../dataset/evaluation-set'
import { GraphBuilder } from '../onnx/builder'
import { scansNeeded } from '../screening/conformal'
import { sizeOf } from '../tensor/tensor'
import { assertComparable, defenceNames } from './defences'
import { askedOf, type Asked } from './presets'
import { runsOf, sourceTarget, type Gradients } from './runs'

export interface Prepared {
  readonly parameters: JobParameters['audit']
  readonly asked: Asked
  readonly bundle: LoadedBundle
  readonly compare: readonly LoadedBundle[]
  readonly source?: LoadedBundle
  /** Index of the finding that is audited, of a model that answers several. */
  readonly finding?: number
  /** Of the answers: the bundle's classes, or the two of the finding. */
  readonly classes: readonly string[]
  readonly set: EvaluationSet
  readonly runs: readonly AuditRun[]
  readonly defences: readonly Defence[]
  /** On model and parameters; those on results come with the report. */
  readonly warnings: readonly AuditWarning[]
}

/** @throws AssayError `invalid-arguments`, `data-set-invalid`, and what loading bundles meets */
export async function prepareAudit(parameters: JobParameters['audit'], bundleFolders: readonly string[]): Promise<Prepared> {
  const load = async (name: string): Promise<LoadedBundle> => loadBundle(await resolveBundle(name, bundleFolders))
  const bundle = await load(parameters.bundle)
  const { manifest } = bundle
  const compare = await Promise.all(parameters.compare.map(load))
  assertComparable(bundle, compare)
  const source = parameters.source === undefined ? undefined : await load(parameters.source)
  const finding = findingOf(bundle, parameters.finding)
  const target = classifierTarget(bundle, parameters.provider, finding)
  if (source) assertTransferable(target, sourceTarget(source, bundle, parameters.provider, finding), source.manifest.id)

  const asked = askedOf(parameters, bundle.purifier !== null)
  const set = await openEvaluationSet({
    path: resolve(parameters.data),
    ...(parameters.labels === undefined ? {} : { labels: resolve(parameters.labels) }),
    part: parameters.part,
    ...(asked.limit === undefined ? {} : { limit: asked.limit }),
    spec: manifest.input,
    classes: target.classes,
    classNames: parameters.classNames,
    ...(finding === undefined ? {} : { finding: { name: manifest.classes[finding]!, index: finding, of: manifest.classes.length } }),
  })

  const tried = tryGradients(bundle, parameters, finding)
  const chosen = { ...asked, attacks: withQueries(asked, tried.gradients, parameters) }
  const runs = runsOf({
    asked: chosen,
    bundle,
    parameters,
    gradients: tried.gradients,
    images: set.labels.length,
    pixels: sizeOf(target.imageShape),
    suspicion: bundle.purifier !== null && pipelineTarget(bundle, parameters.provider, finding).suspicion !== undefined,
  })
  if (runs.every(({ check }) => check)) throw new AssayError('invalid-arguments', 'None of the attacks can be made on this model under these threats; add square or spsa to the attacks.', { bundle: manifest.id })
  return {
    parameters,
    asked: chosen,
    bundle,
    compare,
    ...(source ? { source } : {}),
    ...(finding === undefined ? {} : { finding }),
    classes: target.classes,
    set,
    runs,
    defences: defenceNames(bundle, [...new Set(parameters.baselines)], compare),
    warnings: [...tried.warnings, ...[bundle, ...(source ? [source] : [])].flatMap(onProbabilities), ...(source && finding === undefined ? onOrder(bundle, source) : []), ...onIdleOptions(parameters, runs), ...onParameters(bundle, chosen, parameters)],
  }
}

function assertTransferable(target: AttackTarget, source: AttackTarget, id: string): void {
  if (target.imageShape.join() !== source.imageShape.join() || target.classes.length !== source.classes.length)
    throw new AssayError('invalid-arguments', `${id} has other images or classes than the bundle, so attacks on it do not transfer; choose another source.`, { bundle: id })
  // Transfer comes last: found out then, it would end the audit after all other attacks, without a report.
  const error = whyNoGradient(new GraphBuilder(), source)
  if (error) throw new AssayError('invalid-arguments', `${id} cannot be differentiated, so no transfer attack can be made on it; choose another source, or leave transfer out. ${error.message}`, { bundle: id }, { cause: error })
}

/** Options may be the same in a script for many audits, so that those of an attack that this one does not make are no error. */
function onIdleOptions({ options }: JobParameters['audit'], runs: readonly AuditRun[]): AuditWarning[] {
  const idle = Object.keys(options).filter((name) => !runs.some(({ attack }) => attack === name))
  return idle.map((name) => ({ code: 'option-idle', message: `An option of ${name} was given, and nothing in this audit is attacked by ${name}.` }))
}

/** Names that are not the bundle's leave the order alone to go by. */
function onOrder({ manifest: { classes } }: LoadedBundle, { manifest }: LoadedBundle): AuditWarning[] {
  if (!placesOf(classes, manifest.classes).includes(-1)) return []
  return [{ code: 'source-classes', message: `The classes of ${manifest.id} (${manifest.classes.join(', ')}) go by other names than those of the bundle (${classes.join(', ')}), and were taken to stand in the same order. If they do not, transfer attacks look weaker than they are.` }]
}

/** Errors by which a graph says that it has no gradient. */
const undifferentiable = new Set([...unfollowable, 'onnx-operator-not-differentiable'])

/** Writes the backward graph for one image, without running it. @returns why there is none, where there is none */
function whyNoGradient(g: GraphBuilder, target: AttackTarget): AssayError | undefined {
  try {
    lossAndGradient(g, target, 'cross-entropy', imageInput(g, target, 'x', 1))
    return undefined
  } catch (error) {
    if (error instanceof AssayError && undifferentiable.has(error.code)) return error
    throw error
  }
}

interface Tried {
  gradients: Gradients
  warnings: AuditWarning[]
}

/** Writes the backward graphs once, for one image, and runs none. */
function tryGradients(bundle: LoadedBundle, { provider, threat }: JobParameters['audit'], finding: number | undefined): Tried {
  const warnings = new Map<string, AuditWarning>()
  const attempt = (target: AttackTarget, what: string): boolean => {
    const g = new GraphBuilder()
    const error = whyNoGradient(g, target)
    if (error) warnings.set(what, { code: 'not-differentiable', message: `${what} cannot be differentiated, so attacks by gradients are left out and only those by queries are made. ${error.message}` })
    for (const warning of g.warnings) warnings.set(warning.message, { code: warning.code, message: warning.message })
    return error === undefined
  }
  const classifier = attempt(classifierTarget(bundle, provider, finding), 'The classifier')
  const asksPurifier = bundle.purifier !== null && (threat === undefined || threat.some((t) => t === 'adaptive' || t === 'blackbox'))
  const purifier = classifier && asksPurifier ? attempt(pipelineTarget(bundle, provider, finding), 'The purifier') : classifier
  return { gradients: { classifier, purifier }, warnings: [...warnings.values()] }
}

/** Where there are no gradients, attacks by queries take the place of those that need them. */
function withQueries({ attacks }: Asked, gradients: Gradients, parameters: JobParameters['audit']): Asked['attacks'] {
  if (gradients.classifier || attacks.some(({ access, name }) => access === 'queries' && name !== 'noise')) return attacks
  return [...attacks, ...askedOf({ ...parameters, preset: 'full', attacks: undefined }, true).attacks.filter(({ access }) => access === 'queries')]
}

function onParameters({ manifest, purifier }: LoadedBundle, { threats, attacks }: Asked, { alpha, checks }: JobParameters['audit']): AuditWarning[] {
  const warnings: AuditWarning[] = []
  const warn = (code: string, message: string): void => void warnings.push({ code, message })
  if (purifier && !threats.includes('adaptive'))
    warn('oblivious-only', 'No attacker here knows the purifier. Purifiers of this kind fall to one who does, so the accuracy behind the purifier flatters it; add the threat "adaptive".')
  if (threats.includes('adaptive') && !threats.includes('oblivious'))
    warn('adaptive-only', 'Attacks on the bare classifier were left out, though an attacker who knows the purifier could make them, too; add the threat "oblivious".')
  if (attacks.every(({ name }) => name === 'fgsm' || name === 'noise')) warn('weak-attacks', 'FGSM and noise alone say little about robustness; add pgd, or better autoattack.')
  const calibrated = manifest.detector?.calibration.scores.length
  if (calibrated !== undefined && calibrated < scansNeeded(alpha))
    warn('alpha-unreachable', `With ${calibrated} calibration scans the detector can flag nothing at an alpha of ${alpha}; calibrate on at least ${scansNeeded(alpha)}, or choose a larger alpha.`)
  if (!checks) warn('checks-off', 'The extra runs that look for masked gradients were switched off.')
  return warnings
}

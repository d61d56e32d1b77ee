/**
 * What an audit would do and how long it would take: the list of runs, and the pace of one small batch on each target.
 */
import { resolve } from 'node:path'
import type { AuditPlan, AuditRun } from '../../shared/audit'
import type { JobParameters } from '../../shared/job-parameters'
import type { Provider } from '../../shared/types'
import type { Passes } from '../attacks/attack'
import { CompiledTarget } from '../attacks/compiled-target'
import { labelsTensor, logitsProgram, lossGradientProgram } from '../attacks/programs'
import { findAttack } from '../attacks/registry'
import { Random } from '../tensor/random'
import { chunkSize } from './audit-folder'
import { beginningOf } from './beginning'
import { openEarlierAttacks } from './earlier-attacks'
import { prepareAudit, type Prepared } from './prepare'
import { attackTitle, targetKey, targetOf } from './runs'

/** Images of the batch that is timed. */
const timed = 8

interface Pace {
  provider: Provider
  /** Seconds per image. */
  forward: number
  gradient: number
}

/** Seconds per image of a second run, since the first compiles. */
async function paceOf(run: AuditRun, prepared: Prepared, gradients: boolean): Promise<Pace> {
  const { bundle, source, finding, parameters, set } = prepared
  const target = targetOf(run, { bundle, provider: parameters.provider, ...(source ? { source } : {}), ...(finding === undefined ? {} : { finding }) })
  const count = Math.max(1, Math.min(timed, parameters.batch, set.labels.length))
  const model = new CompiledTarget(target, count)
  try {
    const random = new Random('pace of an audit')
    const feeds = { x: model.images(Float32Array.from({ length: count * model.pixels }, () => random.next())), labels: labelsTensor(new Int32Array(count)) }
    const time = async (program: { run(given: typeof feeds): Promise<unknown> }): Promise<number> => {
      await program.run(feeds)
      const begun = performance.now()
      await program.run(feeds)
      return (performance.now() - begun) / 1000 / count
    }
    const forward = await time(logitsProgram(model))
    return { provider: model.ran.report().provider as Provider, forward, gradient: gradients ? await time(lossGradientProgram(model, 'cross-entropy')) : forward }
  } finally {
    await model.release()
  }
}

/** @throws AssayError like the audit itself would, before it begins */
export async function planAudit(parameters: JobParameters['audit'], { bundleFolders, version }: { bundleFolders: readonly string[]; version: string }): Promise<AuditPlan> {
  const prepared = await prepareAudit(parameters, bundleFolders)
  const { set, runs, classes, defences } = prepared
  const images = set.labels.length
  const paces = new Map<string, Pace>()
  for (const run of runs) {
    const key = targetKey(run)
    const same = runs.filter((other) => targetKey(other) === key)
    if (!paces.has(key)) paces.set(key, await paceOf(run, prepared, same.some(({ attack }) => findAttack(attack).access === 'gradients')))
  }
  // Every adversarial image is judged behind each defence twice; a purifier costs what the pipeline takes beyond the classifier.
  const [bare, whole] = [paces.get('oblivious')?.forward, paces.get('adaptive')?.forward]
  const purifiers = defences.filter((name) => name === 'purifier' || name.startsWith('bundle:')).length
  const judging = 2 * (defences.length * (bare ?? whole ?? 0) + purifiers * Math.max(0, (whole ?? 0) - (bare ?? 0)))
  const { provider } = [...paces.values()][0]!
  const earlier = parameters.attacked === undefined ? null : await openEarlierAttacks(resolve(parameters.attacked), await beginningOf(prepared, provider, version))
  /** How many of a run's images are attacked already. Those that are wrong without an attack are counted too: which they are is not known yet. */
  const takenBy = (run: AuditRun, chosen: readonly number[]): number => chosen.filter((image) => earlier?.holds(run, Math.floor(image / chunkSize))).length
  const planned = runs.map((run) => {
    const { forward, gradient, least = { forward, gradient } } = findAttack(run.attack).cost(run.options, classes.length)
    const pace = paces.get(targetKey(run))!
    const chosen = Array.from({ length: Math.ceil(images / (run.every ?? 1)) }, (_, i) => i * (run.every ?? 1))
    const taken = takenBy(run, chosen)
    const secondsOf = (passes: Passes): number => (chosen.length - taken) * (passes.forward * pace.forward + passes.gradient * pace.gradient) + chosen.length * judging
    return { run, title: attackTitle(run, classes.length), forward, gradient, taken, seconds: secondsOf({ forward, gradient }), secondsIfBroken: secondsOf(least) }
  })
  return {
    bundle: prepared.bundle.manifest.id,
    classes: [...classes],
    images,
    counts: classes.map((_, label) => set.labels.reduce((n, own) => n + Number(own === label), 0)),
    defences: [...defences],
    runs: planned.map(({ secondsIfBroken: _, ...run }) => run),
    passes: Math.ceil(planned.reduce((sum, { run, forward, gradient, taken }) => sum + (Math.ceil(images / (run.every ?? 1)) - taken) * (forward + gradient), 0)),
    seconds: planned.reduce((sum, { seconds }) => sum + seconds, 0),
    secondsIfBroken: planned.reduce((sum, { secondsIfBroken }) => sum + secondsIfBroken, 0),
    provider,
    warnings: [...prepared.warnings, ...(images < 100 ? [{ code: 'few-images', message: `Only ${images} images are chosen; intervals will be wide.` }] : [])],
  }
}

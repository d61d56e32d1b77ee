/** Audits taken up again: planned, listed, reported, and their images looked at one by one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditJob } from '../../../src/engine/audit/audit-job'
import { AuditDesk } from '../../../src/engine/audit/desk'
import { choose, examplesOf } from '../../../src/engine/audit/examples'
import { openAudit } from '../../../src/engine/audit/images'
import { updateManifest } from '../../../src/engine/bundle/write'
import { createEngine } from '../../../src/engine/index'
import type { JobDefinition } from '../../../src/engine/jobs/definition'
import { createJobRunner, type JobRunner } from '../../../src/engine/jobs/runner'
import { createByteStore } from '../../../src/engine/store'
import { decodeNpz, encodeNpz } from '../../../src/engine/tensor/npz'
import { int64 } from '../../../src/engine/tensor/tensor'
import type { AuditReport } from '../../../src/shared/audit'
import { calls } from '../../../src/shared/contract'
import { jobParameters } from '../../../src/shared/job-parameters'
import { side } from '../screening/tiny-bundle'
import { audit, workplace, type Ran, type Workplace } from './tiny-audit'

const run = 'adaptive/pgd/linf/6'
let place: Workplace
let whole: Ran
let desk: AuditDesk
const store = createByteStore()
const folder = (): string => join(place.home, 'out')
const floats = (id: string): Float32Array => {
  const { bytes } = store.get(id)
  return new Float32Array(bytes.slice().buffer)
}

beforeAll(async () => {
  place = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-desk-')), 16)
  whole = await audit(place, 'out', { attacks: ['pgd'], eps: [6 / 255], checks: false, baselines: [] })
  desk = new AuditDesk({ dataFolder: join(place.home, 'data'), bundleFolders: [join(place.home, 'bundles')], version: 'test' }, store)
})
afterAll(async () => {
  await desk.close()
  rmSync(place.home, { recursive: true, force: true })
})

describe('an audit of the past', () => {
  it('is reported from its folder as it was when it ended', async () => {
    expect(await desk.report({ folder: folder() })).toEqual(whole.report)
  })

  it('gives the images of a run with what became of them', async () => {
    const images = await desk.images({ folder: folder(), run })
    expect(images).toHaveLength(16)
    expect(images.filter(({ attacked }) => attacked)).toHaveLength(whole.report.runs.find((row) => row.run === run)!.attacked)
    await expect(desk.images({ folder: folder(), run: 'no/such/run' })).rejects.toMatchObject({ code: 'result-not-found' })
  })

  it('shows any image as it was, attacked, purified, and what was added', async () => {
    const { image } = (await desk.images({ folder: folder(), run })).find(({ attacked }) => attacked)!
    const view = calls['audit.image'].output.parse(await desk.image({ folder: folder(), run, image }))
    expect(view).toMatchObject({ title: 'PGD', classes: ['smooth', 'noisy'], record: { image }, clean: { width: side, height: side, samples: 1, dtype: 'float32' } })
    const [clean, attacked, difference] = [view.clean, view.attacked!, view.difference!].map(({ id }) => floats(id))
    difference!.forEach((d, i) => expect(d).toBe(Math.fround(attacked![i]! - clean![i]!)))
    expect(view.difference!.max).toBeLessThanOrEqual((6 / 255) * 1.0001)
    // The purifier of the tiny bundle is the mean over 3 × 3 pixels.
    const mean = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => attacked![(5 + dy) * side + 5 + dx]!)).reduce((a, b) => a + b) / 9
    expect(floats(view.purified!.id)[5 * side + 5]).toBeCloseTo(mean, 5)
    const { x, image: numbers } = decodeNpz(readFileSync(join(folder(), 'adversarial', run, '00000.npz')))
    const at = Array.from(numbers!.data, Number).indexOf(image)
    expect((x!.data as Float32Array).slice(at * side * side, (at + 1) * side * side)).toEqual(attacked)
  })

  it('has examples that are wrong behind the defence that they name, the classes in turn', async () => {
    const examples = await examplesOf(await openAudit(folder()), 4, { purified: (x) => Promise.resolve(x) })
    expect(examples).toHaveLength(4)
    for (const { image, record, defence, clean, attacked, difference, purified } of examples) {
      expect(record.attacked.predicted[defence]).not.toBe(image.label)
      expect(difference).toEqual(attacked.map((v, i) => v - clean[i]!))
      expect(purified).toHaveLength(side * side)
    }
  })

  it('says so where the folder is none, and where the bundle is no longer the one that was audited', async () => {
    await expect(desk.report({ folder: place.home })).rejects.toMatchObject({ code: 'result-not-found' })
    await expect(desk.report({ jobId: 'nothing' })).rejects.toMatchObject({ code: 'job-not-found' })
    await expect(desk.report({})).rejects.toMatchObject({ code: 'job-not-found' })
    const fresh = new AuditDesk({ dataFolder: place.home, bundleFolders: [], version: 'test' }, store)
    await updateManifest(place.bundle, (manifest) => ({ ...manifest, input: { ...manifest.input, std: [2] } }))
    const { image } = (await fresh.images({ folder: folder(), run })).find(({ attacked }) => attacked)!
    await expect(fresh.image({ folder: folder(), run, image })).rejects.toMatchObject({ code: 'bundle-hash-mismatch' })
    await updateManifest(place.bundle, (manifest) => ({ ...manifest, input: { ...manifest.input, std: [1] } }))
  })
})

describe('an image of a run', () => {
  const counted = (): string => join(place.home, 'counted')
  let report: AuditReport
  beforeAll(async () => {
    // Two images whose labels are wrong, so that the classifier is, from the start.
    const { x, y } = decodeNpz(readFileSync(place.data))
    const labels = Array.from(y!.data, Number).map((label, i) => (i === 4 || i === 9 ? 1 - label : label))
    const data = join(place.home, 'mislabelled.npz')
    writeFileSync(data, encodeNpz({ x: x!, y: int64([labels.length], labels) }))
    ;({ report } = await audit({ ...place, data }, 'counted', { attacks: ['fgsm', 'deepfool'], eps: [0.2 / 255, 2 / 255, 6 / 255], checks: false, baselines: [] }))
  })

  it('is told to be what its row counts it as, at every strength', async () => {
    const fates = new Set<string>()
    for (const row of report.runs) {
      const images = await desk.images({ folder: counted(), run: row.run, eps: row.eps })
      const count = (...wanted: string[]): number => images.filter(({ fate }) => wanted.includes(fate)).length
      expect(count('broken', 'evaded', 'wrong'), `${row.run} at ${row.eps}`).toBe(report.n - row.robust['purifier']!.count)
      expect(count('evaded'), `${row.run} at ${row.eps}`).toBe(row.evaded!.count)
      expect(count('wrong')).toBe(report.n - report.clean['purifier']!.count)
      for (const { fate } of images) fates.add(fate)
    }
    expect([...fates].sort()).toEqual(expect.arrayContaining(['beyond', 'resisted', 'wrong']))
  })

  it('can be looked at even where it was wrong from the start and not attacked', async () => {
    const { run } = report.runs[0]!
    const untouched = (await desk.images({ folder: counted(), run })).filter(({ attacked }) => !attacked)
    expect(untouched.map(({ image, fate }) => [image, fate])).toEqual([[4, 'wrong'], [9, 'wrong']])
    const view = calls['audit.image'].output.parse(await desk.image({ folder: counted(), run, image: 4 }))
    expect(view).toMatchObject({ record: { image: 4, fate: 'wrong' }, attacked: null, difference: null, clean: { width: side } })
    expect(view.purified).not.toBeNull()
  })

  it('is no example where the change that made it wrong is larger than the strength', async () => {
    const { report: small } = await audit(place, 'small', { attacks: ['deepfool'], eps: [0.2 / 255], threat: ['oblivious'], checks: false, baselines: [] })
    const opened = await openAudit(join(place.home, 'small'))
    expect(small.runs).toHaveLength(1)
    expect(choose(opened, 99)).toHaveLength(small.clean['none']!.count - small.runs[0]!.robust['none']!.count)
  })
})

describe('the plan', () => {
  it('names the runs that the audit makes, and what they cost', async () => {
    const plan = await desk.plan(jobParameters.audit.parse({ bundle: place.bundle, data: place.data, attacks: ['pgd'], eps: [6 / 255], baselines: [], checks: false, provider: 'cpu' }))
    expect(calls['audit.plan'].output.parse(plan)).toEqual(plan)
    expect(plan.runs.filter(({ run: { check } }) => !check).map(({ run: { id } }) => id)).toEqual(whole.report.runs.map((row) => row.run))
    expect(plan).toMatchObject({ images: 16, counts: [8, 8], defences: ['none', 'purifier'], provider: 'cpu' })
    expect(plan.runs[0]).toMatchObject({ forward: 0, gradient: 40 })
    expect(plan.seconds).toBeGreaterThan(0)
    expect(plan.secondsIfBroken).toBe(plan.seconds)
    expect(plan.warnings.map(({ code }) => code)).toContain('few-images')
  })

  it('says how much shorter AutoAttack is where its first attack breaks every image', async () => {
    const plan = await desk.plan(jobParameters.audit.parse({ bundle: place.bundle, data: place.data, attacks: ['autoattack'], eps: [6 / 255], threat: ['oblivious'], baselines: [], checks: false, provider: 'cpu' }))
    expect(plan.secondsIfBroken).toBeGreaterThan(0)
    expect(plan.secondsIfBroken).toBeLessThan(plan.seconds / 5)
  })

  it('counts no attack on what an earlier audit has attacked', async () => {
    const asked = { bundle: place.bundle, data: place.data, attacks: ['pgd', 'fgsm'], eps: [6 / 255], options: { pgd: { steps: 5 } }, seed: 3, baselines: [], checks: false, provider: 'cpu' }
    const plan = (more: object) => desk.plan(jobParameters.audit.parse({ ...asked, ...more }))
    const [anew, spared] = [await plan({}), await plan({ attacked: folder() })]
    const named = (name: string) => ({ run }: { run: { attack: string; variant?: string | undefined } }) => run.attack === name && !run.variant
    expect(spared.runs.filter(named('pgd')).map(({ taken }) => taken)).toEqual([16, 16])
    expect([...anew.runs, ...spared.runs.filter(named('fgsm'))].every(({ taken }) => taken === 0)).toBe(true)
    // One step each is left, of FGSM by either attacker; PGD and the joint attack were made.
    expect(spared.passes).toBe(2 * 16)
    expect(anew.passes).toBeGreaterThan(2 * 16 * 5)
    await expect(plan({ attacked: folder(), seed: 9 })).rejects.toMatchObject({ code: 'invalid-arguments' })
  })
})

describe('through the contract', () => {
  it('an audit is started, found again by its job, and listed', async () => {
    const engine = createEngine({ version: 'test', dataFolder: join(place.home, 'own'), bundleFolders: [join(place.home, 'bundles')], samplesFolder: '' })
    try {
      const parameters = jobParameters.audit.parse({ bundle: 'tiny', data: place.data, attacks: ['fgsm'], eps: [6 / 255], threat: ['oblivious'], baselines: [], checks: false, provider: 'cpu' })
      const { id: jobId } = await engine.call('jobs.start', { kind: 'audit', parameters })
      const { result, exitCode, job } = await engine.call('jobs.wait', { jobId })
      expect({ exitCode, state: job.state, error: job.error }).toMatchObject({ exitCode: 0, state: 'done' })
      expect(await engine.call('audit.report', { jobId })).toEqual(result)
      expect(await engine.call('audit.list', {})).toMatchObject([{ jobId, state: 'done', bundle: 'tiny', data: place.data }])
      const attacks = await engine.call('attacks.list', { norm: 'linf', epsilon: 4 / 255 })
      expect(attacks.find(({ name }) => name === 'pgd')!.parameters.find(({ name }) => name === 'stepSize')!.standard).toBeCloseTo(1 / 255, 12)
    } finally {
      await engine.stop()
    }
  })
})

const asked = () => jobParameters.audit.parse({ bundle: place.bundle, data: place.data, attacks: ['fgsm'], eps: [8 / 255], threat: ['oblivious'], provider: 'cpu', checks: false })
/** Waits until it is let go, as an audit before its first line does. */
function held(): { definition: JobDefinition<'audit'>; release: () => void } {
  let release = (): void => undefined
  const gate = new Promise<void>((done) => (release = done))
  return { definition: { ...auditJob, run: () => gate.then(() => ({ result: null, exitCode: 0 as const })) }, release }
}

describe('the audits of this machine', () => {
  let runner: JobRunner
  let own: AuditDesk
  beforeEach(() => {
    const places = { version: 'test', dataFolder: mkdtempSync(join(place.home, 'data-')), bundleFolders: [join(place.home, 'bundles')], samplesFolder: '' }
    runner = createJobRunner(places, () => undefined)
    own = new AuditDesk(places, store)
  })

  it('are listed with the state that they are in, one that runs among them', async () => {
    const { definition, release } = held()
    const { id } = await runner.start(definition, asked())
    await expect.poll(async () => (await own.list(await runner.list()))[0]?.state).toBe('running')
    expect(await own.report({ jobId: id }), 'nothing was written yet').toBeNull()
    release()
    await runner.wait(id)
    expect((await own.list(await runner.list())).map(({ jobId, state }) => [jobId, state])).toEqual([[id, 'done']])
    await expect(own.report({ jobId: id })).rejects.toMatchObject({ code: 'result-not-found' })
  })

  it('keep their place and their results when another is asked for in the folder of one, and refused', async () => {
    const shared = { ...asked(), out: join(mkdtempSync(join(place.home, 'shared-')), 'audit') }
    const first = await runner.start(auditJob, shared)
    await runner.wait(first.id)
    // Jobs are in the order of their ids, which tell the second.
    await sleep(1000 - (Date.now() % 1000))
    const second = await runner.start(auditJob, { ...shared, seed: 7 })
    expect((await runner.wait(second.id)).job).toMatchObject({ state: 'failed', error: { code: 'invalid-arguments' } })
    expect((await own.list(await runner.list())).map(({ jobId, state }) => [jobId, state])).toEqual([[second.id, 'failed'], [first.id, 'done']])
    expect((await own.report({ jobId: first.id }))!.seed).toBe(0)
    expect(await own.report({ jobId: second.id }), 'what is there is not its own').toBeNull()
    await runner.stop()
  })

  it('stay listed however many other jobs came after them', async () => {
    const { id } = await runner.start(auditJob, asked())
    await runner.wait(id)
    const idle: JobDefinition<'calibrate'> = { kind: 'calibrate', title: () => '', run: () => Promise.resolve({ result: null, exitCode: 0 }) }
    for (let n = 0; n < 60; n++) await runner.start(idle, jobParameters.calibrate.parse({ bundle: place.bundle, data: place.data }))
    expect((await own.list(await runner.list())).map(({ jobId }) => jobId)).toEqual([id])
    await runner.stop()
  })
})

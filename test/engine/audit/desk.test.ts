/** Audits taken up again from their jobs, by the desk that the interface asks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditJob } from '../../../src/engine/audit/audit-job'
import { AuditDesk } from '../../../src/engine/audit/desk'
import type { JobDefinition } from '../../../src/engine/jobs/definition'
import { createJobRunner, type JobRunner } from '../../../src/engine/jobs/runner'
import { createByteStore } from '../../../src/engine/store'
import { auditImageSchema } from '../../../src/shared/audit'
import { jobParameters } from '../../../src/shared/job-parameters'
import { workplace, type Workplace } from './tiny-audit'

let place: Workplace
let runner: JobRunner
let desk: AuditDesk
const bytes = createByteStore()

beforeAll(async () => {
  place = await workplace(mkdtempSync(join(tmpdir(), 'assay-desk-')), 8)
})
afterAll(() => rmSync(place.home, { recursive: true, force: true }))
beforeEach(() => {
  const places = { version: 'test', dataFolder: mkdtempSync(join(place.home, 'data-')), bundleFolders: [join(place.home, 'bundles')], samplesFolder: '' }
  runner = createJobRunner(places, () => undefined)
  desk = new AuditDesk(places, bytes)
})

const asked = () => jobParameters.audit.parse({ bundle: place.bundle, data: place.data, attacks: ['fgsm'], eps: [8 / 255], threat: ['oblivious'], provider: 'cpu', checks: false })
/** Waits until it is let go, as an audit before its first line does. */
function held(): { definition: JobDefinition<'audit'>; release: () => void } {
  let release = (): void => undefined
  const gate = new Promise<void>((done) => (release = done))
  return { definition: { ...auditJob, run: () => gate.then(() => ({ result: null, exitCode: 0 as const })) }, release }
}

describe('the audits of this machine', () => {
  it('are listed with the state that they are in, one that runs among them', async () => {
    const { definition, release } = held()
    const { id } = await runner.start(definition, asked())
    await expect.poll(async () => (await desk.list(await runner.list()))[0]?.state).toBe('running')
    expect(await desk.report({ jobId: id }), 'nothing was written yet').toBeNull()
    release()
    await runner.wait(id)
    expect((await desk.list(await runner.list())).map(({ jobId, state }) => [jobId, state])).toEqual([[id, 'done']])
    await expect(desk.report({ jobId: id })).rejects.toMatchObject({ code: 'result-not-found' })
  })

  it('stay listed however many other jobs came after them', async () => {
    const { id } = await runner.start(auditJob, asked())
    await runner.wait(id)
    const idle: JobDefinition<'calibrate'> = { kind: 'calibrate', title: () => '', run: () => Promise.resolve({ result: null, exitCode: 0 }) }
    for (let n = 0; n < 60; n++) await runner.start(idle, jobParameters.calibrate.parse({ bundle: place.bundle, data: place.data }))
    expect((await desk.list(await runner.list())).map(({ jobId }) => jobId)).toEqual([id])
    await runner.stop()
  })

  it('are looked at image by image, and an image shows what the attack changed', async () => {
    const { id } = await runner.start(auditJob, asked())
    await runner.wait(id)
    const report = (await desk.report({ jobId: id }))!
    expect([report.n, report.partial]).toEqual([8, false])
    const run = report.runs[0]!.run
    const images = await desk.images({ jobId: id, run })
    expect(images.map((image) => auditImageSchema.parse(image).image)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    const view = await desk.image({ jobId: id, run, image: 3 })
    const plane = ({ id: handle }: { id: string }): Float32Array => new Float32Array(bytes.get(handle)!.bytes.slice().buffer)
    const [clean, attacked, difference] = [plane(view.clean), plane(view.attacked), plane(view.difference)]
    attacked.forEach((value, i) => expect(difference[i]).toBeCloseTo(value - clean[i]!, 6))
    expect(Math.max(...difference.map(Math.abs))).toBeCloseTo(view.record.linf!, 6)
    await desk.close()
  })
})

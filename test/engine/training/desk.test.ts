/** What is left of a training in its job's folder, and how the interface finds it again: lists, curves, sample images. */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { createJobFolder, writeRecord, writeResult } from '../../../src/engine/jobs/records'
import { createByteStore } from '../../../src/engine/store'
import { TrainingDesk } from '../../../src/engine/training/desk'
import { TrainingRecord } from '../../../src/engine/training/record'
import { answersOf, chooseSamples, keepsPictures, type SampleImages } from '../../../src/engine/training/samples'
import type { LabelledImages } from '../../../src/engine/training/training-data'
import { jobParameters } from '../../../src/shared/job-parameters'
import { paceGroup } from '../../../src/shared/training-pace'
import type { Job } from '../../../src/shared/types'
import { aJob } from '../../support/scripted-service'

let home: string
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'assay-desk-'))))
afterEach(() => rm(home, { recursive: true, force: true }))

/** Six grey images of 2 × 2: the value says which, the first four are of class 0. */
const images: LabelledImages = {
  x: Float32Array.from({ length: 24 }, (_, i) => Math.floor(i / 4) / 10),
  labels: Int32Array.of(0, 0, 0, 0, 1, 1),
  size: { channels: 1, height: 2, width: 2 },
  classes: ['clear', 'opacity'],
}

const begin = { epochs: 3, stepsPerEpoch: 10, images: 80, validationImages: 20, input: { width: 2, height: 2, channels: 1 as const }, classes: images.classes, reference: {} }

/** A purifier whose output is the weights' only number everywhere. */
function samplesOf(): SampleImages {
  const chosen = chooseSamples(images)
  return {
    images: chosen,
    attacked: chosen.x.map((v) => v + 0.1),
    epsilon: 0.1,
    look: async (weights) => ({ purified: new Float32Array(chosen.x.length).fill(weights[0]!), answers: { clean: answersOf(Float32Array.of(0, 0, 0, 0, 0, 0, 0, Math.log(3)), 4) } }),
  }
}

async function job(id: string, changes: Partial<Job> = {}, parameters: object = {}): Promise<JobContext & { events: unknown[] }> {
  const folder = await createJobFolder(home, id)
  const asked = jobParameters['train-purifier'].parse({ bundle: 'chest', data: '/data/train', out: `${home}/bundles/chest-local`, name: 'Chest, local', ...parameters })
  await writeRecord(folder, { format: 'assay-job/1', job: aJob({ id, kind: 'train-purifier', state: 'cancelled', endedAt: 2, ...changes }), parameters: asked, versions: {}, processId: process.pid, exitCode: 1 })
  const events: unknown[] = []
  return { jobId: id, signal: new AbortController().signal, places: { version: 'test', dataFolder: home, bundleFolders: [], samplesFolder: '' }, folder, progress: () => undefined, emit: (event) => void events.push(event), events }
}

const state = (epoch: number, bestEpoch: number) => ({ step: 10 * epoch, averaged: Float32Array.of(epoch / 10), bestEpoch })
const desk = () => new TrainingDesk({ dataFolder: home }, createByteStore())

describe('sample images', () => {
  it('are of all classes in turn, the same ones for attacked images of the same order', () => {
    const { x, labels } = chooseSamples(images)
    expect([...labels]).toEqual([0, 1, 0, 1])
    expect([x[0], x[4], x[8], x[12]].map((v) => Math.round(v! * 10))).toEqual([0, 4, 1, 5])
    expect(chooseSamples({ ...images, x: images.x.map((v) => v + 0.05) }).labels).toEqual(labels)
    expect(chooseSamples(images, 10).labels).toHaveLength(6)
  })
  it('have the answers of a softmax', () => {
    expect(answersOf(Float32Array.of(Math.log(3), 0, 0, Math.log(9)), 2)).toEqual([
      { label: 0, probability: expect.closeTo(0.75, 6) as number },
      { label: 1, probability: expect.closeTo(0.9, 6) as number },
    ])
  })
  it('are kept of the first, the last and the best epochs, and of some of a long training', () => {
    expect([1, 2, 3, 4, 5].map((epoch) => keepsPictures(epoch, 5, false))).toEqual([true, true, true, true, true])
    const kept = Array.from({ length: 100 }, (_, i) => i + 1).filter((epoch) => keepsPictures(epoch, 100, epoch === 50))
    expect(kept.length).toBeLessThanOrEqual(18)
    for (const epoch of [1, 50, 100]) expect(kept).toContain(epoch)
  })
})

describe('a training', () => {
  it('is found again with its curves and sample images', async () => {
    const context = await job('20260101-000000-a')
    const record = await TrainingRecord.open(context, begin, samplesOf(), null)
    record.step(3, 0.8)
    // Epochs that take no time have no pace.
    await setTimeout(5)
    await record.epoch({ epoch: 1, loss: 0.7, validationAccuracy: 0.9 }, state(1, 1))
    await setTimeout(5)
    await record.epoch({ epoch: 2, loss: 0.6, validationAccuracy: 0.8 }, state(2, 1))
    await record.close()

    const opened = await desk().open(context.jobId, undefined, [])
    expect(opened.steps).toEqual([{ kind: 'step', step: 3, loss: 0.8 }])
    expect(opened.epochs.map(({ epoch, best, metrics }) => [epoch, best, metrics['loss'], metrics['validationAccuracy']])).toEqual([[1, true, 0.7, 0.9], [2, false, 0.6, 0.8]])
    expect(opened.epochs[0]!.answers['clean']![3]).toEqual({ label: 1, probability: expect.closeTo(0.75, 5) as number })
    expect(opened.summary).toMatchObject({ name: 'Chest, local', from: 'chest', state: 'cancelled', epochs: 3, epochsDone: 2, pace: { images: 80, pixels: 4, group: paceGroup('train-purifier', opened.parameters, 1) } })
    expect(context.events.map((event) => (event as { payload: { epoch: number | null } }).payload.epoch)).toEqual([null, 1, 2])

    const bytes = createByteStore()
    const { images: shown } = await new TrainingDesk({ dataFolder: home }, bytes).samples({ jobId: context.jobId, epoch: 2 })
    const values = (plane: { id: string } | null) => [...new Float32Array(Uint8Array.from(bytes.get(plane!.id).bytes).buffer)]
    expect(shown.map(({ label }) => label)).toEqual([0, 1, 0, 1])
    expect(values(shown[1]!.clean)[0]).toBeCloseTo(0.4, 4)
    expect(values(shown[1]!.attacked)[0]).toBeCloseTo(0.5, 4)
    expect(values(shown[1]!.purified)[0]).toBeCloseTo(0.2, 4)
    expect(values(shown[1]!.difference)[0]).toBeCloseTo(-0.2, 4)
    await expect(desk().samples({ jobId: context.jobId, epoch: 3 })).rejects.toMatchObject({ code: 'result-not-found' })
  })

  it('that is followed is told of by what is new alone, and what was read is not read again', async () => {
    const context = await job('20260101-000000-a')
    const record = await TrainingRecord.open(context, begin, samplesOf(), null)
    record.step(3, 0.8)
    await record.epoch({ epoch: 1, loss: 0.7 }, state(1, 1))
    const following = desk()
    const first = await following.open(context.jobId, undefined, [])
    expect([first.follows, first.steps.length, first.epochs.length, first.read]).toEqual([false, 1, 1, { record: context.jobId, lines: 3 }])
    expect(await following.open(context.jobId, first.read, [])).toMatchObject({ follows: true, steps: [], epochs: [], begin: { images: 80 }, read: first.read })

    // Whoever read the first line again would make nothing of it.
    const file = await open(join(context.folder, 'training.jsonl'), 'r+')
    await file.write('#', 0)
    await file.close()
    await record.epoch({ epoch: 2, loss: 0.6 }, state(2, 2))
    await record.close()
    const then = await following.open(context.jobId, first.read, [])
    expect(then).toMatchObject({ follows: true, steps: [], epochs: [{ epoch: 2 }], summary: { epochsDone: 2 }, read: { lines: 4 } })
    // Somebody else, who has read nothing yet.
    expect(await following.open(context.jobId, undefined, [])).toMatchObject({ follows: false, steps: [{ step: 3 }], epochs: [{ epoch: 1 }, { epoch: 2 }] })
  })

  it('that goes on is told of anew once it has a record of its own', async () => {
    const before = await TrainingRecord.open(await job('20260101-000000-a'), begin, samplesOf(), null)
    await before.epoch({ epoch: 1, loss: 0.7 }, state(1, 1))
    // After the last checkpoint, so that it is learned again.
    await before.epoch({ epoch: 2, loss: 9 }, state(2, 2))
    await before.close()
    const context = await job('20260102-000000-b', {}, { resume: true })
    const following = desk()
    const { read, epochs } = await following.open(context.jobId, undefined, [])
    expect([read, epochs.length]).toEqual([{ record: '20260101-000000-a', lines: 3 }, 2])
    const record = await TrainingRecord.open(context, begin, samplesOf(), { step: 15, history: [{ epoch: 1, loss: 0.7 }], bestEpoch: 1 })
    await record.close()
    expect(await following.open(context.jobId, read, [])).toMatchObject({ follows: false, epochs: [{ epoch: 1 }], read: { record: context.jobId, lines: 2 } })
  })

  it('that goes on has the curves and pictures of the job before, up to its checkpoint, and takes its place in the list', async () => {
    const before = await job('20260101-000000-a')
    const first = await TrainingRecord.open(before, begin, samplesOf(), null)
    await first.epoch({ epoch: 1, loss: 0.7 }, state(1, 1))
    // After the last checkpoint, so that it is learned again.
    await first.epoch({ epoch: 2, loss: 9 }, state(2, 2))
    await first.close()
    const after = await job('20260102-000000-b', {}, { resume: true })
    const second = await TrainingRecord.open(after, begin, samplesOf(), { step: 15, history: [{ epoch: 1, loss: 0.7 }], bestEpoch: 1 })
    await second.epoch({ epoch: 2, loss: 0.6 }, state(2, 2))
    await second.close()

    const opened = await desk().open(after.jobId, undefined, [])
    expect(opened.epochs.map(({ epoch, metrics }) => [epoch, metrics['loss']])).toEqual([[1, 0.7], [2, 0.6]])
    expect((await desk().samples({ jobId: after.jobId, epoch: 1 })).images).toHaveLength(4)
    expect((await desk().list([])).map(({ jobId }) => jobId)).toEqual([after.jobId])
  })

  it('that goes on from within an epoch does not have it measured yet, though it was to end there', async () => {
    const first = await TrainingRecord.open(await job('20260101-000000-a'), begin, samplesOf(), null)
    first.step(3, 0.8)
    await first.epoch({ epoch: 1, loss: 0.7 }, { ...state(1, 1), step: 3 })
    await first.close()
    const after = await job('20260102-000000-b', {}, { resume: true })
    await (await TrainingRecord.open(after, begin, samplesOf(), { step: 3, history: [], bestEpoch: 0 })).close()
    expect(await desk().open(after.jobId, undefined, [])).toMatchObject({ steps: [{ step: 3 }], epochs: [] })
  })

  it('goes on with the curve in its checkpoint where the record of the job before is gone', async () => {
    const context = await job('20260102-000000-b', {}, { resume: true })
    const record = await TrainingRecord.open(context, begin, samplesOf(), { step: 30, history: [{ epoch: 1, loss: 0.7 }, { epoch: 2, loss: 0.5 }, { epoch: 3, loss: 0.6 }], bestEpoch: 2 })
    await record.close()
    expect((await desk().open(context.jobId, undefined, [])).epochs.map(({ epoch, step, best, metrics, pictures }) => [epoch, step, best, metrics['loss'], pictures])).toEqual([[1, 10, false, 0.7, false], [2, 20, true, 0.5, false], [3, 30, false, 0.6, false]])
  })

  it('that is stopped again before it has read its images keeps its curves and pictures, and hands them on', async () => {
    const first = await TrainingRecord.open(await job('20260101-000000-a'), begin, samplesOf(), null)
    await setTimeout(5)
    await first.epoch({ epoch: 1, loss: 0.7 }, state(1, 1))
    await first.close()
    const stopped = await job('20260102-000000-b', {}, { resume: true })
    expect(await desk().open(stopped.jobId, undefined, [])).toMatchObject({ epochs: [{ epoch: 1, best: true, metrics: { loss: 0.7 } }], summary: { jobId: stopped.jobId, epochsDone: 1, epochs: 3, pace: { images: 80 } } })
    expect(await desk().list([])).toMatchObject([{ jobId: stopped.jobId, epochsDone: 1 }])
    expect((await desk().samples({ jobId: stopped.jobId, epoch: 1 })).images[0]!.purified).not.toBeNull()

    const third = await job('20260103-000000-c', {}, { resume: true })
    const record = await TrainingRecord.open(third, begin, samplesOf(), { step: 10, history: [{ epoch: 1, loss: 0.7 }], bestEpoch: 1 })
    await record.close()
    const { epochs } = await desk().open(third.jobId, undefined, [])
    expect(epochs).toMatchObject([{ epoch: 1, best: true, answers: { clean: expect.anything() as unknown }, pictures: true }])
    expect(epochs[0]!.seconds).toBeGreaterThan(0)
    expect((await desk().samples({ jobId: third.jobId, epoch: 1 })).images[0]!.purified).not.toBeNull()
  })

  it('that begins where another came to its end has no curves of that one', async () => {
    const first = await TrainingRecord.open(await job('20260101-000000-a', { state: 'done' }), begin, samplesOf(), null)
    await first.epoch({ epoch: 1, loss: 0.7 }, state(1, 1))
    await first.close()
    await job('20260102-000000-b', {}, { resume: true })
    expect((await desk().open('20260102-000000-b', undefined, [])).epochs).toEqual([])
  })

  it('that begins anew in the same place is another one', async () => {
    await job('20260101-000000-a')
    await job('20260102-000000-b')
    await job('20260103-000000-c', {}, { resume: true })
    expect((await desk().list([])).map(({ jobId }) => jobId)).toEqual(['20260103-000000-c', '20260101-000000-a'])
  })

  it('that came to its end stays in the list whatever was asked to go on with it later, and what led to it does not come back', async () => {
    await job('20260101-000000-a')
    await job('20260102-000000-b', { state: 'done' }, { resume: true })
    await job('20260103-000000-c', { state: 'failed' }, { resume: true })
    await job('20260104-000000-d', { state: 'queued', endedAt: null }, { resume: true })
    expect((await desk().list([])).map(({ jobId }) => jobId)).toEqual(['20260104-000000-d', '20260102-000000-b'])
  })

  it('warns from the start, and of its result once it is done; records from before that have no warnings', async () => {
    const context = await job('20260101-000000-a')
    const record = await TrainingRecord.open(context, { ...begin, warnings: ['Few images.'] }, samplesOf(), null)
    await record.close()
    expect((await desk().open(context.jobId, undefined, [])).warnings).toEqual(['Few images.'])
    await job(context.jobId, { state: 'done' })
    await writeResult(context.folder, { warnings: ['Few images.', 'Few scans.'] })
    expect((await desk().open(context.jobId, undefined, [])).warnings).toEqual(['Few images.', 'Few scans.'])
    const older = await job('20260102-000000-b')
    await (await TrainingRecord.open(older, begin, samplesOf(), null)).close()
    expect((await desk().open(older.jobId, undefined, [])).warnings).toEqual([])
  })

  it('is asked to go on with what it was asked before', async () => {
    await job('20260101-000000-a', {}, { epochs: 3, seed: 7, resume: true, finish: true })
    expect(await desk().resumed('20260101-000000-a')).toMatchObject({ kind: 'train-purifier', parameters: { epochs: 3, seed: 7, resume: true, finish: false, out: `${home}/bundles/chest-local` } })
    await expect(desk().resumed('20260101-000000-x')).rejects.toMatchObject({ code: 'job-not-found' })
  })

  it('tells its bundle, its table and the files that it could not read once it is done; scans are no trainings', async () => {
    const { folder } = await job('20260101-000000-a', { state: 'done' })
    const beforeAfter = { part: 'validation' as const, images: 20, steps: 10, rows: [] }
    await writeResult(folder, { bundle: 'chest-local', beforeAfter, warnings: ['Few scans.'], unreadable: [{ path: 'a.dcm', code: 'file-empty', message: 'Empty.' }] })
    expect(await desk().open('20260101-000000-a', undefined, [])).toMatchObject({ bundle: 'chest-local', beforeAfter, warnings: ['Few scans.'], unreadable: [{ path: 'a.dcm' }], begin: null })
    await job('20260102-000000-b', { kind: 'scan' })
    expect(await desk().list([])).toHaveLength(1)
    await expect(desk().open('20260102-000000-b', undefined, [])).rejects.toMatchObject({ code: 'job-not-found' })
  })
})

/**
 * The engine's facade: answers the contract, wherever it runs. Fronts reach it through a worker (thread.ts, or
 * Electron's utility process) and never call the rooms behind it.
 */
import type { AnyEvent, CallName, CallOutput } from '../shared/contract'
import type { EngineService, ParsedInput } from '../shared/rpc'
import type { Job, JobKind } from '../shared/types'
import { AuditDesk } from './audit/desk'
import { isInterruptedAudit } from './audit/interrupted'
import { BatchDesk } from './batch/batch-desk'
import { ScreeningDesk } from './batch/desk'
import { outputOfRecord } from './batch/result-ids'
import { isUnfinishedBatch } from './batch/unfinished'
import { planCalibration } from './calibration/plan'
import { rememberedDevices } from './devices/devices-job'
import { openChooser } from './devices/open-chooser'
import { HistoryDesk } from './history/desk'
import { closeDecoders } from './image/files'
import { jobDefinitions } from './job-definitions'
import type { EnginePlaces } from './jobs/definition'
import { listRecords } from './jobs/records'
import { createJobRunner } from './jobs/runner'
import { expiredJobs, removeExpiredJobs } from './jobs/retention'
import type { Retention } from './jobs/retention'
import { presentProviders } from './runtime/providers'
import { chooseAutoWith } from './runtime/session'
import { ModelsDesk } from './models/desk'
import { listSamples } from './samples'
import { SettingsStore } from './settings/store'
import { createByteStore } from './store'
import { TrainingDesk } from './training/desk'
import { isUnfinished } from './training/place'

export interface Engine extends EngineService {
  /** Cancels what runs and resolves when its records are written. */
  stop(): Promise<void>
}

type Handlers = { [K in CallName]: (input: ParsedInput<K>) => Promise<CallOutput<K>> }

export function createEngine(places: EnginePlaces): Engine {
  const listeners = new Set<(event: AnyEvent) => void>()
  const emit = (event: AnyEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const store = createByteStore()
  const runner = createJobRunner(places, emit)
  const desk = new ScreeningDesk(places, store)
  const batches = new BatchDesk(places, store)
  const history = new HistoryDesk(places.dataFolder, (jobId, line) => batches.pathOf(jobId, line))
  chooseAutoWith({
    choose: async (model, candidates) => (await openChooser(places)).choose(model, candidates),
    objection: async (provider, model) => (await openChooser(places)).objection(provider, model),
  })
  const audits = new AuditDesk(places, store)
  const models = new ModelsDesk(places, store, async () => {
    const live = runner.live()
    // Those of another Assay have not ended in their records, either.
    const busy = (await listRecords(places.dataFolder)).filter(({ job }) => live.has(job.id) || job.endedAt === null)
    return busy.map(({ job: { title }, parameters }) => ({ title, parameters }))
  })
  const trainings = new TrainingDesk(places, store)

  const settings = new SettingsStore(places.dataFolder, (changed) => {
    emit({ name: 'settings', payload: changed })
    void tidyUp()
  })
  const retention = (days: number): Retention => ({
    dataFolder: places.dataFolder,
    days,
    live: runner.live(),
    unfinished: async (record) => (await isUnfinished(record, places.bundleFolders)) || (await isUnfinishedBatch(places.dataFolder, record)) || isInterruptedAudit(places.dataFolder, record),
    output: (record) => outputOfRecord(places.dataFolder, record),
  })
  const tidyUp = async (): Promise<void> => {
    const { retentionDays } = (await settings.get()).settings
    if (retentionDays !== null) await removeExpiredJobs(retention(retentionDays))
  }
  // At the start, and daily in an engine that is never closed.
  void tidyUp()
  const tidying = setInterval(() => void tidyUp(), 24 * 60 * 60_000)
  tidying.unref()

  // The parameters belong to the kind: the contract's discriminated union has seen to that.
  const startJob = <K extends JobKind>(kind: K, parameters: never): Promise<Job> => runner.start(jobDefinitions[kind], parameters)

  const handlers: Handlers = {
    'app.info': async () => ({ version: places.version, providers: [...presentProviders()], dataFolder: places.dataFolder }),
    'settings.get': () => settings.get(),
    'settings.set': (change) => settings.set(change),
    'settings.expired': ({ days }) => expiredJobs(retention(days)),
    'devices.list': () => rememberedDevices(places),
    'bundles.list': () => models.list(),
    'samples.list': () => listSamples(places.samplesFolder),
    'models.describe': ({ bundle }) => models.describe(bundle),
    'models.inspect': ({ path }) => models.inspect(path),
    'models.images': ({ paths }) => models.images(paths),
    'models.preview': ({ path, settings, images }) => models.answers(path, settings, images),
    'models.import': (request) => models.import(request),
    'models.importBundle': ({ path }) => models.takeIn(path),
    'models.remove': ({ bundle }) => models.putAside(bundle),
    'models.restore': ({ removed }) => models.takeBack(removed),
    'models.planCalibration': (request) => planCalibration(request, places.bundleFolders),
    'jobs.start': async ({ kind, parameters }) => startJob(kind, parameters as never),
    'jobs.list': () => runner.list(),
    'jobs.cancel': ({ jobId }) => runner.cancel(jobId),
    'jobs.finish': ({ jobId }) => runner.finish(jobId),
    'jobs.wait': ({ jobId }) => runner.wait(jobId),
    'scan.results': ({ jobId }) => desk.results(jobId),
    'scan.open': ({ resultId, frame }) => desk.open(resultId, frame),
    'scan.tags': ({ resultId, patientData }) => desk.tags(resultId, patientData),
    'scan.export': (request) => desk.export(request),
    'batch.count': ({ paths }) => batches.count(paths),
    'batch.list': async () => batches.list(await runner.list()),
    'batch.open': async ({ jobId }) => batches.open(jobId, await runner.list()),
    'batch.rows': ({ jobId, from }) => batches.rows(jobId, from),
    'batch.resume': async ({ jobId, retryFailed }) => startJob('scan', (await batches.resumed(jobId, retryFailed)) as never),
    'batch.export': (request) => batches.export(request),
    'history.list': (request) => history.list(request),
    'history.verify': () => history.verify(),
    'history.export': async ({ format, ...filter }) => {
      const { text, mediaType, fileName } = await history.export(format, filter)
      const bytes = new TextEncoder().encode(text)
      return { id: store.put({ bytes, mediaType, fileName }), fileName, mediaType, bytes: bytes.byteLength }
    },
    'attacks.list': async ({ norm, epsilon }) => audits.attacks(norm, epsilon),
    'audit.plan': (parameters) => audits.plan(parameters),
    'audit.list': async () => audits.list(await runner.list()),
    'audit.report': (place) => audits.report(place),
    'audit.images': (request) => audits.images(request),
    'audit.resume': async ({ jobId }) => startJob('audit', (await audits.resumed(jobId)) as never),
    'audit.export': (request) => audits.export(request),
    'audit.image': (request) => audits.image(request),
    'train.list': async () => trainings.list(await runner.list()),
    'train.open': async ({ jobId, read }) => trainings.open(jobId, read, await runner.list()),
    'train.samples': (request) => trainings.samples(request),
    'train.resume': async ({ jobId }) => {
      const { kind, parameters } = await trainings.resumed(jobId)
      return startJob(kind, parameters as never)
    },
  }

  return {
    call: (name, input) => handlers[name](input),
    bytes: async (id) => store.get(id),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      clearInterval(tidying)
      await runner.stop()
      await desk.close()
      await audits.close()
      await models.close()
      await closeDecoders()
    },
  }
}

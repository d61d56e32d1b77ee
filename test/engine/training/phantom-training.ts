/** Both trainings at their smallest, on phantoms: what the tests of this folder share. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'

export interface Workplace {
  home: string
  train: string
  test: string
  bundle(name: string): string
  remove(): Promise<void>
}

export async function workplace(): Promise<Workplace> {
  const home = await mkdtemp(join(tmpdir(), 'assay-training-'))
  await writePhantomDataSet(join(home, 'data'), { count: 50, size: 32, seed: 1, format: 'png' })
  return { home, train: join(home, 'data', 'train'), test: join(home, 'data', 'test'), bundle: (name) => join(home, 'bundles', name), remove: () => rm(home, { recursive: true, force: true }) }
}

export interface Watched extends JobContext {
  readonly messages: string[]
  readonly events: Parameters<JobContext['emit']>[0][]
}

/** A job's surroundings; `stopAt` cancels it when that many steps of training are done, or when it says something that begins so. */
export function context(home: string, stopAt: number | string = Infinity): Watched {
  const stop = new AbortController()
  const messages: string[] = []
  const events: Watched['events'] = []
  return {
    jobId: 'job',
    signal: stop.signal,
    places: { version: 'test', dataFolder: home, bundleFolders: [join(home, 'bundles')], samplesFolder: '' },
    folder: home,
    messages,
    events,
    progress: ({ done, message }) => {
      if (message) messages.push(message)
      if (typeof stopAt === 'string' ? message?.startsWith(stopAt) : message?.startsWith('epoch') && (done ?? 0) >= stopAt) stop.abort()
    },
    emit: (event) => void events.push(event),
  }
}

export const classifierParameters = (at: Workplace, out: string, changes: object = {}) =>
  jobParameters['train-classifier'].parse({ data: at.train, test: at.test, out: at.bundle(out), id: 'phantoms', size: 32, width: 4, epochs: 2, batch: 8, seed: 5, validationShare: 0.3, provider: 'cpu', ...changes })

export const purifierParameters = (at: Workplace, bundle: string, changes: object = {}) =>
  jobParameters['train-purifier'].parse({ bundle: at.bundle(bundle), data: at.train, test: at.test, width: 4, depth: 1, epochs: 2, batch: 8, seed: 5, provider: 'cpu', ...changes })

export const bytesOf = (folder: string, file: string): Promise<Buffer> => readFile(join(folder, file))

/**
 * The jobs that the engine can run, by kind.
 */
import type { JobKind } from '../shared/types'
import { scanJob } from './batch/scan-job'
import type { JobDefinition } from './jobs/definition'
import { calibrateJob } from './screening/calibrate-job'
import { trainClassifierJob, trainPurifierJob } from './training/jobs'

type Definitions = { readonly [K in JobKind]?: JobDefinition<K> }

export const jobDefinitions: Definitions = {
  scan: scanJob,
  'train-classifier': trainClassifierJob,
  'train-purifier': trainPurifierJob,
  calibrate: calibrateJob,
}

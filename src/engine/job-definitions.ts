/**
 * The jobs that the engine can run, by kind.
 */
import type { JobKind } from '../shared/types'
import { attackJob } from './attacks/attack-job'
import { auditJob } from './audit/audit-job'
import { scanJob } from './batch/scan-job'
import { checkDataJob } from './data-check/check-job'
import { devicesJob } from './devices/devices-job'
import type { JobDefinition } from './jobs/definition'
import { calibrateJob } from './calibration/calibrate-job'
import { trainClassifierJob, trainPurifierJob } from './training/jobs'

type Definitions = { readonly [K in JobKind]: JobDefinition<K> }

export const jobDefinitions: Definitions = {
  scan: scanJob,
  attack: attackJob,
  audit: auditJob,
  calibrate: calibrateJob,
  'check-data': checkDataJob,
  devices: devicesJob,
  'train-classifier': trainClassifierJob,
  'train-purifier': trainPurifierJob,
}

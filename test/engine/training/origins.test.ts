/** Where a bundle's images came from, from the training that learned from them to the calibration on others'. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { calibrateJob } from '../../../src/engine/calibration/calibrate-job'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'
import { trainClassifierJob, trainPurifierJob } from '../../../src/engine/training/jobs'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { CalibrationReport } from '../../../src/shared/calibration'
import { classifierParameters, context, purifierParameters, workplace, type Workplace } from './phantom-training'

let at: Workplace
beforeAll(async () => {
  at = await workplace()
  await rm(join(at.home, 'data'), { recursive: true })
  await writePhantomDataSet(join(at.home, 'data'), { count: 100, size: 32, seed: 1, format: 'dicom' })
})
afterAll(() => at.remove())

it('a bundle knows the devices that both of its models learned from, and says so of scans by others', async () => {
  await trainClassifierJob.run(classifierParameters(at, 'local', { epochs: 1, modality: 'CR', validationShare: 0.4 }), context(at.home))
  await trainPurifierJob.run(purifierParameters(at, 'local', { epochs: 1 }), context(at.home))
  const { manifest } = await loadBundle(at.bundle('local'))
  const origins = { modalities: ['CR'], manufacturers: ['ASSAY'], devices: [] }
  expect(manifest.training).toMatchObject({ classifier: { data: { origins } }, purifier: { data: { origins } } })
  expect(manifest.detector).toMatchObject({ appearance: origins, trainedOn: origins })

  const scans = join(at.home, 'scans')
  await mkdir(scans)
  for (let i = 0; i < 8; i++)
    await writeFile(join(scans, `${i}.dcm`), writeDicom({ kind: 'secondary-capture', modality: 'MR', width: 32, height: 32, pixels: Uint8Array.from({ length: 1024 }, (_, p) => (p * (i + 3)) % 251), attributes: [{ tag: 0x00080070, vr: 'LO', value: 'GEMed' }] }))
  const { result } = await calibrateJob.run(jobParameters.calibrate.parse({ bundle: at.bundle('local'), data: scans, provider: 'cpu' }), context(at.home))
  const { warnings } = result as CalibrationReport
  expect(warnings[0]).toMatch(/say they are MR, and .* was made for CR/)
  expect(warnings[1]).toMatch(/by GEMED, and the models of .* learned from devices by ASSAY/)
})

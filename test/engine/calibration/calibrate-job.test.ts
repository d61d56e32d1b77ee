import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { calibrateJob } from '../../../src/engine/calibration/calibrate-job'
import type { CalibrationReport } from '../../../src/shared/calibration'
import { temporaryFolder } from '../bundle/fixtures'
import { png, scanValues, writeTinyBundle } from '../screening/tiny-bundle'

it('calibrates a bundle named by id on class folders, passes over what it cannot read, and stops when told', async () => {
  const home = await temporaryFolder()
  const folder = await writeTinyBundle(join(home, 'bundles'), 0)
  for (const name of ['smooth', 'noisy']) {
    await mkdir(join(home, 'data', name), { recursive: true })
    for (let i = 0; i < 20; i++) await writeFile(join(home, 'data', name, `${i}.png`), png(scanValues(i + (name === 'noisy' ? 100 : 0))))
  }
  await writeFile(join(home, 'data', 'smooth', 'bad.png'), 'no picture')
  const progress: { done?: number; total?: number }[] = []
  const context = (signal: AbortSignal): JobContext => ({
    jobId: 'job',
    signal,
    places: { version: 'test', dataFolder: home, bundleFolders: [join(home, 'bundles')], samplesFolder: '' },
    folder: home,
    progress: (update) => progress.push(update),
    emit: () => undefined,
  })
  const parameters = { bundle: 'tiny', data: join(home, 'data'), provider: 'cpu' as const, keepScores: false, seed: 0 }
  await expect(calibrateJob.run(parameters, context(AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' })
  expect((await loadBundle(folder)).manifest.detector).toBeUndefined()

  const { result, exitCode } = await calibrateJob.run(parameters, context(new AbortController().signal))
  expect(exitCode).toBe(3)
  expect(result as CalibrationReport).toMatchObject({ bundle: 'tiny', scans: 40, calibrationCount: 32, failures: [{ error: { code: 'image-format-unknown' } }] })
  expect((await loadBundle(folder)).manifest.detector?.calibration.data.label).toBe('data')
  expect(Math.max(...progress.map(({ done = 0 }) => done))).toBe(82)
})

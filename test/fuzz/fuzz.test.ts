/**
 * The short version of `npm run bench -- fuzz`: a few hundred mutated files through the built workers.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { builtDecodeWorker } from '../support/decode-worker'
import { printReport } from './report'
import { fuzz } from './run'
import type { Seed } from './seeds'
import { makeSeeds } from './seeds'

const workerFile = builtDecodeWorker()

describe.skipIf(workerFile === undefined)('300 mutated files', { timeout: 120_000 }, () => {
  let seeds: Seed[]
  beforeAll(async () => {
    seeds = await makeSeeds({ references: true })
  })

  it('each give a picture that makes sense or a typed error, in time, and take no worker along', async () => {
    // Longer than the real run's 5 s: other tests run beside this one.
    const report = await fuzz(seeds, { count: 300, seed: 'short', workers: 2, timeLimit: 20_000, workerFile: workerFile! })
    expect(report.cases).toBe(300)
    expect(report.offences, printReport(report)).toEqual([])
    expect(report.workerEnds.died).toBeUndefined()
    expect(report.outcomes.ok, printReport(report)).toBeGreaterThan(20)
    expect(Object.keys(report.outcomes).length, printReport(report)).toBeGreaterThan(4)
  })
})

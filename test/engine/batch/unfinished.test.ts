/** Which batches can still be gone on with, so that a retention leaves their records. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isUnfinishedBatch } from '../../../src/engine/batch/unfinished'
import type { Job } from '../../../src/shared/types'
import { writeBigBatch } from '../../support/big-batch'
import { aJob } from '../../support/scripted-service'
import { temporaryFolder } from '../bundle/fixtures'

const id = '20260102-000000-aaaaaa'

it('a batch that is not done can go on while its results and their record are there, until a later job has finished it', async () => {
  const data = await temporaryFolder()
  writeBigBatch(data, id, 10)
  const out = join(data, 'jobs', id, 'scan')
  const of = (changes: Partial<Job> = {}, parameters: Record<string, unknown> = { quiet: true }) =>
    isUnfinishedBatch(data, { job: aJob({ id, kind: 'scan', state: 'cancelled', ...changes }), parameters })
  expect(await of()).toBe(true)
  expect(await of({ state: 'failed' })).toBe(true)
  expect(await of({ state: 'done' })).toBe(false)
  expect(await of({ kind: 'audit' })).toBe(false)
  // Nobody goes on with a single scan of the Screen page.
  expect(await of({}, { quiet: false })).toBe(false)
  // A job that waited to go on in that folder has no pointer to it yet.
  expect(await of({ id: 'another' }, { quiet: true, out })).toBe(true)
  expect(await of({ id: 'another' }, { quiet: true })).toBe(false)
  expect(await of({ id: 'another' }, { out: join(data, 'gone') })).toBe(false)

  await writeFile(join(out, 'results.csv'), '')
  expect(await of()).toBe(false)
  await rm(join(out, 'results.csv'))
  await rm(join(out, 'job.json'))
  expect(await of()).toBe(false)
})

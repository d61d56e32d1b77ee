/** What the engine's retention asks of its rooms: batches that can go on, and folders that later jobs write into. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../src/engine/index'
import type { JobRecord } from '../../src/engine/jobs/records'
import { writeBigBatch } from '../support/big-batch'
import { temporaryFolder } from './bundle/fixtures'

const [begun, later, other] = ['20260102-000000-aaaaaa', '20260103-000000-bbbbbb', '20260102-000000-cccccc']

it('a batch that was stopped stays while it can go on, and while the job that went on with it stays', async () => {
  const dataFolder = await temporaryFolder()
  for (const id of [begun, other]) writeBigBatch(dataFolder, id, 5)
  const fileOf = (id: string): string => join(dataFolder, 'jobs', id, 'job.json')
  const put = (id: string, change: (record: JobRecord) => void): void => {
    const record = JSON.parse(readFileSync(fileOf(begun), 'utf8')) as JobRecord
    record.job.id = id
    change(record)
    mkdirSync(join(dataFolder, 'jobs', id), { recursive: true })
    writeFileSync(fileOf(id), JSON.stringify(record))
  }
  put(begun, ({ job }) => void (job.state = 'cancelled'))
  const engine = createEngine({ version: 'test', dataFolder, bundleFolders: [], samplesFolder: '' })
  onTestFinished(() => engine.stop())
  const expired = async (): Promise<number> => (await engine.call('settings.expired', { days: 30 })).count
  expect(await expired()).toBe(1)

  const out = join(dataFolder, 'jobs', begun, 'scan')
  writeFileSync(join(out, 'results.csv'), '')
  expect(await expired()).toBe(2)
  put(later, ({ job, parameters }) => {
    Object.assign(job, { state: 'done', endedAt: Date.now() })
    Object.assign(parameters, { out, resume: true })
  })
  expect(await expired()).toBe(1)
})

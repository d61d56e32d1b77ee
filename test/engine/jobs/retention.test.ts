/** Which job folders a retention deletes, and which it must not. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { expiredJobs, removeExpiredJobs } from '../../../src/engine/jobs/retention'
import { writeRecord } from '../../../src/engine/jobs/records'
import type { JobRecord } from '../../../src/engine/jobs/records'
import { aJob } from '../../support/scripted-service'

const day = 24 * 60 * 60_000
const now = Date.UTC(2026, 5, 1)
let dataFolder: string
beforeEach(() => void (dataFolder = mkdtempSync(join(tmpdir(), 'assay-retention-'))))
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }))

async function job(id: string, kind: 'scan' | 'audit', startedDaysAgo: number, endedDaysAgo: number | null, bytes = 0): Promise<void> {
  const folder = join(dataFolder, 'jobs', id)
  mkdirSync(join(folder, 'scan'), { recursive: true })
  writeFileSync(join(folder, 'scan', 'results.jsonl'), 'x'.repeat(bytes))
  const ended = endedDaysAgo === null ? null : now - endedDaysAgo * day
  await writeRecord(folder, {
    format: 'assay-job/1',
    job: aJob({ id, kind, state: ended === null ? 'running' : 'done', startedAt: now - startedDaysAgo * day, endedAt: ended }),
    parameters: {},
    versions: {},
    processId: process.pid,
    exitCode: ended === null ? null : 0,
  })
}

const unfinished = (): Promise<boolean> => Promise.resolve(false)
const output = (): Promise<null> => Promise.resolve(null)
const left = (): string[] => readdirSync(join(dataFolder, 'jobs')).sort()

test('jobs that ended before the days began are counted with their size, then deleted with their folders', async () => {
  await job('a', 'scan', 40, 40, 100_000)
  await job('b', 'audit', 50, 31, 50_000)
  await job('c', 'scan', 40, 29)
  await job('d', 'scan', 1, 0)
  const retention = { dataFolder, days: 30, live: new Set<string>(), unfinished, output, now }
  const found = await expiredJobs(retention)
  expect(found).toMatchObject({ count: 2, kinds: { scan: 1, audit: 1 }, oldest: now - 40 * day })
  expect(found.bytes).toBeGreaterThan(150_000)
  expect(found.bytes).toBeLessThan(153_000)
  await removeExpiredJobs(retention)
  expect(left()).toEqual(['c', 'd'])
})

test('a job that has been running for longer than the days stays', async () => {
  await job('long', 'audit', 90, null)
  const live = { dataFolder, days: 1, live: new Set(['long']), unfinished, output, now }
  expect((await expiredJobs(live)).count).toBe(0)
  await removeExpiredJobs(live)
  expect(left()).toEqual(['long'])
})

test('one that was cut off counts as ended when it last wrote its record', async () => {
  await job('cut', 'audit', 90, null)
  const written = new Date(now - 20 * day)
  utimesSync(join(dataFolder, 'jobs', 'cut', 'job.json'), written, written)
  await removeExpiredJobs({ dataFolder, days: 21, live: new Set(), unfinished, output, now })
  expect(left()).toEqual(['cut'])
  await removeExpiredJobs({ dataFolder, days: 19, live: new Set(), unfinished, output, now })
  expect(left()).toEqual([])
})

test('a folder into which a job that stays has written stays with it, and goes with it', async () => {
  for (const id of ['a', 'a-2', 'unrelated']) await job(id, 'scan', 90, 90)
  await job('b', 'scan', 40, 10)
  const inside = join(dataFolder, 'jobs', 'a', 'scan')
  const retention = { dataFolder, days: 30, live: new Set<string>(), unfinished, output: ({ job: { id } }: JobRecord) => Promise.resolve(id === 'a' || id === 'b' ? inside : null), now }
  expect((await expiredJobs(retention)).count).toBe(2)
  await removeExpiredJobs(retention)
  expect(left()).toEqual(['a', 'b'])
  // One that runs has begun long ago, too.
  await removeExpiredJobs({ ...retention, days: 5, live: new Set(['b']) })
  expect(left()).toEqual(['a', 'b'])
  await removeExpiredJobs({ ...retention, days: 5 })
  expect(left()).toEqual([])
})

test('one that can still be gone on with stays', async () => {
  await job('paused', 'audit', 90, 90)
  await job('over', 'audit', 90, 90)
  const retention = { dataFolder, days: 30, live: new Set<string>(), unfinished: ({ job: { id } }: JobRecord) => Promise.resolve(id === 'paused'), output, now }
  expect((await expiredJobs(retention)).count).toBe(1)
  await removeExpiredJobs(retention)
  expect(left()).toEqual(['paused'])
})

test('what is no job is left alone', async () => {
  mkdirSync(join(dataFolder, 'jobs', 'notes'), { recursive: true })
  writeFileSync(join(dataFolder, 'jobs', 'notes', 'mine.txt'), 'mine')
  await removeExpiredJobs({ dataFolder, days: 1, live: new Set(), unfinished, output, now })
  expect(left()).toEqual(['notes'])
})

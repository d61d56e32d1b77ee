/** Which job folders a retention deletes, and which it must not. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
const left = (): string[] => readdirSync(join(dataFolder, 'jobs')).sort()

test('jobs that ended before the days began are counted with their size, then deleted with their folders', async () => {
  await job('a', 'scan', 40, 40, 100_000)
  await job('b', 'audit', 50, 31, 50_000)
  await job('c', 'scan', 40, 29)
  await job('d', 'scan', 1, 0)
  const retention = { dataFolder, days: 30, live: new Set<string>(), unfinished, now }
  const found = await expiredJobs(retention)
  expect(found).toMatchObject({ count: 2, kinds: { scan: 1, audit: 1 }, oldest: now - 40 * day })
  expect(found.bytes).toBeGreaterThan(150_000)
  expect(found.bytes).toBeLessThan(153_000)
  await removeExpiredJobs(retention)
  expect(left()).toEqual(['c', 'd'])
})

test('a job that has been running for longer than the days stays', async () => {
  await job('long', 'audit', 90, null)
  const live = { dataFolder, days: 1, live: new Set(['long']), unfinished, now }
  expect((await expiredJobs(live)).count).toBe(0)
  await removeExpiredJobs(live)
  expect(left()).toEqual(['long'])
})

test('one that was cut off counts as ended when it began', async () => {
  await job('cut', 'audit', 90, null)
  await removeExpiredJobs({ dataFolder, days: 89, live: new Set(), unfinished, now })
  expect(left()).toEqual([])
})

test('one that can still be gone on with stays', async () => {
  await job('paused', 'audit', 90, 90)
  await job('over', 'audit', 90, 90)
  const retention = { dataFolder, days: 30, live: new Set<string>(), unfinished: ({ job: { id } }: JobRecord) => Promise.resolve(id === 'paused'), now }
  expect((await expiredJobs(retention)).count).toBe(1)
  await removeExpiredJobs(retention)
  expect(left()).toEqual(['paused'])
})

test('what is no job is left alone', async () => {
  mkdirSync(join(dataFolder, 'jobs', 'notes'), { recursive: true })
  writeFileSync(join(dataFolder, 'jobs', 'notes', 'mine.txt'), 'mine')
  await removeExpiredJobs({ dataFolder, days: 1, live: new Set(), unfinished, now })
  expect(left()).toEqual(['notes'])
})

import { existsSync, writeFileSync } from 'node:fs'
import type * as FileSystem from 'node:fs/promises'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openHistory } from '../../src/engine/history/book'
import type { HistoryEntry } from '../../src/engine/history/record'
import { temporaryFolder } from '../engine/bundle/fixtures'
import { commandLine } from './terminal-double'

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>()
  return { ...real, writeFile: vi.fn(real.writeFile) }
})

const hash = 'ab'.repeat(32)
const before = process.env['ASSAY_DATA']
let data: string

async function screened(count: number, more: Partial<HistoryEntry> = {}): Promise<void> {
  const book = await openHistory(data, false)
  const entry = (n: number) => ({
    path: `/scans/${n}.dcm`, sha256: hash, job: 'job-1', line: n, bundle: { id: 'chest', classifier: hash, purifier: hash }, provider: 'cpu', alpha: 0.05,
    status: n % 2 ? ('suspicious' as const) : ('clean' as const), score: 1, pValue: 0.25, before: 'opacity', after: 'clear', version: 'test', ...more,
  })
  await book.append(Array.from({ length: count }, (_, n) => entry(n)), new Date('2026-01-02T03:04:05Z'))
}

beforeEach(async () => {
  data = await temporaryFolder()
  process.env['ASSAY_DATA'] = data
})
afterEach(() => {
  if (before === undefined) delete process.env['ASSAY_DATA']
  else process.env['ASSAY_DATA'] = before
})

describe('assay history', () => {
  it('lists the latest records, and all of them as JSON', async () => {
    const { run, written } = commandLine()
    expect(await run('history')).toBe(0)
    expect(written.stdout).toBe('Nothing was screened yet.\n')
    await screened(30)
    expect(await run('history', '--json')).toBe(0)
    expect((JSON.parse(written.stdout.split('\n')[1]!) as { records: unknown[] }).records).toHaveLength(30)
    written.stdout = ''
    await run('history', '--bundle', 'chest', '--from', '2026-01-02')
    const lines = written.stdout.trim().split('\n')
    expect(lines).toHaveLength(21)
    expect(lines[0]).toBe('… 10 earlier records')
    expect(lines[20]).toMatch(/^2026-01-02 03:04:05  suspicious  p 0\.25 +chest  opacity → clear  sha256 abab/)
    written.stdout = ''
    await run('history', '--search', '/scans/3.dcm', '--json')
    expect(JSON.parse(written.stdout)).toMatchObject({ records: [{ line: 3 }] })
    written.stdout = ''
    await run('history', '--bundle', 'brain')
    expect(written.stdout).toBe('No record fits.\n')
  })

  it.each(['yesterday', '2026-13-01', '2026-02-30', '31.01.2026'])('knows no day %s, and says how one is written', async (day) => {
    const { run, written } = commandLine()
    expect(await run('history', '--from', day)).toBe(2)
    expect(written.stderr).toBe('assay: --from: give a day of the calendar, for example 2026-01-31. (invalid-arguments)\n')
  })

  it('says which verdicts are not to be relied on, and why', async () => {
    await screened(1, { warning: 'This file says it is CT.' })
    await screened(1, { unfamiliar: true })
    await screened(1)
    const { run, written } = commandLine()
    await run('history')
    expect(written.stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/ {2}This file says it is CT\.$/),
      expect.stringMatching(/its verdict is not to be relied on\.$/),
      expect.stringMatching(/sha256 (ab){8}$/),
    ])
  })

  it('checks the chain: exit 0 and the last hash, or exit 1 and the line', async () => {
    await screened(5)
    const { run, written } = commandLine()
    expect(await run('history', '--verify')).toBe(0)
    expect(written.stdout).toMatch(/^intact: 5 records\nlast hash [0-9a-f]{64}\n$/)
    const file = join(data, 'history.jsonl')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"line":2', '"line":7'))
    written.stdout = ''
    expect(await run('history', '--verify')).toBe(1)
    expect(written.stdout).toMatch(/^Line 3 \(record 3\) was changed: .+\nnot intact: 1 place, 5 records\n/)
    written.stdout = ''
    expect(await run('history', '--verify', '--json')).toBe(1)
    expect(JSON.parse(written.stdout)).toMatchObject({ check: { intact: false, problems: [{ line: 3, kind: 'changed' }] } })
  })

  it('exports into a file of its own, and overwrites none', async () => {
    await screened(4)
    const { run, written } = commandLine()
    const [csv, json] = [join(data, 'h.csv'), join(data, 'h.json')]
    expect(await run('history', '--export', csv)).toBe(0)
    expect(written.stdout).toBe(`4 records written to ${csv}\n`)
    expect((await readFile(csv, 'utf8')).trim().split('\r\n')).toHaveLength(5)
    expect(await run('history', '--export', csv)).toBe(1)
    expect(written.stderr).toContain('(output-not-writable)')
    expect(await run('history', '--export', json)).toBe(0)
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ format: 'assay-history/1', records: [{}, {}, {}, {}] })
    expect(await run('history', '--export', join(data, 'h.txt'))).toBe(2)
  })

  it('leaves no piece of an export behind where the disk is full, and says that it is', async () => {
    await screened(4)
    const { run, written } = commandLine()
    const csv = join(data, 'h.csv')
    vi.mocked(writeFile).mockImplementationOnce(async () => {
      writeFileSync(csv, 'file,')
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    })
    expect(await run('history', '--export', csv)).toBe(1)
    expect(written.stderr).toMatch(/^assay: The disk is full; .+ \(disk-full\)\n$/)
    expect(existsSync(csv)).toBe(false)
    expect(await run('history', '--export', csv)).toBe(0)
  })
})

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openHistory } from '../../../src/engine/history/book'
import { HistoryDesk } from '../../../src/engine/history/desk'
import { fileSha256 } from '../../../src/engine/history/digest'
import { withLock } from '../../../src/engine/bundle/lock'
import { historyFiles } from '../../../src/engine/history/places'
import type { HistoryEntry } from '../../../src/engine/history/record'
import { historyFilterSchema, type HistoryRecord } from '../../../src/shared/history'
import { unfamiliarSentence } from '../../../src/shared/unfamiliar'
import { temporaryFolder } from '../bundle/fixtures'

const hex = (text: string): string => createHash('sha256').update(text).digest('hex')

const entry = (n: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  path: `/scans/${n}.dcm`,
  sha256: hex(String(n)),
  job: 'job-1',
  line: n,
  bundle: { id: n % 2 ? 'chest' : 'skin', classifier: hex('c'), purifier: hex('p') },
  provider: 'cpu',
  alpha: 0.05,
  status: n % 5 === 0 ? 'suspicious' : 'clean',
  score: 1.5,
  pValue: 0.25,
  before: 'opacity',
  after: 'clear',
  version: 'test',
  ...more,
})

async function written(count: number, keepPaths = false) {
  const data = await temporaryFolder()
  const book = await openHistory(data, keepPaths)
  for (let n = 0; n < count; n += 4) await book.append(Array.from({ length: Math.min(4, count - n) }, (_, i) => entry(n + i)))
  const files = historyFiles(data)
  const desk = new HistoryDesk(data)
  const lines = async (): Promise<string[]> => (await readFile(files.records, 'utf8')).split('\n').slice(0, -1)
  const rewrite = (all: string[]): Promise<void> => writeFile(files.records, all.map((line) => `${line}\n`).join(''))
  return { data, book, files, desk, lines, rewrite }
}

const none = historyFilterSchema.parse({})

describe('the record of what was screened', () => {
  it('chains each line to the one before, by rules that a few lines of another program can check', async () => {
    const { lines, desk } = await written(10)
    let prev = '0'.repeat(64)
    for (const [i, line] of (await lines()).entries()) {
      const record = JSON.parse(line) as HistoryRecord
      const text = line.slice(0, -(',"hash":""}'.length + 64)) + '}'
      expect(record).toMatchObject({ seq: i + 1, prev, hash: hex(text) })
      prev = record.hash
    }
    expect(await desk.verify()).toEqual({ intact: true, records: 10, head: prev, problems: [], problemCount: 0, unfinished: false })
  })

  it('names no file unless paths are to be kept, and finds a file by its path all the same', async () => {
    const { desk, lines } = await written(6)
    expect((await lines()).join()).not.toContain('/scans/')
    expect((await desk.find({ ...none, text: '/scans/3.dcm' })).map(({ line }) => line)).toEqual([3])
    const kept = await written(2, true)
    expect((await kept.lines())[1]).toContain('/scans/1.dcm')
    // Another installation has another key: its marks say nothing here.
    const [mine, theirs] = [await lines(), await kept.lines()].map((all) => (JSON.parse(all[0]!) as HistoryRecord).file.mark)
    expect(mine).not.toBe(theirs)
  })

  it('drops the torn end that a power cut leaves, and goes on with the chain', async () => {
    const { book, files, desk, lines } = await written(5)
    const whole = await lines()
    await appendFile(files.records, whole[1]!.slice(0, 100))
    expect(await desk.verify()).toMatchObject({ intact: true, records: 5, unfinished: true })
    await book.append([entry(5)])
    expect((await lines()).slice(0, 5)).toEqual(whole)
    expect(await desk.verify()).toMatchObject({ intact: true, records: 6, unfinished: false })
  })

  it('goes on where the note of the last record was not written any more', async () => {
    const { book, files, desk } = await written(8)
    const head = await readFile(files.head)
    await book.append([entry(8)])
    await writeFile(files.head, head)
    expect(await desk.verify()).toMatchObject({ intact: true, records: 9 })
    await book.append([entry(9)])
    expect(await desk.verify()).toMatchObject({ intact: true, records: 10 })
  })
})

describe('doubts about a verdict', () => {
  it('stand in the chained line, are found, and go into the table; lines that know of none stay valid', async () => {
    const { book, desk, lines } = await written(2)
    await book.append([entry(2, { warning: 'This file says it is CT.', unfamiliar: true })])
    expect((await lines())[0]).not.toContain('unfamiliar')
    expect(JSON.parse((await lines())[2]!)).toMatchObject({ warning: 'This file says it is CT.', unfamiliar: true })
    expect(await desk.verify()).toMatchObject({ intact: true, records: 3 })
    for (const text of ['says CT', 'unlike calibrated']) expect((await desk.find({ ...none, text })).map(({ line }) => line)).toEqual([2])
    const csv = (await desk.export('csv', none)).text.trim().split('\r\n')
    expect(csv[0]).toMatch(/,warning,note$/)
    expect(csv[2]).toMatch(/,,Research use only\. Not for diagnosis\.$/)
    expect(csv[3]).toContain(`This file says it is CT. ${unfamiliarSentence}`)
    expect(JSON.parse((await desk.export('json', none)).text)).toMatchObject({ records: [{}, {}, { unfamiliar: true }] })
  })
})

describe('checking the chain', () => {
  const problemsOf = async ({ desk }: Awaited<ReturnType<typeof written>>) => (await desk.verify()).problems.map(({ kind, line }) => [kind, line])

  it('names the line that was changed, and no other', async () => {
    const place = await written(12)
    const lines = await place.lines()
    lines[6] = lines[6]!.replace('"pValue":0.25', '"pValue":0.95')
    await place.rewrite(lines)
    expect(await problemsOf(place)).toEqual([['changed', 7]])
    expect((await place.desk.verify()).problems[0]!.message).toBe('Line 7 (record 7) was changed: its text no longer fits its hash.')
  })

  it('notices a line that was changed and given a fitting hash', async () => {
    const place = await written(12)
    const lines = await place.lines()
    const { hash: _, ...record } = JSON.parse(lines[6]!) as HistoryRecord
    const body = JSON.stringify({ ...record, status: 'clean', pValue: 0.95 })
    lines[6] = `${body.slice(0, -1)},"hash":"${hex(body)}"}`
    await place.rewrite(lines)
    expect(await problemsOf(place)).toEqual([['replaced', 8]])
  })

  it('names what is missing in the middle, at the beginning, at the end, and altogether', async () => {
    const place = await written(12)
    const lines = await place.lines()
    await place.rewrite([...lines.slice(0, 4), ...lines.slice(7)])
    expect((await place.desk.verify()).problems.map(({ message }) => message)).toEqual(['Records 5 to 7 are missing before line 5.'])
    await place.rewrite(lines.slice(2))
    expect((await place.desk.verify()).problems.map(({ message }) => message)).toEqual(['Records 1 to 2 are missing before line 1.'])
    await place.rewrite(lines.slice(0, 11))
    expect((await place.desk.verify()).problems.map(({ message }) => message)).toEqual(['Record 12 is missing at the end.'])
    await rm(place.files.records)
    expect(await place.desk.verify()).toMatchObject({ intact: false, records: 0, problems: [{ kind: 'missing', message: 'Records 1 to 12 are missing at the end.' }] })
  })

  it('still shows what was missing at the end after more was written', async () => {
    const place = await written(12)
    await place.rewrite((await place.lines()).slice(0, 10))
    await place.book.append([entry(20)])
    expect((await place.desk.verify()).problems.map(({ message }) => message)).toEqual(['Records 11 to 12 are missing before line 11.'])
  })

  it('notices a line that was put in twice, one that is no record, and a lost note of the end', async () => {
    const place = await written(6)
    const lines = await place.lines()
    await place.rewrite([...lines.slice(0, 4), lines[1]!, ...lines.slice(4)])
    expect((await problemsOf(place))[0]).toEqual(['inserted', 5])
    await place.rewrite([...lines.slice(0, 3), 'nonsense', ...lines.slice(4)])
    expect(await problemsOf(place)).toEqual([['damaged', 4]])
    await place.rewrite(lines)
    await rm(place.files.head)
    expect(await problemsOf(place)).toEqual([['head', null]])
  })
})

describe('several writers', () => {
  it('from two processes at once leave one unbroken chain with all records', async () => {
    const { data, desk } = await written(0)
    const root = resolve(import.meta.dirname, '../../..')
    const script = `
      import { createServer } from 'vite'
      const server = await createServer({ root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } })
      const { openHistory } = await server.ssrLoadModule('/src/engine/history/book.ts')
      const book = await openHistory(${JSON.stringify(data)}, false)
      const entry = JSON.parse(process.argv[2])
      for (let i = 0; i < 40; i++) await book.append([{ ...entry, line: 2 * i }, { ...entry, line: 2 * i + 1 }])
      await server.close()`
    const file = join(root, 'node_modules', `.history-writer-${process.pid}.mjs`)
    await writeFile(file, script)
    try {
      const ends = ['a', 'b'].map(
        (job) =>
          new Promise<number | null>((done) => {
            const child = spawn(process.execPath, [file, JSON.stringify(entry(1, { job }))], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
            child.on('exit', done)
          }),
      )
      expect(await Promise.all(ends)).toEqual([0, 0])
    } finally {
      await rm(file)
    }
    const records = await desk.find(none)
    for (const job of ['a', 'b']) expect(records.filter((record) => record.job === job).map(({ line }) => line)).toEqual(Array.from({ length: 80 }, (_, i) => i))
    expect(await desk.verify()).toMatchObject({ intact: true, records: 160 })
  }, 120_000)

  it('are not held up by one that died, and wait for one that lives', async () => {
    const { book, files, desk } = await written(1)
    await writeFile(files.lock, '999999999 dead')
    await book.append([entry(1)])
    await writeFile(files.lock, '')
    await utimes(files.lock, new Date(0), new Date(0))
    await book.append([entry(2)])
    let held = true
    const holding = withLock(files.lock, () => new Promise<void>((done) => setTimeout(() => ((held = false), done()), 100)))
    await new Promise((done) => setTimeout(done, 20))
    await book.append([entry(3)])
    expect(held).toBe(false)
    await holding
    expect(await desk.verify()).toMatchObject({ intact: true, records: 4 })
  })
})

describe('the key of the file marks', () => {
  it('that a power cut left empty holds up no scan: marks are made with a new one', async () => {
    const data = await temporaryFolder()
    const { key } = historyFiles(data)
    await writeFile(key, '')
    await (await openHistory(data, false)).append([entry(1)])
    expect(await readFile(key, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(await new HistoryDesk(data).find({ ...none, text: '/scans/1.dcm' })).toHaveLength(1)
  })

  it('that was damaged is told of, with what to do, and left as it is', async () => {
    const data = await temporaryFolder()
    const { key } = historyFiles(data)
    await writeFile(key, 'half of a ke')
    await expect(openHistory(data, false)).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringMatching(/holds no key.*move it away/) as string })
    expect(await readFile(key, 'utf8')).toBe('half of a ke')
  })
})

describe('looking into the history', () => {
  it('filters 20,000 records by words, days, bundle and verdict, newest first, in pages', async () => {
    const data = await temporaryFolder()
    const book = await openHistory(data, true)
    for (let n = 0; n < 20_000; n += 5000) await book.append(Array.from({ length: 5000 }, (_, i) => entry(n + i)), new Date(Date.UTC(2026, 0, 1 + n / 5000)))
    const desk = new HistoryDesk(data, async (_job, line) => (line < 19_999 ? `/scans/${line}.dcm` : '/scans/other.dcm'))
    const page = await desk.list({ ...none, offset: 0, limit: 3 })
    expect(page).toMatchObject({ total: 20_000, matched: 20_000, bundles: ['chest', 'skin'] })
    expect(page.rows.map(({ seq, opens, path }) => [seq, opens, path])).toEqual([
      // The job's line speaks of another file by now.
      [20_000, false, '/scans/19999.dcm'],
      [19_999, true, '/scans/19998.dcm'],
      [19_998, true, '/scans/19997.dcm'],
    ])
    expect(await desk.list({ ...none, status: 'suspicious', bundle: 'chest', from: '2026-01-02', to: '2026-01-03', offset: 999, limit: 500 })).toMatchObject({ matched: 1000, rows: [{ seq: 5006 }] })
    expect((await desk.find({ ...none, text: 'SKIN 777.dcm' })).every(({ line }) => String(line).endsWith('777'))).toBe(true)
    expect(await desk.find({ ...none, text: hex('4242') })).toHaveLength(1)
    expect(await desk.verify()).toMatchObject({ intact: true, records: 20_000 })
  })

  it('takes days of UTC, and moments where a day begins elsewhere', async () => {
    const data = await temporaryFolder()
    const book = await openHistory(data, false)
    const times = ['2026-01-01T12:59:59.999Z', '2026-01-01T13:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-02T12:59:59.999Z', '2026-01-02T13:00:00.000Z']
    for (const [n, time] of times.entries()) await book.append([entry(n)], new Date(time))
    const found = async (from: string, to: string): Promise<number[]> => (await new HistoryDesk(data).find(historyFilterSchema.parse({ from, to }))).map(({ line }) => line)
    expect(await found('2026-01-01', '2026-01-01')).toEqual([0, 1])
    expect(await found('2026-01-02', '2026-01-02')).toEqual([2, 3, 4])
    // The second of January in Sydney.
    expect(await found('2026-01-01T13:00:00.000Z', '2026-01-02T12:59:59.999Z')).toEqual([1, 2, 3])
    for (const day of ['yesterday', '2026-01-02T12:59', '12026-01-01']) expect(historyFilterSchema.safeParse({ from: day }).success).toBe(false)
  })

  it('exports what the filter leaves, with cells that no spreadsheet runs', async () => {
    const data = await temporaryFolder()
    await (await openHistory(data, true)).append([entry(1, { path: '=cmd|x', after: '@sum' }), entry(2)])
    const desk = new HistoryDesk(data)
    const csv = (await desk.export('csv', { ...none, bundle: 'chest' })).text.split('\r\n')
    expect(csv).toHaveLength(3)
    expect(csv[1]).toContain(`"'=cmd|x"`)
    expect(csv[1]).toContain(`"'@sum"`)
    expect(JSON.parse((await desk.export('json', none)).text)).toMatchObject({ format: 'assay-history/1', records: [{ seq: 1 }, { seq: 2 }] })
  })

  it('is empty where nothing was screened, and leaves no key behind', async () => {
    const data = await temporaryFolder()
    const desk = new HistoryDesk(data)
    expect(await desk.list({ ...none, offset: 0, limit: 10 })).toMatchObject({ total: 0, rows: [] })
    expect(await desk.verify()).toMatchObject({ intact: true, records: 0, head: null })
    expect(await readFile(historyFiles(data).key).catch(() => null)).toBeNull()
  })
})

it('hashes the bytes of a file, and nothing that is not one', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'x'), 'abc')
  expect(await fileSha256(join(folder, 'x'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(await fileSha256(folder)).toBeNull()
  expect(await fileSha256(join(folder, 'absent'))).toBeNull()
  await truncate(join(folder, 'x'))
  expect(await fileSha256(join(folder, 'x'))).toBe(hex(''))
})

import { appendFile, copyFile, mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BatchDesk } from '../../../src/engine/batch/batch-desk'
import { createByteStore } from '../../../src/engine/store'
import { mostRows } from '../../../src/shared/batch'
import type { BatchRows } from '../../../src/shared/batch'
import type { Job } from '../../../src/shared/types'
import { writeBigBatch } from '../../support/big-batch'
import { havePoppler, pdfPages } from '../../support/poppler'
import { temporaryFolder } from '../bundle/fixtures'

const jobId = '20260102-000000-aaaaaa'

async function place(count: number) {
  const data = await temporaryFolder()
  const results = writeBigBatch(data, jobId, count)
  const bytes = createByteStore()
  const desk = new BatchDesk({ dataFolder: data, version: 'test' }, bytes)
  const file = join(data, 'jobs', jobId, 'scan', 'results.jsonl')
  const record = async (id: string, change: (job: Job, parameters: Record<string, unknown>) => void): Promise<void> => {
    const from = JSON.parse(await readFile(join(data, 'jobs', jobId, 'job.json'), 'utf8')) as { job: Job; parameters: Record<string, unknown> }
    from.job.id = id
    change(from.job, from.parameters)
    await mkdir(join(data, 'jobs', id), { recursive: true })
    await writeFile(join(data, 'jobs', id, 'job.json'), JSON.stringify(from))
  }
  return { data, results, bytes, desk, file, record }
}

async function readAll(desk: BatchDesk): Promise<BatchRows[]> {
  const pages = [await desk.rows(jobId, 0)]
  while (pages.at(-1)!.more) pages.push(await desk.rows(jobId, pages.at(-1)!.next))
  return pages
}

describe('20,000 results at the desk', () => {
  it('are read in ten pages, and afterwards only what is new', async () => {
    const { desk, results, file } = await place(20_000)
    const pages = await readAll(desk)
    expect(pages.map(({ line }) => line.length)).toEqual(new Array(10).fill(mostRows))
    const [page] = pages
    expect(page!.name.map((name, i) => page!.folders[page!.folder[i]!]! + name)).toEqual(results.slice(0, mostRows).map(({ path }) => path))
    expect(await desk.rows(jobId, 20_000)).toMatchObject({ next: 20_000, more: false, line: [] })
    // The same file once more, and a line that is still being written.
    await appendFile(file, `${JSON.stringify({ ...results[7], status: 'clean', error: undefined })}\n{"path":"/half`)
    expect(await desk.rows(jobId, 20_000)).toMatchObject({ next: 20_001, more: false, line: [20_000], notes: [{ row: 0, replaces: 7 }] })
    expect(await desk.pathOf(jobId, 20_000)).toBe(results[7]!.path)
    expect(await desk.pathOf(jobId, 20_001)).toBeNull()
    expect(await desk.pathOf('absent', 0)).toBeNull()
  })

  it('are read anew where the file was begun anew', async () => {
    const { desk, file } = await place(100)
    await readAll(desk)
    const [line] = (await readFile(file, 'utf8')).split('\n')
    await truncate(file)
    await appendFile(file, `${line}\n`)
    expect(await desk.rows(jobId, 0)).toMatchObject({ next: 1, line: [0], notes: [] })
  })

  it('are read anew where another scan has left more in a file of the same name', async () => {
    const { desk, file, results } = await place(100)
    await appendFile(file, `${JSON.stringify(results[7])}\n`)
    expect(await desk.rows(jobId, 100)).toMatchObject({ line: [100], notes: [{ row: 0, replaces: 7 }] })
    // Other files, and behind them two that the earlier scan had, too: nothing of this scan stood there before.
    const others = [...results.map((result) => ({ ...result, path: `/other${result.path}` })), results[6]!, results[8]!]
    await writeFile(`${file}.new`, others.map((result) => `${JSON.stringify(result)}\n`).join(''))
    await rename(`${file}.new`, file)
    const [page] = await readAll(desk)
    expect(page!.line).toHaveLength(102)
    expect(page!.notes.filter(({ replaces }) => replaces !== undefined)).toEqual([])
    expect(await desk.pathOf(jobId, 0)).toBe(others[0]!.path)
  })

  it('are exported as they are shown, in CSV without formulas, JSON and PDF', async () => {
    const { desk, results, bytes, file } = await place(20_000)
    await appendFile(file, `${JSON.stringify({ ...results[0], path: '/scans/=cmd|x.dcm', after: { label: '+1', probabilities: [] } })}\n`)
    const text = ({ id }: { id: string }): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.get(id).bytes)
    const lines = [20_000, ...Array.from({ length: 20_000 }, (_, i) => 19_999 - i)]
    const csv = text(await desk.export({ jobId, format: 'csv', lines, filter: '' })).trim().split('\r\n')
    expect(csv).toHaveLength(20_002)
    expect(csv[1]).toMatch(/^"'=cmd\|x\.dcm",\/scans\/=cmd\|x\.dcm,suspicious,/)
    expect(csv[1]).toContain(`"'+1"`)
    expect(csv[2]).toContain(results[19_999]!.path)
    const json = JSON.parse(text(await desk.export({ jobId, format: 'json', lines: [5, 3], filter: 'only a few' }))) as unknown
    expect(json).toMatchObject({ format: 'assay-batch/1', filter: 'only a few', counts: { total: 2 }, files: [results[5], results[3]], alpha: 0.05 })
    const pdf = bytes.get((await desk.export({ jobId, format: 'pdf', lines: lines.slice(1, 2001), filter: 'only the last' })).id).bytes
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
    if (havePoppler) {
      const pages = pdfPages(pdf)
      for (const words of ['Batch of 2,000 files', 'Not all files of the batch: only the last', '400 (20.4', 'Research use only', 'flagged at p ≤ α = 0.05']) expect(pages[0]).toContain(words)
      expect(pages.join('\n')).toContain('image-truncated')
    }
    await expect(desk.export({ jobId, format: 'csv', lines: [99_999], filter: '' })).rejects.toMatchObject({ code: 'result-not-found' })
  })
})

describe('the list of batches', () => {
  it('has one entry for a scan that was gone on with, and none for single scans of the Screen page', async () => {
    const { data, desk, record } = await place(10)
    const out = join(data, 'jobs', jobId, 'scan')
    await record('20260103-000000-bbbbbb', (job, parameters) => {
      Object.assign(job, { state: 'cancelled' })
      Object.assign(parameters, { out, resume: true })
    })
    await record('20260104-000000-cccccc', (job, parameters) => {
      delete job.quiet
      Object.assign(parameters, { quiet: false })
    })
    await record('20260105-000000-dddddd', (_job, parameters) => Object.assign(parameters, { quiet: false, out: '/elsewhere' }))
    expect((await desk.list([])).map((batch) => [batch.jobId, batch.state, batch.out])).toEqual([
      ['20260105-000000-dddddd', 'done', '/elsewhere'],
      ['20260103-000000-bbbbbb', 'cancelled', out],
    ])
    // The engine's own word on a job that runs counts before its record.
    const live = { ...(await desk.list([]))[1]!, id: '20260103-000000-bbbbbb', kind: 'scan', state: 'running', done: 3, remainingSeconds: 1 } as unknown as Job
    expect((await desk.list([live]))[1]).toMatchObject({ state: 'running', done: 3 })
    expect(await desk.resumed(jobId, true)).toMatchObject({ out, resume: true, retryFailed: true, quiet: true, paths: ['/archive'] })
    await expect(desk.open('absent', [])).rejects.toMatchObject({ code: 'job-not-found' })
    await expect(desk.rows('absent', 0)).rejects.toMatchObject({ code: 'job-not-found' })
    // One that waits for its turn has no results yet.
    expect(await desk.rows('20260104-000000-cccccc', 0)).toMatchObject({ next: 0, more: false, line: [] })
  })

  it('counts files before a scan, and says what cannot be used', async () => {
    const { data, desk } = await place(1)
    await mkdir(join(data, 'scans', 'deep'), { recursive: true })
    for (const name of ['a.dcm', 'b.png', join('deep', 'c'), 'notes.txt']) await writeFile(join(data, 'scans', name), 'x')
    // Pictures of an earlier scan, whose results lie beside the images.
    await mkdir(join(data, 'scans', 'results', 'heatmaps'), { recursive: true })
    await copyFile(join(data, 'jobs', jobId, 'scan', 'job.json'), join(data, 'scans', 'results', 'job.json'))
    await writeFile(join(data, 'scans', 'results', 'heatmaps', 'a.png'), 'x')
    expect(await desk.count([join(data, 'scans'), join(data, 'scans', 'a.dcm'), join(data, 'absent')])).toMatchObject({ files: 3, unreadableCount: 1, unreadable: [{ error: { code: 'file-not-found' } }] })
  })
})

/**
 * Secondary captures beside a scan's heatmaps, and what the desk makes of a DICOM result.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ScreeningDesk } from '../../../src/engine/batch/desk'
import { scanJob } from '../../../src/engine/batch/scan-job'
import { listTags } from '../../../src/engine/image/dicom/tags'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { jobFolder } from '../../../src/engine/jobs/records'
import type * as Capturing from '../../../src/engine/screening/secondary-capture'
import { createByteStore } from '../../../src/engine/store'
import { AssayError } from '../../../src/shared/errors'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { JobParametersInput } from '../../../src/shared/job-parameters'
import type { ScanReport } from '../../../src/shared/types'
import { temporaryFolder } from '../bundle/fixtures'
import { scanValues, writeTinyBundle } from '../screening/tiny-bundle'

/** Files that are taken away between their verdict and their capture. */
const taken = new Set<string>()
vi.mock('../../../src/engine/screening/secondary-capture', async (original) => {
  const real = await original<typeof Capturing>()
  const secondaryCapture: typeof real.secondaryCapture = async (sheet, source) => {
    if (taken.has(source.path)) throw new AssayError('file-not-found', `There is no file or folder ${source.path}; check the path.`, { path: source.path })
    return real.secondaryCapture(sheet, source)
  }
  return { ...real, secondaryCapture }
})

async function workplace() {
  const home = await temporaryFolder()
  const bundle = await writeTinyBundle(join(home, 'bundles'), 120)
  const scans = join(home, 'scans')
  await mkdir(join(scans, 'more'), { recursive: true })
  for (const [i, name] of ['a.dcm', 'b.dcm', join('more', 'a.dcm')].entries()) {
    const pixels = scanValues(i, 20, 16)
    const attributes = [{ tag: 0x00100010, vr: 'PN', value: `Somebody^${i}` }, { tag: 0x00100020, vr: 'LO', value: `PID-${i}` }] as const
    await writeFile(join(scans, name), writeDicom({ kind: 'computed-radiography', modality: 'OT', width: 20, height: 16, pixels, seed: String(i), attributes }))
  }
  await writeFile(join(scans, 'c.dcm'), 'no DICOM file')
  const run = async (parameters: Partial<JobParametersInput['scan']> = {}, jobId = 'job-1'): Promise<ScanReport> => {
    const dataFolder = join(home, 'data')
    const folder = jobFolder(dataFolder, jobId)
    await mkdir(folder, { recursive: true })
    const context: JobContext = {
      jobId,
      signal: new AbortController().signal,
      places: { version: '9.9.9', dataFolder, bundleFolders: [join(home, 'bundles')], samplesFolder: '' },
      folder,
      progress: () => undefined,
      emit: () => undefined,
    }
    const asked = jobParameters.scan.parse({ paths: [scans], bundle, out: join(home, 'out'), provider: 'cpu', ...parameters })
    return (await scanJob.run(asked, context)).result as ScanReport
  }
  return { home, scans, out: join(home, 'out'), run }
}

describe('scan --captures', () => {
  it('reports a file that is gone before its capture is written, and goes on with the others', async () => {
    const { run, scans } = await workplace()
    taken.add(join(scans, 'a.dcm'))
    onTestFinished(() => taken.clear())
    const { files, counts } = await run({ captures: true })
    expect(files.map(({ error, capture }) => error?.code ?? capture)).toEqual(['file-not-found', 'captures/b.dcm', 'image-format-unknown', 'captures/a-2.dcm'])
    expect(counts).toMatchObject({ total: 4, error: 2 })
  })

  it('writes one secondary capture per scan under the name of its heatmap, in the patient\'s study', async () => {
    const { run, out } = await workplace()
    const { files } = await run({ captures: true })
    expect(files.map(({ capture, heatmap }) => [capture, heatmap])).toEqual([
      ['captures/a.dcm', 'heatmaps/a.png'],
      ['captures/b.dcm', 'heatmaps/b.png'],
      [undefined, null],
      ['captures/a-2.dcm', 'heatmaps/a-2.png'],
    ])
    const rows = await listTags(await readFile(join(out, 'captures', 'a-2.dcm')), 'capture', { patientData: true })
    const value = (tag: string): string | undefined => rows.find((row) => row.tag === tag)?.value
    expect(value('(0010,0010)')).toBe('Somebody^2')
    expect(value('(0018,1020)')).toBe('9.9.9')
    expect(value('(0008,0016)')).toBe('1.2.840.10008.5.1.4.1.1.7')
    expect((await readFile(join(out, 'results.csv'), 'utf8')).split('\r\n')[1]).toMatch(/,captures\/a\.dcm,,Research use only/)
  })

  it('writes none unless it is asked to, and captures without heatmaps where it is', async () => {
    const { run, out, home } = await workplace()
    const { files } = await run()
    expect(files.every((file) => !('capture' in file))).toBe(true)
    expect(await readdir(out)).not.toContain('captures')
    const alone = join(home, 'alone')
    expect((await run({ captures: true, heatmaps: false, out: alone }, 'job-2')).files[0]).toMatchObject({ capture: 'captures/a.dcm', heatmap: null })
    expect(await readdir(alone)).not.toContain('heatmaps')
  })

  it('goes on after an interruption, screens no captures of its own, and does not mix', async () => {
    const { run, scans } = await workplace()
    const whole = await run({ captures: true, out: scans })
    const log = join(scans, 'results.jsonl')
    const lines = (await readFile(log, 'utf8')).split('\n')
    await writeFile(log, `${lines[0]}\n`)
    const timeless = (report: ScanReport) => ({ ...report, files: report.files.map((file) => ({ ...file, at: undefined })) })
    expect(timeless(await run({ captures: true, out: scans, resume: true }, 'job-2'))).toEqual(timeless(whole))
    expect((await readdir(join(scans, 'captures'))).sort()).toEqual(['a-2.dcm', 'a.dcm', 'b.dcm'])
    await expect(run({ out: scans, resume: true }, 'job-3')).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('secondary captures on') })
  })
})

describe('a DICOM result at the desk', () => {
  it('is saved as a secondary capture and as an anonymised copy, and shows its tags', async () => {
    const { run, home } = await workplace()
    await run()
    const store = createByteStore()
    const desk = new ScreeningDesk({ dataFolder: join(home, 'data'), version: '9.9.9' }, store)
    onTestFinished(() => desk.close())

    const capture = await desk.export({ resultId: 'job-1:0', format: 'dicom', opacity: 0.6, invert: false })
    expect(capture).toMatchObject({ fileName: 'a-assay.dcm', mediaType: 'application/dicom' })
    const said = async (id: string, tag: string): Promise<string | undefined> =>
      (await listTags(store.get(id).bytes, 'export', { patientData: true })).find((row) => row.tag === tag)?.value
    expect(await said(capture.id, '(0010,0020)')).toBe('PID-0')
    expect(await said(capture.id, '(0008,0008)')).toBe('DERIVED\\SECONDARY')

    const copy = await desk.export({ resultId: 'job-1:0', format: 'anonymised', opacity: 0.6, invert: false })
    expect(copy).toMatchObject({ fileName: 'anonymised.dcm', mediaType: 'application/dicom' })
    expect(await said(copy.id, '(0012,0062)')).toBe('YES')
    expect(await said(copy.id, '(0010,0010)')).toBe('')
    // Copies of one run keep together.
    const again = await desk.export({ resultId: 'job-1:0', format: 'anonymised', opacity: 0.6, invert: false })
    expect(store.get(again.id).bytes).toEqual(store.get(copy.id).bytes)

    expect((await desk.tags('job-1:0', true)).find(({ tag }) => tag === '(0010,0020)')).toMatchObject({ value: 'PID-0', hidden: false })
    expect((await desk.tags('job-1:0', false)).find(({ tag }) => tag === '(0010,0020)')).toMatchObject({ value: '', hidden: true })
  })
})

import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { access, appendFile, chmod, copyFile, mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { decode, encode } from 'fast-png'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ScreeningDesk } from '../../../src/engine/batch/desk'
import { HistoryDesk } from '../../../src/engine/history/desk'
import { scanJob } from '../../../src/engine/batch/scan-job'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { jobFolder } from '../../../src/engine/jobs/records'
import { createByteStore } from '../../../src/engine/store'
import type { PictureOptions } from '../../../src/engine/screening/view'
import type { AnyEvent } from '../../../src/shared/contract'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { JobParametersInput } from '../../../src/shared/job-parameters'
import type { AssayError } from '../../../src/shared/errors'
import type { ScanReport } from '../../../src/shared/types'
import { updateManifest } from '../../../src/engine/bundle/write'
import { havePoppler, pdfPages } from '../../support/poppler'
import { temporaryFolder } from '../bundle/fixtures'
import { png, scanValues, tampered, writeTinyBundle } from '../screening/tiny-bundle'

const width = 40
const height = 30

interface Workplace {
  home: string
  bundle: string
  scans: string
  out: string
}

/** Twenty scans, two of them tampered with, and three files that cannot be read. */
async function workplace(): Promise<Workplace> {
  const home = await temporaryFolder()
  const bundle = await writeTinyBundle(join(home, 'bundles'), 120)
  const scans = join(home, 'scans')
  await mkdir(join(scans, 'more'), { recursive: true })
  for (let i = 0; i < 20; i++) {
    const values = scanValues(i, width, height)
    const name = i < 10 ? `scan-${i}.png` : join('more', `scan-${i - 10}.png`)
    // Noise of 40 × 30 is averaged on the way to 16 × 16, so it takes more of it than at the model's own size.
    await writeFile(join(scans, name), png(i === 3 || i === 13 ? tampered(values, 20, i) : values, width, height))
  }
  await writeFile(join(scans, 'empty.png'), '')
  await writeFile(join(scans, 'text.dcm'), 'this is no DICOM file')
  await writeFile(join(scans, 'truncated.png'), png(scanValues(1), 16, 16).subarray(0, 100))
  await writeFile(join(scans, 'notes.txt'), 'not an image')
  return { home, bundle, scans, out: join(home, 'out') }
}

async function run(
  { home, bundle, scans, out }: Workplace,
  parameters: Partial<JobParametersInput['scan']> = {},
  { jobId = 'job-1', signal = new AbortController().signal, onEvent = (_: AnyEvent): void => undefined } = {},
): Promise<{ report: ScanReport; exitCode: number; events: AnyEvent[]; folder: string; progress: object }> {
  const events: AnyEvent[] = []
  let progress = {}
  const dataFolder = join(home, 'data')
  const folder = jobFolder(dataFolder, jobId)
  await mkdir(folder, { recursive: true })
  const context: JobContext = {
    jobId,
    signal,
    places: { version: 'test', dataFolder, bundleFolders: [join(home, 'bundles')], samplesFolder: '' },
    folder,
    progress: (told) => void (progress = told),
    emit: (event) => {
      events.push(event)
      onEvent(event)
    },
  }
  const { result, exitCode } = await scanJob.run(jobParameters.scan.parse({ paths: [scans], bundle, out, provider: 'cpu', ...parameters }), context)
  return { report: result as ScanReport, exitCode, events, folder, progress }
}

/** A report, or results, but for the times at which files were screened. */
const timeless = <T>(value: T): T => JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'at' ? undefined : each))) as T

const linesOf = async (out: string): Promise<string[]> => (await readFile(join(out, 'results.jsonl'), 'utf8')).split('\n').slice(0, -1)

describe('scanning a folder', () => {
  it('leaves out the pictures of earlier scans whose results lie in it, and nothing else of that name', async () => {
    const place = await workplace()
    const [first, second] = ['results-1', 'results-2'].map((name) => join(place.scans, name)) as [string, string]
    expect((await run({ ...place, out: first })).report.counts.total).toBe(23)
    await mkdir(join(place.scans, 'heatmaps'))
    await copyFile(join(place.scans, 'scan-0.png'), join(place.scans, 'heatmaps', 'mine.png'))
    expect((await readdir(join(first, 'heatmaps'))).length).toBeGreaterThan(0)
    expect((await run({ ...place, out: second }, {}, { jobId: 'job-2' })).report.counts.total).toBe(24)
    // Asked for by name, it is refused for what it is.
    const { files } = (await run({ ...place, out: join(place.home, 'third') }, { paths: [join(first, 'heatmaps')] }, { jobId: 'job-3' })).report
    expect(files.map(({ error }) => error)).toMatchObject([{ code: 'data-set-invalid', message: expect.stringContaining('Assay writes pictures into') as string }])
  })

  it('gives every file a verdict or a typed error, in order, and goes on past the bad ones', async () => {
    const place = await workplace()
    const { report, exitCode, events } = await run(place)
    expect(report.counts).toMatchObject({ total: 23, error: 3 })
    expect(exitCode).toBe(3)
    const byName = new Map(report.files.map((file) => [file.path.slice(place.scans.length + 1), file]))
    expect(byName.get('empty.png')?.error?.code).toBe('file-empty')
    expect(byName.get('text.dcm')?.error?.code).toBe('image-format-unknown')
    expect(byName.get('truncated.png')?.error?.code).toBe('image-truncated')
    for (const name of ['scan-3.png', join('more', 'scan-3.png')]) expect(byName.get(name)).toMatchObject({ status: 'suspicious', before: { label: 'noisy' }, after: { label: 'smooth' } })
    expect(report.counts.suspicious).toBeLessThan(6)
    expect([...byName.keys()].slice(0, 4)).toEqual(['empty.png', 'scan-0.png', 'scan-1.png', 'scan-2.png'])
    expect(byName.has('notes.txt')).toBe(false)

    const emitted = events.flatMap((event) => (event.name === 'scan.result' ? [event.payload] : []))
    expect(emitted.map(({ result }) => result)).toEqual(report.files)
    expect(emitted.map(({ resultId }) => resultId)).toEqual(report.files.map((_, i) => `job-1:${i}`))
    expect((await linesOf(place.out)).map((line) => JSON.parse(line) as unknown)).toEqual(report.files)
  })

  it('writes one heatmap per scan at its own size, under names of their own, and a table', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const names = report.files.flatMap(({ heatmap }) => heatmap ?? [])
    expect(names).toHaveLength(20)
    expect(new Set(names).size).toBe(20)
    expect(names).toContain('heatmaps/scan-3.png')
    expect(names).toContain('heatmaps/scan-3-2.png')
    for (const name of names) expect(decode(await readFile(join(place.out, name)))).toMatchObject({ width, height, channels: 3 })
    const table = (await readFile(join(place.out, 'results.csv'), 'utf8')).trim().split('\r\n')
    expect(table).toHaveLength(24)
    expect(table[0]).toContain('before p(noisy)')
  })

  it('tries a file that is named, whatever its name, and reports what does not exist', async () => {
    const place = await workplace()
    const { report } = await run(place, { paths: [join(place.scans, 'notes.txt'), join(place.scans, 'scan-1.png'), join(place.home, 'absent'), join(place.scans, 'scan-1.png')] })
    expect(report.files.map(({ error }) => error?.code)).toEqual(['image-format-unknown', undefined, 'file-not-found'])
    await mkdir(join(place.home, 'hollow'))
    const hollow = await run(place, { paths: [join(place.home, 'hollow')], out: join(place.home, 'out-2') })
    expect(hollow.report.files[0]?.error?.code).toBe('data-set-invalid')
  })

  it('leaves the originals and the bundle as they were', async () => {
    const place = await workplace()
    const before = await readFile(join(place.scans, 'scan-3.png'))
    // Results beside the scans: the heatmaps must not be screened by the resumed run, nor anything overwritten.
    await run(place, { out: place.scans })
    const { report } = await run(place, { out: place.scans, resume: true }, { jobId: 'job-2' })
    expect(report.counts.total).toBe(23)
    expect(await readFile(join(place.scans, 'scan-3.png'))).toEqual(before)
  })
})

describe('going on after an interruption', () => {
  it('keeps complete lines, drops the truncated one, and ends as an uninterrupted run does', async () => {
    const place = await workplace()
    const whole = await run(place)
    const lines = await linesOf(place.out)
    await writeFile(join(place.out, 'results.jsonl'), `${lines.slice(0, 7).join('\n')}\n${lines[7]!.slice(0, 60)}`)
    await rm(join(place.out, 'results.csv'))
    const resumed = await run(place, { resume: true }, { jobId: 'job-2' })
    expect(timeless(resumed.report)).toEqual(timeless(whole.report))
    expect(resumed.events).toHaveLength(16)
    expect((await linesOf(place.out)).map((line) => timeless(JSON.parse(line)))).toEqual(lines.map((line) => timeless(JSON.parse(line))))
    await access(join(place.out, 'results.csv'))
    expect(await readdir(join(place.out, 'heatmaps'))).toHaveLength(20)
  })

  it('keeps what was done when it is cancelled, and finishes later', async () => {
    const place = await workplace()
    const controller = new AbortController()
    await expect(run(place, {}, { signal: controller.signal, onEvent: () => controller.abort() })).rejects.toMatchObject({ code: 'cancelled' })
    const kept = (await linesOf(place.out)).length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(23)
    expect((await run(place, { resume: true }, { jobId: 'job-2' })).report.counts.total).toBe(23)
  })

  it('drops what a power cut wrote as zeros, and refuses a folder whose record is lost', async () => {
    const place = await workplace()
    await run(place)
    await appendFile(join(place.out, 'results.jsonl'), Buffer.concat([Buffer.alloc(50), Buffer.from('\n')]))
    expect((await run(place, { resume: true }, { jobId: 'job-2' })).report.counts.total).toBe(23)
    await writeFile(join(place.out, 'job.json'), '')
    await expect(run(place, { resume: true })).rejects.toMatchObject({ code: 'invalid-arguments' })
  })

  it('stops where another run has written into the same folder meanwhile, and leaves its lines whole', async () => {
    const place = await workplace()
    let meddled = false
    const meddle = (event: AnyEvent): void => {
      if (event.name !== 'scan.result' || meddled) return
      meddled = true
      const path = join(place.out, 'results.jsonl')
      appendFileSync(path, readFileSync(path, 'utf8').split('\n')[0]! + '\n')
    }
    await expect(run(place, {}, { onEvent: meddle })).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining('Another run') })
    expect(await linesOf(place.out)).toHaveLength(17)
  })

  it('refuses to mix: without --resume, with another α, with another calibration', async () => {
    const place = await workplace()
    await run(place)
    const before = await readFile(join(place.out, 'results.jsonl'))
    await expect(run(place)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('--resume') })
    await expect(run(place, { resume: true, alpha: 0.1 })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('alpha of 0.05') })
    await updateManifest(place.bundle, (manifest) => ({ ...manifest, name: 'Renamed' }))
    await expect(run(place, { resume: true })).resolves.toBeDefined()
    await updateManifest(place.bundle, (manifest) => ({ ...manifest, detector: { ...manifest.detector!, calibration: { ...manifest.detector!.calibration, scores: new Array<number>(50).fill(0) } } }))
    await expect(run(place, { resume: true })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('bundle tiny') })
    expect(await readFile(join(place.out, 'results.jsonl'))).toEqual(before)
  })
})

describe('one output folder', () => {
  it('takes one scan at a time, and the lock of one that died, and keeps no lock', async () => {
    const place = await workplace()
    const lock = join(place.out, '.scan.lock')
    let second: Promise<unknown> | undefined
    await run(place, {}, { onEvent: () => (second ??= run(place, { resume: true }, { jobId: 'job-2' }).catch((error: unknown) => error)) })
    expect(await second).toMatchObject({ code: 'output-not-writable', facts: { path: place.out }, message: expect.stringContaining(lock) as string })
    expect(await linesOf(place.out)).toHaveLength(23)
    expect(await readdir(place.out)).not.toContain('.scan.lock')

    const fresh = { ...place, out: join(place.home, 'fresh') }
    await mkdir(fresh.out)
    await writeFile(join(fresh.out, '.scan.lock'), `${process.ppid} busy`)
    await expect(run(fresh)).rejects.toMatchObject({ code: 'output-not-writable' })
    // Nothing was written into the other's folder.
    expect(await readdir(fresh.out)).toEqual(['.scan.lock'])
    await writeFile(join(fresh.out, '.scan.lock'), '999999999 dead')
    expect((await run(fresh, {}, { jobId: 'job-3' })).report.counts.total).toBe(23)
    expect((await readdir(fresh.out)).sort()).toEqual(['heatmaps', 'job.json', 'results.csv', 'results.jsonl'])
  })

  it('has every picture on the disk before a line speaks of it', async () => {
    const place = await workplace()
    const probe = await open(join(place.home, 'probe'), 'w')
    const handles = Object.getPrototypeOf(probe) as FileHandle
    await probe.close()
    const pictures = new Set<FileHandle>()
    let [synced, told] = [0, 0]
    // Only as spies: what they stand for is still done.
    const of = <K extends 'writeFile' | 'sync' | 'datasync' | 'appendFile'>(name: K, note: (handle: FileHandle, content: unknown) => void): void => {
      const real = handles[name] as (this: FileHandle, ...more: unknown[]) => Promise<void>
      const spy = vi.spyOn(handles, name as 'sync').mockImplementation(function (this: FileHandle, ...more: unknown[]) {
        note(this, more[0])
        return real.apply(this, more)
      } as () => Promise<void>)
      onTestFinished(() => spy.mockRestore())
    }
    of('writeFile', (handle, content) => content instanceof Uint8Array && content[0] === 0x89 && pictures.add(handle))
    for (const name of ['sync', 'datasync'] as const) of(name, (handle) => (synced += Number(pictures.delete(handle))))
    of('appendFile', (_, content) => {
      told += String(content).split('"heatmap":"').length - 1
      expect(synced).toBeGreaterThanOrEqual(told)
    })
    await run(place)
    expect([synced, told]).toEqual([20, 20])
  })
})

describe('trying again what could not be read', () => {
  it('screens only those, puts the new results in the place of the errors, and keeps every line', async () => {
    const place = await workplace()
    await run(place)
    await writeFile(join(place.scans, 'empty.png'), png(scanValues(50, width, height), width, height))
    const { report, events, exitCode } = await run(place, { resume: true, retryFailed: true }, { jobId: 'job-2' })
    expect(exitCode).toBe(3)
    expect(report.counts).toMatchObject({ total: 23, error: 2 })
    // In the place of the error, which was the first line.
    expect(report.files[0]).toMatchObject({ path: join(place.scans, 'empty.png'), status: 'clean' })
    expect(events.flatMap((event) => (event.name === 'scan.result' ? [event.payload.resultId] : []))).toEqual(['job-2:23', 'job-2:24', 'job-2:25'])
    expect(await linesOf(place.out)).toHaveLength(26)
    expect((await readFile(join(place.out, 'results.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(24)
    // Gone on with once more, nothing is left to do.
    const again = await run(place, { resume: true }, { jobId: 'job-3' })
    expect(again.events).toEqual([])
    expect(again.report).toEqual(report)
  })

  it('forgets errors of folders once they can be looked into, and says the same while it runs and at the end', async () => {
    const place = await workplace()
    const [inbox, share] = ['inbox', 'share'].map((name) => join(place.home, name)) as [string, string]
    await mkdir(inbox)
    const paths = [place.scans, inbox, share]
    expect((await run(place, { paths })).report.counts).toMatchObject({ total: 25, error: 5 })
    // Nothing to look into still: the errors stand.
    expect((await run(place, { paths, resume: true }, { jobId: 'job-2' })).report.counts).toMatchObject({ total: 25, error: 5 })

    await mkdir(share)
    for (const [folder, n] of [[inbox, 30], [share, 31]] as const) await writeFile(join(folder, `scan-${n}.png`), png(scanValues(n, width, height), width, height))
    const third = await run(place, { paths, resume: true }, { jobId: 'job-3' })
    expect(third.report.counts).toMatchObject({ total: 25, error: 3 })
    expect(third.progress).toMatchObject({ done: 25, total: 25, message: expect.stringContaining('3 could not be read') as string })
    // Line numbers are those of the file, in which the errors and what took them back stand still.
    expect(third.events.map((event) => event.name === 'scan.result' && event.payload.resultId)).toEqual(['job-3:27', 'job-3:28'])
    expect((await readFile(join(place.out, 'results.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(26)

    // The share is gone again, a file that failed as well.
    await rm(share, { recursive: true })
    await rm(join(place.scans, 'text.dcm'))
    const fourth = await run(place, { paths, resume: true, retryFailed: true }, { jobId: 'job-4' })
    expect(fourth.report.counts).toMatchObject({ total: 26, error: 4 })
    expect(fourth.progress).toMatchObject({ done: 26, total: 26, message: expect.stringContaining('4 could not be read') as string })

    // Mounted with nothing new on it.
    await mkdir(share)
    await writeFile(join(share, 'scan-31.png'), png(scanValues(31, width, height), width, height))
    for (const file of ['empty.png', 'truncated.png', 'text.dcm']) await writeFile(join(place.scans, file), png(scanValues(40, width, height), width, height))
    const last = await run(place, { paths, resume: true, retryFailed: true }, { jobId: 'job-5' })
    expect(last.report.counts).toMatchObject({ total: 25, error: 0 })
    expect(last.exitCode).toBe(0)
  })

  it('goes with --resume alone', async () => {
    const place = await workplace()
    await expect(run(place, { retryFailed: true })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('--resume') })
  })
})

describe('what the history gets of a scan', () => {
  it('is a record per file, the unreadable ones too, chained, with the file\'s own hash', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const desk = new HistoryDesk(join(place.home, 'data'))
    expect(await desk.verify()).toMatchObject({ intact: true, records: 23 })
    const records = await desk.find({ text: '' })
    const at = report.files.findIndex(({ path }) => path.endsWith('scan-3.png'))
    const hash = createHash('sha256').update(await readFile(report.files[at]!.path)).digest('hex')
    expect(records[at]).toMatchObject({ job: 'job-1', line: at, sha256: hash, status: 'suspicious', pValue: report.files[at]!.pValue, bundle: { id: 'tiny' }, alpha: 0.05, before: 'noisy', after: 'smooth', provider: 'cpu' })
    expect(records.filter(({ error }) => error !== undefined).map(({ error }) => error)).toEqual(['file-empty', 'image-format-unknown', 'image-truncated'])
    expect(await readFile(join(place.home, 'data', 'history.jsonl'), 'utf8')).not.toContain('scan-3')
  })

  it('keeps why a verdict is not to be relied on', async () => {
    const place = await workplace()
    await updateManifest(place.bundle, ({ detector, ...manifest }) => ({ ...manifest, detector: { ...detector!, appearance: { ...detector!.appearance!, threshold: 1e-9 } } }))
    const colour = new Uint8Array(3 * width * height)
    scanValues(1, width, height).forEach((value, i) => colour.fill(value, 3 * i, 3 * i + 3))
    const path = join(place.home, 'colour.png')
    await writeFile(path, encode({ width, height, data: colour, channels: 3, depth: 8 }))
    const { report } = await run(place, { paths: [path] })
    const [result] = report.files
    expect(result).toMatchObject({ warning: expect.stringContaining('colour picture') as string, unfamiliar: true })
    const [record] = await new HistoryDesk(join(place.home, 'data')).find({ text: '' })
    expect(record).toMatchObject({ warning: result!.warning, unfamiliar: true })
  })
})

describe('what stops a scan before it begins', () => {
  it('is an output folder that cannot be written', async () => {
    const place = await workplace()
    await writeFile(join(place.home, 'a-file'), '')
    await expect(run(place, { out: join(place.home, 'a-file', 'out') })).rejects.toMatchObject({ code: 'output-not-writable' })
    if (process.getuid?.() === 0) console.log('not tried: root may write into any folder')
    else {
      await mkdir(join(place.home, 'locked'))
      await chmod(join(place.home, 'locked'), 0o500)
      await expect(run(place, { out: join(place.home, 'locked', 'out') })).rejects.toMatchObject({ code: 'output-not-writable' })
    }
  })

  it('is a bundle that is not there, was changed, or could never flag anything', async () => {
    const place = await workplace()
    await expect(run(place, { bundle: 'absent' })).rejects.toMatchObject({ code: 'bundle-not-found', message: expect.stringContaining('tiny') })
    await expect(run(place, { alpha: 0.001, out: join(place.home, 'out-2') })).rejects.toThrow('nothing can be flagged')
    await appendFile(join(place.bundle, 'classifier.onnx'), 'x')
    const error = await run(place, { out: join(place.home, 'out-3') }).catch((e: AssayError) => e)
    expect(error).toMatchObject({ code: 'bundle-hash-mismatch', facts: { file: 'classifier.onnx' } })
  })
})

describe('results taken up again', () => {
  async function deskOf(place: Workplace): Promise<{ desk: ScreeningDesk; store: ReturnType<typeof createByteStore> }> {
    const store = createByteStore()
    const desk = new ScreeningDesk({ dataFolder: join(place.home, 'data'), version: 'test' }, store)
    onTestFinished(() => desk.close())
    return { desk, store }
  }

  it('opens as three planes of the scan\'s size, the purified one being the scan minus the removed pattern', async () => {
    const place = await workplace()
    const { report } = await run(place, { out: undefined })
    const index = report.files.findIndex(({ path }) => path.endsWith('scan-3.png'))
    const { desk, store } = await deskOf(place)
    expect((await desk.results('job-1'))[index]).toEqual({ resultId: `job-1:${index}`, result: report.files[index] })
    const view = await desk.open(`job-1:${index}`)
    expect(view).toMatchObject({ fileName: 'scan-3.png', alpha: 0.05, result: { status: 'suspicious' }, scan: { width, height, dtype: 'uint8' }, purified: { dtype: 'float32' } })
    expect(view.verdict.headline).toMatch(/^Suspicious/)

    const scan = store.get(view.scan.id).bytes
    expect(Buffer.from(scan)).toEqual(Buffer.from(tampered(scanValues(3, width, height), 20, 3)))
    const plane = (id: string): Float32Array => {
      const { bytes } = store.get(id)
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    }
    const purified = plane(view.purified.id)
    expect(purified).toHaveLength(width * height)
    // Nearer to the untouched scan than the tampered one is.
    const distance = (values: ArrayLike<number>): number => scanValues(3, width, height).reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0)
    expect(distance(purified)).toBeLessThan(0.9 * distance(scan))
    expect(Math.max(...plane(view.heatmap.id))).toBeCloseTo(view.heatmap.max, 6)
  })

  it('exports a picture with all three and a JSON file that says what made it', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const index = report.files.findIndex(({ path }) => path.endsWith('scan-3.png'))
    const { desk, store } = await deskOf(place)
    const picture = await desk.export({ resultId: `job-1:${index}`, format: 'png', opacity: 0.6, invert: false })
    const sheet = decode(store.get(picture.id).bytes)
    expect(picture.fileName).toBe('scan-3-assay.png')
    expect(sheet.width).toBeGreaterThan(3 * width)
    const looked = await desk.export({ resultId: `job-1:${index}`, format: 'png', opacity: 0.6, invert: false, orientation: { quarterTurns: 3, mirrored: true }, heatLook: { threshold: 0.2, colours: 'viridis' } })
    const turned = decode(store.get(looked.id).bytes)
    expect(turned.height).toBeGreaterThan(sheet.height)
    expect(Buffer.compare(Buffer.from(turned.data.buffer), Buffer.from(sheet.data.buffer))).not.toBe(0)
    const json = await desk.export({ resultId: `job-1:${index}`, format: 'json', opacity: 0.6, invert: false })
    const document = JSON.parse(new TextDecoder().decode(store.get(json.id).bytes)) as Record<string, unknown>
    expect(document).toMatchObject({ result: report.files[index], alpha: 0.05, bundle: { id: 'tiny' }, note: 'Research use only. Not for diagnosis.' })
  })

  it('exports a page that is the same each time, of a frame that names what it was made with', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const index = report.files.findIndex(({ path }) => path.endsWith('scan-3.png'))
    const { desk, store } = await deskOf(place)
    const page = async (look: Pick<PictureOptions, 'orientation' | 'heatLook'> = {}) => {
      const artifact = await desk.export({ resultId: `job-1:${index}`, format: 'pdf', opacity: 0.6, invert: false, ...look })
      expect(artifact).toMatchObject({ fileName: 'scan-3-assay.pdf', mediaType: 'application/pdf' })
      return store.get(artifact.id).bytes
    }
    const pdf = await page()
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
    expect(Buffer.compare(pdf, await page())).toBe(0)
    if (!havePoppler) return
    const { classifier } = JSON.parse(await readFile(join(place.bundle, 'bundle.json'), 'utf8')) as { classifier: { sha256: string } }
    const pages = pdfPages(pdf)
    expect(pages).toHaveLength(1)
    for (const words of ['Screening of scan-3.png', 'Suspicious: an untouched scan looks this unusual', classifier.sha256, 'Scan as it is', 'What was removed', 'Research use only. Not for diagnosis.']) expect(pages[0]).toContain(words)
    const turned = pdfPages(await page({ orientation: { quarterTurns: 2, mirrored: false }, heatLook: { threshold: 0, colours: 'red' } })).join()
    for (const words of ['turned as in the viewer: 180°', 'in the colours "red"']) {
      expect(turned).toContain(words)
      expect(pages[0]).not.toContain(words)
    }
  })

  it('refuses a file that has changed since, in every form but the JSON of what was found', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const [index, other] = ['scan-3.png', 'scan-1.png'].map((name) => report.files.findIndex(({ path }) => path === join(place.scans, name)))
    const { path, sha256 } = report.files[index!]!
    expect(sha256).toBe(createHash('sha256').update(await readFile(path)).digest('hex'))
    await copyFile(join(place.scans, 'scan-1.png'), path)
    const { desk } = await deskOf(place)
    const id = `job-1:${index}`
    const changed = { code: 'result-not-found', facts: { path }, message: expect.stringContaining('has changed since this scan; scan it again') as string }
    await expect(desk.open(id)).rejects.toMatchObject(changed)
    await expect(desk.tags(id, false)).rejects.toMatchObject(changed)
    const look = { resultId: id, opacity: 0.6, invert: false }
    for (const format of ['png', 'pdf', 'dicom', 'anonymised'] as const) await expect(desk.export({ ...look, format }), format).rejects.toMatchObject(changed)
    await expect(desk.export({ ...look, format: 'json' })).resolves.toBeDefined()
    await expect(desk.open(`job-1:${other}`)).resolves.toBeDefined()
    // What is gone is not called changed.
    await rm(path)
    await expect(desk.open(id)).rejects.toMatchObject({ code: 'file-not-found' })
    // An older version wrote no hashes: its results open as they did.
    const lines = (await linesOf(place.out)).map((line) => ({ ...(JSON.parse(line) as object), sha256: undefined }))
    await writeFile(join(place.out, 'results.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await copyFile(join(place.scans, 'scan-1.png'), path)
    await expect(desk.open(id)).resolves.toBeDefined()
  })

  it('refuses unknown results, files with errors, and a bundle that has changed since', async () => {
    const place = await workplace()
    const { report } = await run(place)
    const { desk } = await deskOf(place)
    for (const id of ['job-1:999', 'nonsense', '../../etc:0']) await expect(desk.open(id)).rejects.toMatchObject({ code: 'result-not-found' })
    await expect(desk.open('job-9:0')).rejects.toMatchObject({ code: 'job-not-found' })
    await expect(desk.open(`job-1:${report.files.findIndex(({ error }) => error?.code === 'file-empty')}`)).rejects.toMatchObject({ code: 'file-empty' })
    await updateManifest(place.bundle, (manifest) => ({ ...manifest, classes: ['other', 'names'] }))
    const { desk: opened } = await deskOf(place)
    await expect(opened.open('job-1:1')).rejects.toMatchObject({ code: 'bundle-hash-mismatch' })
  })
})

/** The job behind `assay calibrate` and the Models page, from files to a bundle. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadBundle } from '../../../src/engine/bundle/load'
import { updateManifest } from '../../../src/engine/bundle/write'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { calibrateJob } from '../../../src/engine/calibration/calibrate-job'
import { planCalibration } from '../../../src/engine/calibration/plan'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { calibrationReportSchema } from '../../../src/shared/calibration'
import type { CalibrationReport } from '../../../src/shared/calibration'
import { temporaryFolder } from '../bundle/fixtures'
import { png, scanValues, side, writeTinyBundle } from '../screening/tiny-bundle'

let home: string
let bundles: string
const progress: { done?: number; total?: number }[] = []

beforeEach(async () => {
  home = await temporaryFolder()
  bundles = join(home, 'bundles')
  progress.length = 0
})

const context = (signal = new AbortController().signal): JobContext => ({
  jobId: 'job',
  signal,
  places: { version: 'test', dataFolder: home, bundleFolders: [bundles], samplesFolder: '' },
  folder: home,
  progress: (update) => progress.push(update),
  emit: () => undefined,
})
const parameters = (changes: object = {}) => ({ bundle: 'tiny', data: join(home, 'data'), provider: 'cpu' as const, keepScores: false, seed: 0, ...changes })
/** The report as it crosses a border. */
const calibrated = async (changes: object = {}): Promise<CalibrationReport> => calibrationReportSchema.parse(structuredClone((await calibrateJob.run(parameters(changes), context())).result))

/** Scans in a folder of the data; @param device makes DICOM files of them. */
function writeScans(folder: string, count: number, first = 0, device?: { modality: string; maker: string; model?: string; patient?: (i: number) => string }): void {
  const path = join(home, 'data', folder)
  mkdirSync(path, { recursive: true })
  for (let i = first; i < first + count; i++) {
    const pixels = scanValues(i)
    if (!device) writeFileSync(join(path, `${i}.png`), png(pixels))
    else
      writeFileSync(
        join(path, `${i}.dcm`),
        writeDicom({ kind: 'secondary-capture', modality: device.modality, width: side, height: side, pixels, attributes: [{ tag: 0x00080070, vr: 'LO', value: device.maker }, ...(device.model ? [{ tag: 0x00081090, vr: 'LO' as const, value: device.model }] : []), ...(device.patient ? [{ tag: 0x00100020, vr: 'LO' as const, value: device.patient(i) }] : [])] }),
      )
  }
}

it('calibrates a bundle named by id on class folders, passes over what it cannot read, and stops when told', async () => {
  const folder = await writeTinyBundle(bundles, 0)
  writeScans('smooth', 20)
  writeScans('noisy', 20, 100)
  await writeFile(join(home, 'data', 'smooth', 'bad.png'), 'no picture')
  await expect(calibrateJob.run(parameters(), context(AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' })
  expect((await loadBundle(folder)).manifest.detector).toBeUndefined()

  const { result, exitCode } = await calibrateJob.run(parameters(), context())
  expect(exitCode).toBe(3)
  expect(result as CalibrationReport).toMatchObject({ bundle: 'tiny', scans: 40, calibrationCount: 32, earlier: null, failures: [{ error: { code: 'image-format-unknown' } }] })
  expect((await loadBundle(folder)).manifest.detector?.calibration.data.label).toBe('data')
  expect(Math.max(...progress.map(({ done = 0 }) => done))).toBe(82)
})

describe('into a copy', () => {
  const copy = () => ({ out: join(home, 'local'), id: 'tiny-local', name: 'Tiny, local' })
  const filesOf = async (folder: string) => Object.fromEntries(await Promise.all((await readdir(folder)).map(async (file) => [file, await readFile(join(folder, file), 'base64')])))

  it('leaves the bundle as it was, byte for byte, and tells what its calibration made of the scans', async () => {
    const folder = await writeTinyBundle(bundles)
    await writeFile(join(folder, 'MODEL_CARD.md'), '# Tiny\n\n## Detector\n\nOld words.\n\n## Limits\n\nKept.\n')
    const before = await filesOf(folder)
    writeScans('', 40)
    const report = await calibrated(copy())
    expect(await filesOf(folder)).toEqual(before)
    const { manifest, classifier, purifier } = await loadBundle(join(home, 'local'))
    expect(manifest).toMatchObject({ id: 'tiny-local', name: 'Tiny, local', training: { calibrated: { bundle: 'tiny', name: 'Tiny' } }, detector: { calibration: { data: { label: 'data' } } } })
    expect(manifest.detector!.calibration.scores).toHaveLength(32)
    const original = await loadBundle(folder)
    expect([classifier, purifier]).toEqual([original.classifier, original.purifier])
    const card = await readFile(join(home, 'local', 'MODEL_CARD.md'), 'utf8')
    expect(card).toMatch(/^# Tiny, local\n/)
    expect(card).not.toContain('Old words')
    expect(card).toContain('## Limits\n\nKept.')
    expect(report).toMatchObject({ bundle: 'tiny-local', calibrationCount: 32, earlier: { label: 'tiny', calibrationCount: 96, scores: ['residual', 'disagreement'], flagged: { of: 40 }, unfamiliar: { of: 40 } } })
    // Scans like those of the calibration before: about one in twenty.
    expect(report.earlier!.flagged.count).toBeLessThan(8)
    expect(report.falseAlarms!.mean).toBeCloseTo(1 / 33, 9)
  })

  it('counts how many of unlike scans the calibration before would have flagged', async () => {
    await writeTinyBundle(bundles)
    mkdirSync(join(home, 'data'), { recursive: true })
    for (let i = 0; i < 40; i++) writeFileSync(join(home, 'data', `${i}.png`), png(scanValues(i).map((value, at) => value + (at % 2 ? 9 : 0))))
    expect((await calibrated(copy())).earlier!.flagged).toEqual({ count: 40, of: 40 })
  })

  it('is not written over another bundle, nor left half made', async () => {
    const folder = await writeTinyBundle(bundles, 0)
    writeScans('', 8)
    await expect(calibrateJob.run(parameters({ out: folder }), context())).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('already holds bundle.json') })
    const somebodys = join(home, 'somebodys')
    mkdirSync(somebodys)
    writeFileSync(join(somebodys, 'purifier.onnx'), 'mine')
    await expect(calibrateJob.run(parameters({ out: somebodys }), context())).rejects.toMatchObject({ code: 'output-not-writable' })
    expect(await readFile(join(somebodys, 'purifier.onnx'), 'utf8')).toBe('mine')
    await expect(calibrateJob.run(parameters(copy()), context(AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(home)).not.toContain('local')
  })
})

describe('what is reported of the choice', () => {
  it('is what was measured on these scans, and nothing where the scores were kept', async () => {
    const folder = await writeTinyBundle(bundles, 0)
    writeScans('', 80)
    expect((await calibrated()).choice).toMatchObject({ scans: 24 })
    await rm(join(home, 'data'), { recursive: true })
    writeScans('', 40, 200)
    const few = await calibrated({ out: join(home, 'local') })
    expect(few.warnings.join(' ')).toContain('too few to choose')
    expect([few.choice, few.earlier?.calibrationCount]).toEqual([null, 56])
    expect((await loadBundle(join(home, 'local'))).manifest.detector!.choice).toMatchObject({ scans: 24, kept: { label: 'data' } })
    expect((await calibrated({ keepScores: true })).choice).toBeNull()
    expect((await loadBundle(folder)).manifest.detector!.choice).toMatchObject({ scans: 24, kept: { label: 'data' } })
  })
})

describe('what is asked wrongly', () => {
  it('is a name for a copy that nobody asked for: the bundle itself is left alone', async () => {
    const folder = await writeTinyBundle(bundles, 0)
    writeScans('', 40)
    for (const [asked, option] of [[{ id: 'mine' }, '--id'], [{ name: 'Mine' }, '--name']] as const)
      await expect(calibrateJob.run(parameters(asked), context())).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining(`${option} is for a copy`) })
    expect((await loadBundle(folder)).manifest.detector).toBeUndefined()
  })

  it('is a folder of what cannot be read: how much of it, and why, is said', async () => {
    await writeTinyBundle(bundles, 0)
    writeScans('', 2)
    for (let i = 0; i < 12; i++) writeFileSync(join(home, 'data', `bad${i}.png`), 'no picture')
    await expect(calibrateJob.run(parameters(), context())).rejects.toMatchObject({
      code: 'data-set-invalid',
      message: expect.stringMatching(/^12 of 14 files could not be read, the first because: .*bad\d+\.png.* 2 untouched scans are too few/),
      facts: { scans: 2, files: 14, unreadable: 12, reason: 'image-format-unknown', path: expect.stringContaining('bad') },
    })
  })
})

describe('scans of few patients', () => {
  it('are known by a manifest, or by what DICOM files say, and warned of', async () => {
    await writeTinyBundle(bundles, 0)
    writeScans('', 40)
    writeFileSync(join(home, 'data', 'manifest.csv'), `file,group\n${Array.from({ length: 40 }, (_, i) => `${i}.png,${i % 10}`).join('\n')}\n`)
    expect((await calibrated({ keepScores: true })).warnings.join(' ')).toContain('32 scans of 8 patients stand behind')
    await rm(join(home, 'data'), { recursive: true })
    writeScans('', 40, 0, { modality: 'DX', maker: 'X', patient: (i) => `P${i % 20}` })
    expect((await calibrated({ keepScores: true })).warnings.join(' ')).toContain('32 scans of 16 patients stand behind')
    await rm(join(home, 'data'), { recursive: true })
    writeScans('', 40, 0, { modality: 'DX', maker: 'X', patient: () => 'ANON' })
    expect((await calibrated({ keepScores: true })).warnings.join(' ')).toContain('40 files carry a patient identifier that is a placeholder')
  })
})

describe('scans of other devices', () => {
  it('are warned of by modality and maker, both named, and their origins stand in the bundle', async () => {
    const folder = await writeTinyBundle(bundles, 0)
    const trained = { modalities: ['DX'], manufacturers: ['SIEMENS'], devices: ['SIEMENS YSIO'] }
    await updateManifest(folder, (manifest) => ({ ...manifest, modality: 'DX', training: { purifier: { data: { origins: trained } } } }))
    await writeFile(join(folder, 'MODEL_CARD.md'), '# Tiny\n\n## Detector\n')
    writeScans('', 40, 0, { modality: 'MR', maker: 'GEMed', model: 'X1' })
    const { warnings, origins } = await calibrated()
    expect(warnings[0]).toMatch(/say they are MR, and Tiny was made for DX/)
    expect(warnings[1]).toMatch(/devices by GEMED, and the models of Tiny learned from devices by SIEMENS/)
    expect(origins).toEqual({ modalities: ['MR'], manufacturers: ['GEMED'], devices: ['GEMED X1'] })
    expect((await loadBundle(folder)).manifest.detector!.appearance).toMatchObject(origins)
    expect(await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain('Their files name MR, and devices by GEMED.')
  })

  it('like those that the models learned from are taken without a word', async () => {
    const folder = await writeTinyBundle(bundles, 0)
    await updateManifest(folder, (manifest) => ({ ...manifest, modality: 'DX', training: { purifier: { data: { origins: { modalities: ['DX'], manufacturers: ['SIEMENS'] } } } } }))
    writeScans('', 40, 0, { modality: 'CR', maker: 'Siemens' })
    expect((await calibrated()).warnings.filter((warning) => /was made for|learned from/.test(warning))).toEqual([])
  })
})

describe('the plan', () => {
  const plan = (changes: object = {}) => planCalibration({ bundle: 'tiny', data: join(home, 'data'), keepScores: false, ...changes }, [bundles])

  it('says what the job then does', async () => {
    await writeTinyBundle(bundles, 0)
    writeScans('', 80)
    const planned = await plan()
    const report = await calibrated()
    expect(planned).toEqual({ images: 80, choosing: report.choice!.scans, behind: report.calibrationCount, falseAlarms: report.falseAlarms, lacks: [] })
    expect(await plan({ keepScores: true })).toMatchObject({ choosing: 0, behind: 64, lacks: [] })
  })

  it('says what too few scans cannot give', async () => {
    await writeTinyBundle(bundles, 0)
    writeScans('', 4)
    expect((await plan()).lacks).toEqual([{ code: 'too-few', atLeast: 24 }, { code: 'no-choice', atLeast: 67 }])
    writeScans('', 20)
    expect(await plan()).toMatchObject({ falseAlarms: null, lacks: [{ code: 'nothing-flagged', atLeast: 24 }, { code: 'no-choice' }] })
    await expect(plan({ data: join(home, 'elsewhere') })).rejects.toMatchObject({ code: 'file-not-found' })
  })
})

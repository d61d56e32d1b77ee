/**
 * The job behind `assay calibrate` and the Models page: a folder of untouched scans in, the detector block of a bundle
 * out, in its place or in a copy of the bundle.
 */
import { rmdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { BundleManifest } from '../../shared/bundle'
import type { CalibrationReport } from '../../shared/calibration'
import { AssayError, serializeError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { idOf } from '../../shared/models'
import { assertUnused, ensureWritable } from '../bundle/atomic'
import { loadBundle, resolveBundle, resolveBundleFolder } from '../bundle/load'
import { manifestName } from '../bundle/manifest'
import { refuseStrangers } from '../bundle/write'
import { readImages } from '../dataset/labelled'
import type { DataSetItem } from '../dataset/labelled'
import { readAhead, throwIfAborted } from '../dataset/model-inputs'
import { joinPatients } from '../dataset/patients'
import type { OfPatient, Patients } from '../dataset/patients'
import { deviceOf } from '../image/decoded-image'
import type { Device } from '../image/decoded-image'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import type { JobDefinition } from '../jobs/definition'
import { falseAlarms, usualAlpha } from '../screening/conformal'
import { originsOf } from '../screening/origins'
import { calibrationOf } from './calibrate'
import type { Calibration, CalibrationOptions } from './calibrate'
import { detectorSentence } from './card-section'
import { calibrateBundle, writeCalibrated } from './write-calibration'

/** What the choice of scores counts for in the progress, as a share of the scans: it takes about as long as they do. */
const choiceWeight = 1

type Asked = Pick<JobParameters['calibrate'], 'bundle' | 'out' | 'id' | 'name'>

/** The bundle that is calibrated, and how. */
interface Place {
  manifest: BundleManifest
  /** Of the bundle that will have the calibration. */
  id: string
  /** @throws AssayError like calibrationOf; output-not-writable, invalid-arguments where the copy's folder holds a bundle already */
  calibrate(scans: AsyncIterable<Float32Array>, options: CalibrationOptions): Promise<Calibration>
}

/** @throws AssayError bundle-*; invalid-arguments for a name that nothing would get */
async function placeOf({ bundle: named, out, id, name }: Asked, bundleFolders: readonly string[]): Promise<Place> {
  if (out === undefined) {
    const stray = id !== undefined ? '--id' : name !== undefined ? '--name' : undefined
    if (stray)
      throw new AssayError('invalid-arguments', `${stray} is for a copy of the bundle, and without --out the bundle itself gets the calibration; give --out, or leave ${stray} out.`, { option: stray })
    const folder = await resolveBundleFolder(named, bundleFolders)
    const { manifest } = await loadBundle(folder)
    return { manifest, id: manifest.id, calibrate: (scans, options) => calibrateBundle(folder, scans, options) }
  }
  const bundle = await loadBundle(await resolveBundle(named, bundleFolders))
  const newId = id ?? idOf(basename(resolve(out)))
  const copy = { folder: resolve(out), id: newId, name: name ?? `${bundle.manifest.name} (${newId})` }
  return {
    manifest: bundle.manifest,
    id: newId,
    async calibrate(scans, options) {
      try {
        await ensureWritable(copy.folder)
        await assertUnused(copy.folder, [manifestName, '.training'])
        await refuseStrangers(copy.folder)
        const calibration = await calibrationOf(bundle, scans, options)
        await writeCalibrated(bundle, calibration, copy)
        return calibration
      } catch (error) {
        // Made to see whether it can be written to, it is not left empty.
        await rmdir(copy.folder).catch(() => undefined)
        throw error
      }
    },
  }
}

/** Scans that may be of one patient or of many: nobody can count them. */
const emptyIdentifiers = ({ ignored }: Patients): string[] =>
  ignored > 0
    ? [`${ignored === 1 ? '1 file carries' : `${ignored} files carry`} a patient identifier that is a placeholder, or the same for most of them, so that each of these scans counts for a patient of its own; if they are of few patients, the rate of false alarms can be off by more than its interval says. A manifest.csv with the columns file and group says whose they are.`]
    : []

/** Too few scans may be too few that could be read: the first reason is told then. */
function withFailures(error: unknown, failures: CalibrationReport['failures'], files: number): unknown {
  const [first] = failures
  if (!first || !(error instanceof AssayError) || error.code !== 'data-set-invalid') return error
  const message = `${failures.length} of ${files} files could not be read, the first because: ${first.error.message} ${error.message}`
  return new AssayError(error.code, message, { ...error.facts, files, unreadable: failures.length, path: first.path, reason: first.error.code }, { cause: error })
}

export const calibrateJob: JobDefinition<'calibrate'> = {
  kind: 'calibrate',
  title: ({ bundle, data }) => `Calibrate ${basename(bundle)} on ${basename(data)}`,

  async run({ data, provider, keepScores, seed, ...asked }, { places, signal, progress }) {
    const place = await placeOf(asked, places.bundleFolders)
    const { manifest } = place
    const { items } = await readImages(data, manifest.classes)
    const failures: CalibrationReport['failures'] = []
    const devices: Device[] = []
    const patients: OfPatient[] = []
    let done = 0
    const choice = keepScores ? 0 : choiceWeight * items.length
    const total = items.length + choice
    progress({ done: 0, total, message: 'Screening untouched scans' })

    async function* inputs(): AsyncGenerator<Float32Array> {
      const read = async (item: DataSetItem): Promise<{ input: Float32Array; of: OfPatient } | null> => {
        throwIfAborted(signal)
        try {
          const image = await readImage(item.path, undefined, signal)
          const input = toModelInput(image, manifest.input)
          devices.push(deviceOf(image))
          return { input, of: { group: item.group, patient: image.origin?.patient } }
        } catch (error) {
          failures.push({ path: item.path, error: serializeError(error) })
          return null
        }
      }
      for await (const scan of readAhead(items, read)) {
        throwIfAborted(signal)
        progress({ done: ++done })
        if (!scan) continue
        patients.push(scan.of)
        yield scan.input
      }
    }

    const calibration = place.calibrate(inputs(), {
      label: basename(resolve(data)),
      seed,
      provider,
      signal,
      choose: !keepScores,
      origins: () => originsOf(devices),
      groups: () => joinPatients(patients).groups,
      progress: (at) => {
        if ('choice' in at) progress({ done: items.length + Math.floor(at.choice * choice), message: at.message })
      },
    })
    const made = await calibration.catch((error: unknown) => {
      throw withFailures(error, failures, items.length)
    })
    const { detector, earlier } = made
    const warnings = [...made.warnings, ...emptyIdentifiers(joinPatients(patients))]
    const report: CalibrationReport = {
      bundle: place.id,
      scans: patients.length,
      calibrationCount: detector.calibration.scores.length,
      scores: detector.scores,
      combine: detector.combine,
      sentence: detectorSentence(detector),
      choice: made.choice,
      heatmapUsual: detector.calibration.heatmapUsual,
      date: detector.calibration.date,
      alpha: usualAlpha,
      falseAlarms: falseAlarms(detector.calibration.scores.length, usualAlpha),
      origins: originsOf(devices),
      earlier,
      warnings,
      failures,
    }
    progress({ done: total, message: warnings[0] ?? `Calibrated on ${report.calibrationCount} scans` })
    return { result: report, exitCode: failures.length > 0 ? 3 : 0 }
  },
}

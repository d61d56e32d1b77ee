/**
 * The job behind `assay calibrate` and the Models page: a folder of untouched scans in, the detector block of a bundle
 * out, in its place or in a copy of the bundle.
 */
import { rmdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { BundleManifest } from '../../shared/bundle'
import type { CalibrationReport } from '../../shared/calibration'
import { serializeError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { idOf } from '../../shared/models'
import { assertUnused, ensureWritable } from '../bundle/atomic'
import { loadBundle, resolveBundle, resolveBundleFolder } from '../bundle/load'
import { manifestName } from '../bundle/manifest'
import { readImages } from '../dataset/labelled'
import type { DataSetItem } from '../dataset/labelled'
import { readAhead, throwIfAborted } from '../dataset/model-inputs'
import { deviceOf } from '../image/decoded-image'
import type { Device } from '../image/decoded-image'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import type { JobDefinition } from '../jobs/definition'
import { falseAlarms } from '../screening/conformal'
import { originsOf } from '../screening/origins'
import { calibrateBundle, calibrationOf, usualAlpha, writeCalibrated } from './calibrate'
import type { Calibration, CalibrationOptions } from './calibrate'
import { detectorSentence } from './card-section'

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

/** @throws AssayError bundle-* */
async function placeOf({ bundle: named, out, id, name }: Asked, bundleFolders: readonly string[]): Promise<Place> {
  if (out === undefined) {
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

export const calibrateJob: JobDefinition<'calibrate'> = {
  kind: 'calibrate',
  title: ({ bundle, data }) => `Calibrate ${basename(bundle)} on ${basename(data)}`,

  async run({ data, provider, keepScores, seed, ...asked }, { places, signal, progress }) {
    const place = await placeOf(asked, places.bundleFolders)
    const { manifest } = place
    const { items } = await readImages(data, manifest.classes)
    const failures: CalibrationReport['failures'] = []
    const devices: Device[] = []
    let done = 0
    let scans = 0
    const choice = keepScores ? 0 : choiceWeight * items.length
    const total = items.length + choice
    progress({ done: 0, total, message: 'Screening untouched scans' })

    async function* inputs(): AsyncGenerator<Float32Array> {
      const read = async (item: DataSetItem): Promise<Float32Array | null> => {
        throwIfAborted(signal)
        try {
          const image = await readImage(item.path, undefined, signal)
          const input = toModelInput(image, manifest.input)
          devices.push(deviceOf(image))
          return input
        } catch (error) {
          failures.push({ path: item.path, error: serializeError(error) })
          return null
        }
      }
      for await (const input of readAhead(items, read)) {
        throwIfAborted(signal)
        progress({ done: ++done })
        if (!input) continue
        scans++
        yield input
      }
    }

    const { detector, earlier, warnings } = await place.calibrate(inputs(), {
      label: basename(resolve(data)),
      seed,
      provider,
      signal,
      choose: !keepScores,
      origins: () => originsOf(devices),
      progress: (at) => {
        if ('choice' in at) progress({ done: items.length + Math.floor(at.choice * choice), message: at.message })
      },
    })
    const report: CalibrationReport = {
      bundle: place.id,
      scans,
      calibrationCount: detector.calibration.scores.length,
      scores: detector.scores,
      combine: detector.combine,
      sentence: detectorSentence(detector),
      choice: detector.choice ?? null,
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

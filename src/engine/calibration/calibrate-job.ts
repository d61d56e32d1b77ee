/**
 * The job behind `assay calibrate`: a folder of untouched scans in, the detector block of a bundle out.
 */
import { basename, resolve } from 'node:path'
import type { CalibrationReport } from '../../shared/calibration'
import { serializeError } from '../../shared/errors'
import { loadBundle, resolveBundleFolder } from '../bundle/load'
import { readImages } from '../dataset/labelled'
import type { DataSetItem } from '../dataset/labelled'
import { readAhead, throwIfAborted } from '../dataset/model-inputs'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import type { JobDefinition } from '../jobs/definition'
import { makerOf } from '../screening/applicability'
import { calibrateBundle } from './calibrate'
import { detectorSentence } from './card-section'

/** What the choice of scores counts for in the progress, as a share of the scans: it takes about as long as they do. */
const choiceWeight = 1

export const calibrateJob: JobDefinition<'calibrate'> = {
  kind: 'calibrate',
  title: ({ bundle, data }) => `Calibrate ${basename(bundle)} on ${basename(data)}`,

  async run({ bundle: named, data, provider, keepScores, seed }, { places, signal, progress }) {
    const folder = await resolveBundleFolder(named, places.bundleFolders)
    const { manifest } = await loadBundle(folder)
    const { items } = await readImages(data, manifest.classes)
    const failures: CalibrationReport['failures'] = []
    const modalities = new Set<string>()
    const manufacturers = new Set<string>()
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
          if (image.modality) modalities.add(image.modality.toUpperCase())
          const maker = makerOf(image)
          if (maker !== undefined) manufacturers.add(maker)
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

    const { detector, warnings } = await calibrateBundle(folder, inputs(), {
      label: basename(resolve(data)),
      seed,
      provider,
      signal,
      choose: !keepScores,
      origins: () => ({ modalities: [...modalities].sort(), manufacturers: [...manufacturers].sort() }),
      progress: (at) => {
        if ('choice' in at) progress({ done: items.length + Math.floor(at.choice * choice), message: at.message })
      },
    })
    const report: CalibrationReport = {
      bundle: manifest.id,
      scans,
      calibrationCount: detector.calibration.scores.length,
      scores: detector.scores,
      combine: detector.combine,
      sentence: detectorSentence(detector),
      choice: detector.choice ?? null,
      heatmapUsual: detector.calibration.heatmapUsual,
      warnings,
      failures,
    }
    progress({ done: total, message: warnings[0] ?? `Calibrated on ${report.calibrationCount} scans` })
    return { result: report, exitCode: failures.length > 0 ? 3 : 0 }
  },
}

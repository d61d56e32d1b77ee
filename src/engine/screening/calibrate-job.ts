/**
 * The job behind `assay calibrate`: a folder of untouched scans in, the detector block of a bundle out.
 */
import { basename, resolve } from 'node:path'
import type { SerializedError } from '../../shared/errors'
import { serializeError } from '../../shared/errors'
import { loadBundle, resolveBundleFolder } from '../bundle/load'
import { readImages } from '../dataset/labelled'
import type { DataSetItem } from '../dataset/labelled'
import { readAhead, throwIfAborted } from '../dataset/model-inputs'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import type { JobDefinition } from '../jobs/definition'
import { calibrateBundle } from './calibrate'

/** What `assay calibrate --json` prints. */
export interface CalibrationReport {
  bundle: string
  /** Scans that were read, and those of them behind the p-values. */
  scans: number
  calibrationCount: number
  scores: { name: string; median: number; scale: number }[]
  heatmapUsual: number
  warnings: string[]
  failures: { path: string; error: SerializedError }[]
}

export const calibrateJob: JobDefinition<'calibrate'> = {
  kind: 'calibrate',
  title: ({ bundle, data }) => `Calibrate ${basename(bundle)} on ${basename(data)}`,

  async run({ bundle: named, data, provider }, { places, signal, progress }) {
    const folder = await resolveBundleFolder(named, places.bundleFolders)
    const { manifest } = await loadBundle(folder)
    const { items } = await readImages(data, manifest.classes)
    const failures: CalibrationReport['failures'] = []
    let done = 0
    let scans = 0
    progress({ done: 0, total: items.length, message: 'Screening untouched scans' })

    async function* inputs(): AsyncGenerator<Float32Array> {
      const read = async (item: DataSetItem): Promise<Float32Array | null> => {
        throwIfAborted(signal)
        try {
          return toModelInput(await readImage(item.path, undefined, signal), manifest.input)
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

    const { detector, warnings } = await calibrateBundle(folder, inputs(), { label: basename(resolve(data)), provider, signal })
    const report: CalibrationReport = {
      bundle: manifest.id,
      scans,
      calibrationCount: detector.calibration.scores.length,
      scores: detector.scores,
      heatmapUsual: detector.calibration.heatmapUsual,
      warnings,
      failures,
    }
    progress({ done: items.length, message: warnings[0] ?? `Calibrated on ${report.calibrationCount} scans` })
    return { result: report, exitCode: failures.length > 0 ? 3 : 0 }
  },
}

/**
 * Windows for a NIfTI volume, the same for all its slices: what the file says, else all but the rarest values, so that one
 * hot voxel does not darken the brain.
 */
import type { VoiWindow } from '../../../shared/types'
import { fullWindow } from '../decoded-image'
import type { NiftiHeader } from './header'
import type { Voxels } from './voxels'

const sampleSize = 200_000

/** @param voxels of the first volume, grey. @returns windows in rescaled values, never empty */
export function volumeWindows(voxels: Voxels, { rescale: { slope, intercept }, calibration }: NiftiHeader): VoiWindow[] {
  const window = (a: number, b: number, explanation: string): VoiWindow => {
    const ends = [a * slope + intercept, b * slope + intercept]
    return { ...fullWindow(Math.min(...ends), Math.max(...ends)), explanation }
  }
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < voxels.length; i++) {
    const value = Number(voxels[i]!)
    if (value < low && value !== -Infinity) low = value
    if (value > high && value !== Infinity) high = value
  }
  if (low > high) return [fullWindow(0, 1)]
  const windows: VoiWindow[] = []
  const all = window(low, high, 'All values')
  const { low: calibratedLow, high: calibratedHigh } = calibration
  const [bottom, top] = [all.center - all.width / 2, all.center + all.width / 2]
  // Sensible: a range that the values lie in, at least in part, and fill to some extent.
  if (calibratedHigh > calibratedLow && calibratedLow < top && calibratedHigh > bottom && calibratedHigh - calibratedLow < 20 * all.width)
    windows.push({ ...fullWindow(calibratedLow, calibratedHigh), explanation: 'Display range of the file' })
  const [rareLow, rareHigh] = percentiles(voxels)
  if (rareHigh > rareLow && (rareLow > low || rareHigh < high)) windows.push(window(rareLow, rareHigh, 'All but the rarest values'))
  return [...windows, all]
}

/** Half a percent below the first, half a percent above the second; of evenly spread voxels. */
function percentiles(voxels: Voxels): [number, number] {
  const step = Math.max(1, Math.floor(voxels.length / sampleSize))
  const sample = new Float64Array(Math.ceil(voxels.length / step))
  let count = 0
  for (let i = 0; i < voxels.length; i += step) {
    const value = Number(voxels[i]!)
    if (Number.isFinite(value)) sample[count++] = value
  }
  const sorted = sample.subarray(0, count).sort()
  const at = (share: number) => sorted[Math.round(share * (count - 1))] ?? 0
  return [at(0.005), at(0.995)]
}

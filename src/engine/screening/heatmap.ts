/**
 * Where something was removed: |scan − purified| as a smooth map. Values are shares of the model's intensity range.
 */
import type { Detector } from '../../shared/bundle'
import type { HeatmapScale } from '../../shared/types'
import { gaussianBlur } from '../image/filter'
import { resize } from '../image/resample'
import type { Evidence, ImageSize as Size } from './scores/score'

/** Standard deviation of the smoothing in model pixels: single pixels of noise say nothing about where. */
const smoothing = 1.5

/** Largest absolute difference over the channels, smoothed: [height, width] at the model's resolution. */
export function heatmapOf({ input, purified }: Pick<Evidence, 'input' | 'purified'>, { width, height, channels }: Size): Float32Array {
  const size = width * height
  const largest = new Float32Array(size)
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) largest[i] = Math.max(largest[i]!, Math.abs(input[c * size + i]! - purified[c * size + i]!))
  return gaussianBlur(largest, width, height, smoothing)
}

/** The map at the scan's own size. */
export const heatmapAt = (map: Float32Array, model: Size, width: number, height: number): Float32Array =>
  resize(map, model.width, model.height, width, height)

/** Hot is four times what untouched scans reach at their hottest percent, and never less than one 8-bit step. */
export function heatmapScaleOf(detector: Detector): HeatmapScale {
  const usual = detector.calibration.heatmapUsual
  return { usual, hot: Math.max(4 * usual, 1 / 255) }
}

/** Percentile over many maps without keeping them: a histogram of [0, 1] in steps of 1 / 65536. */
export class HeatmapHistogram {
  private readonly bins = new Float64Array(65537)
  private total = 0

  add(map: Float32Array): void {
    for (const value of map) {
      const bin = Math.min(65536, Math.max(0, Math.floor(value * 65536)))
      this.bins[bin] = this.bins[bin]! + 1
    }
    this.total += map.length
  }

  /** Upper edge of the bin in which the share of smaller values reaches `share`; 0 while empty. */
  percentile(share: number): number {
    let below = 0
    for (let i = 0; i < this.bins.length && this.total > 0; i++) {
      below += this.bins[i]!
      if (below >= share * this.total) return Math.min(1, (i + 1) / 65536)
    }
    return 0
  }
}

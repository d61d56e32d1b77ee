/**
 * Pictures for the scripted engine whose every pixel is known: bars of one stored value each, for windows, tables, padding
 * and Hounsfield units, and a series whose frames differ in brightness.
 */
import type { PixelPlane, VoiWindow } from '../../../src/shared/types'

export interface Bars {
  dtype: 'uint8' | 'uint16' | 'int16' | 'float32'
  /** Stored value of each bar, from left to right. */
  values: number[]
  /** Pixels per bar, and rows. */
  barWidth: number
  height: number
  plane: Partial<PixelPlane> & { windows: VoiWindow[] }
  tables?: { explanation: string; first: number; bits: number; values: number[] }[]
}

export const seriesFrames = 27
export const seriesListed = 14

/** Grey level, 0 to 255, of a frame of the series. */
export const seriesGrey = (frame: number): number => 40 + 7 * frame

/** Frame 20 of the series is damaged. */
export const seriesDamaged = 20

export const bars: Record<string, Bars> = {
  /** Bars 0 to 15 in Hounsfield units from −1024 in steps of 200, the last one padding. */
  'bars-hu.dcm': {
    dtype: 'int16',
    values: [...Array.from({ length: 15 }, (_, i) => i * 200), -2000],
    barWidth: 16,
    height: 128,
    plane: {
      slope: 1,
      intercept: -1024,
      unit: 'HU',
      padding: { low: -2000, high: -2000 },
      windows: [
        { center: 0, width: 2000, explanation: 'A WIDE WINDOW WITH A LONG NAME' },
        { center: 50, width: 350, explanation: 'MEDIASTINUM' },
        ...Array.from({ length: 6 }, (_, i) => ({ center: 100 * i, width: 700, explanation: `PROTOCOL ${i + 1}` })),
      ],
    },
  },
  /** MONOCHROME1 with padding in the second bar, and pixels twice as tall as wide by their ratio alone. */
  'bars-mono1.dcm': {
    dtype: 'uint16',
    values: [0, 4095, 1000, 2000, 3000, 4000],
    barWidth: 40,
    height: 60,
    plane: { invert: true, aspect: 2, padding: { low: 4095, high: 4095 }, windows: [{ center: 2000, width: 4000 }] },
  },
  /** Two lookup tables: one that falls, of 10 bits whose largest entry is far below 1023, and one of steps. */
  'bars-table.dcm': {
    dtype: 'uint16',
    values: [90, 100, 101, 102, 103, 104, 200],
    barWidth: 40,
    height: 200,
    plane: { windows: [{ center: 145, width: 110 }] },
    tables: [
      { explanation: 'FALLING', first: 100, bits: 10, values: [400, 300, 200, 100, 0] },
      { explanation: '', first: 101, bits: 8, values: [0, 128, 255] },
    ],
  },
}

export function barsStored({ dtype, values, barWidth, height }: Bars): { stored: Int16Array | Uint16Array | Uint8Array | Float32Array; width: number } {
  const width = values.length * barWidth
  const Constructor = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array }[dtype]
  return { stored: new Constructor(Array.from({ length: width * height }, (_, i) => values[Math.floor((i % width) / barWidth)]!)), width }
}

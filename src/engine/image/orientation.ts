/**
 * Turns and mirrors pixels as the orientation tag of TIFF 6.0 (274) says, which EXIF took over: cameras and scanners
 * store the rows as the sensor saw them.
 */
import type { StoredPixels } from './decoded-image'
import { sameKind } from './same-kind'

/** 1 as stored, 2 mirrored, 3 half turn, 4 mirrored top to bottom, 5–8 with rows and columns exchanged. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export const isOrientation = (value: number | undefined): value is Orientation => value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8

/** What is done to the stored picture to see it as it is meant. */
export const orientationNames: Readonly<Record<Orientation, string>> = {
  1: 'as stored',
  2: 'mirrored',
  3: '180°',
  4: 'mirrored top to bottom',
  5: 'mirrored, 90° counterclockwise',
  6: '90° clockwise',
  7: 'mirrored, 90° clockwise',
  8: '90° counterclockwise',
}

interface Raster<T> {
  width: number
  height: number
  pixels: T
}

/** @param raster [height, width, samples] as stored. @returns the same as it is to be seen; the raster itself for 1. */
export function upright<T extends StoredPixels>(raster: Raster<T>, samples: number, orientation: Orientation): Raster<T> {
  if (orientation === 1) return raster
  const { width: columns, height: rows, pixels } = raster
  const exchanged = orientation >= 5
  const [width, height] = exchanged ? [rows, columns] : [columns, rows]
  const fromRight = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
  const fromBottom = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
  const stepColumn = fromRight ? -1 : 1
  const stepRow = fromBottom ? -columns : columns
  const first = (fromRight ? columns - 1 : 0) + (fromBottom ? (rows - 1) * columns : 0)
  const [stepX, stepY] = exchanged ? [stepRow, stepColumn] : [stepColumn, stepRow]
  const out = sameKind(pixels, pixels.length)
  let to = 0
  for (let y = 0; y < height; y++)
    for (let x = 0, from = (first + y * stepY) * samples; x < width; x++, from += stepX * samples)
      for (let sample = 0; sample < samples; sample++) out[to++] = pixels[from + sample]!
  return { width, height, pixels: out }
}

/**
 * Stored values to modality values (DICOM PS3.3 C.11.1): what the pixels mean, before any window for the eye.
 */
import type { DecodedImage } from './decoded-image'

/** pixel × slope + intercept: [rows, columns, samples], in the image's unit. */
export function modalityValues({ pixels, rescale: { slope, intercept } }: DecodedImage): Float32Array {
  const values = new Float32Array(pixels.length)
  for (let i = 0; i < values.length; i++) values[i] = pixels[i]! * slope + intercept
  return values
}

/** @param stored a pixel as it is stored, before slope and intercept */
export const isPadding = (stored: number, { low, high }: NonNullable<DecodedImage['padding']>): boolean => stored >= low && stored <= high

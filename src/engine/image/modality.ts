/**
 * Stored values to modality values (DICOM PS3.3 C.11.1): what the pixels mean, before any window for the eye.
 */
import type { DecodedImage } from './decoded-image'
import { framePixels } from './decoded-image'

/** stored × slope + intercept for one frame: [rows, columns, samples], in the image's unit. */
export function modalityValues(image: DecodedImage, frame: number): Float32Array {
  const stored = framePixels(image, frame)
  const { slope, intercept } = image.rescale
  const values = new Float32Array(stored.length)
  for (let i = 0; i < values.length; i++) values[i] = stored[i]! * slope + intercept
  return values
}

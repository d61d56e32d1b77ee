/**
 * What is wrong with something that a decoder handed out, if anything.
 */
import type { DecodedImage, StoredImage, StoredPixels } from '../../src/engine/image/decoded-image'
import type { DecodeTask } from '../../src/engine/image/pool/task'

const pixelTypes = [Uint8Array, Uint16Array, Uint32Array, Int16Array, Int32Array, Float32Array]

function checkPixels(pixels: StoredPixels, expected: number): string | undefined {
  if (!pixelTypes.some((type) => Object.getPrototypeOf(pixels) === type.prototype)) return `pixels are a ${pixels.constructor.name}`
  if (pixels.length !== expected) return `${pixels.length} values for a picture of ${expected}`
  return undefined
}

/** What is wrong with a picture that was handed out, if anything. */
function checkImage(image: DecodedImage): string | undefined {
  const { width, height, samples, frames, frame, bitsStored, rescale, windows, spacing, padding } = image
  const whole = [width, height, frames]
  if (!whole.every((n) => Number.isInteger(n) && n > 0)) return `size ${whole.join(' × ')}`
  if (samples !== 1 && samples !== 3) return `${samples} samples`
  if (!(frame >= 0 && frame < frames)) return `frame ${frame} of ${frames}`
  if (!(bitsStored >= 1 && bitsStored <= 64)) return `${bitsStored} bits stored`
  if (!Number.isFinite(rescale.slope) || !Number.isFinite(rescale.intercept)) return `rescale ${rescale.slope}, ${rescale.intercept}`
  if (windows.length === 0 || !windows.every(({ center, width }) => Number.isFinite(center) && width > 0 && width < Infinity)) return `windows ${JSON.stringify(windows)}`
  if (spacing && !(spacing.row > 0 && spacing.column > 0)) return `spacing ${JSON.stringify(spacing)}`
  if (padding && !(padding.low <= padding.high)) return `padding ${JSON.stringify(padding)}`
  if (image.aspect !== undefined && !(image.aspect > 0 && image.aspect < Infinity)) return `aspect ${image.aspect}`
  if (image.voiTables?.some(({ values, bits }) => values.length === 0 || !(bits >= 1 && bits <= 16))) return 'an impossible VOI table'
  return checkPixels(image.pixels, width * height * samples)
}

export function checkAnswer(task: DecodeTask, answer: unknown): string | undefined {
  switch (task.kind) {
    case 'frame':
      return checkImage(answer as DecodedImage)
    case 'stored': {
      const { width, height, frames, samples, pixels } = answer as StoredImage
      return checkPixels(pixels, width * height * frames * samples)
    }
    case 'tags':
    case 'source':
      return Array.isArray(answer) ? undefined : `${task.kind} gives no list`
    case 'anonymise':
      return answer instanceof Uint8Array && answer.length > 0 ? undefined : 'an empty copy'
  }
}

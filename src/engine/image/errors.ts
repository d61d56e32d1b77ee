/**
 * The sentences of failed decoding, written once. `name` is the path that the person gave.
 */
import type { ErrorFacts } from '../../shared/errors'
import { AssayError } from '../../shared/errors'

export const truncated = (name: string, what: string, facts: ErrorFacts = {}) =>
  new AssayError('image-truncated', `${name} is cut short: ${what}; copy it again from where it came.`, { path: name, ...facts })

export const corrupt = (name: string, what: string, facts: ErrorFacts = {}, cause?: unknown) =>
  new AssayError('image-corrupt', `${name} is damaged: ${what}; copy it again from where it came.`, { path: name, ...facts }, { cause })

export const unsupported = (name: string, what: string, facts: ErrorFacts = {}) =>
  new AssayError('image-unsupported', `${name} has ${what}, which Assay does not read; convert the file first.`, { path: name, ...facts })

/** Values (pixels × samples × frames) that all frames together may have; what asks for more is refused before anything is allocated. */
export const maximumValues = 256 * 2 ** 20

/** Values that one frame may have: colour of 8192 × 8192. A codec takes several times as many bytes while it decodes. */
export const maximumFrameValues = 192 * 2 ** 20

/**
 * @param size of all `frames` together where they are given, else of one frame
 * @throws AssayError `image-corrupt` for a size of nothing, `image-too-large` beyond the limit.
 */
export function checkSize(name: string, size: { width: number; height: number; samples: number; frames?: number }): void {
  const { width, height, samples, frames } = size
  const times = frames === undefined ? '' : `, ${frames} frames`
  if (width < 1 || height < 1 || (frames ?? 1) < 1) throw corrupt(name, `its size is given as ${width} × ${height}${times}`)
  const one = width * height * samples
  if (one > maximumFrameValues || one * (frames ?? 1) > maximumValues)
    throw new AssayError('image-too-large', `${name} declares ${width} × ${height} pixels${times}, more than Assay takes at once; crop or split it.`, {
      path: name,
      width,
      height,
      ...(frames !== undefined && { frames }),
    })
}

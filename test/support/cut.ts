/**
 * What has to hold for every format: a file that was cut anywhere is a typed error, and never a picture with something made up.
 */
import { openImage } from '../../src/engine/image/decode'
import { AssayError } from '../../src/shared/errors'

/** Decodes every frame; a code where that fails with a typed error, the error itself where it is none. */
export async function outcome(bytes: Uint8Array, name = 'scan.file'): Promise<string> {
  try {
    const file = await openImage(bytes, name)
    const seen: string[] = []
    for (let index = 0; index < Math.min(file.frames, 4); index++) {
      const { width, height, pixels } = await file.frame(index)
      let hash = 0
      for (const value of pixels) hash = (Math.imul(hash, 31) + Math.round(value * 8)) | 0
      seen.push(`${width}×${height}:${hash}`)
    }
    return seen.join(' ')
  } catch (error) {
    return error instanceof AssayError ? error.code : `untyped: ${String(error)}`
  }
}

/** Lengths to cut a file to: every byte of its beginning, then `more` places, and all of its last bytes. */
export function cuts(length: number, beginning: number, more = 10): number[] {
  const places = new Set<number>()
  for (let at = 1; at < Math.min(beginning, length); at++) places.add(at)
  for (let i = 1; i <= more; i++) places.add(Math.floor((length * i) / (more + 1)))
  for (let at = Math.max(1, length - 8); at < length; at++) places.add(at)
  return [...places].filter((at) => at > 0 && at < length).sort((a, b) => a - b)
}

/** Outcomes of cutting that are neither a typed error nor the very same picture. */
export async function badCuts(bytes: Uint8Array, beginning: number): Promise<string[]> {
  const whole = await outcome(bytes)
  const bad: string[] = []
  for (const length of cuts(bytes.length, beginning)) {
    const got = await outcome(bytes.slice(0, length))
    if (got !== whole && !/^(image|dicom|file)-[a-z-]+$/.test(got)) bad.push(`${length} of ${bytes.length}: ${got}`)
  }
  return bad
}

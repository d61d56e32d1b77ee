/**
 * Pixel padding (DICOM PS3.3 C.7.5.1.1.2): stored values that are no part of the image.
 */
import type { DataSet } from 'dicom-parser'
import type { PixelDescription } from './pixel-description'
import { signExtended, uint16 } from './values'

/** Both ends inclusive, as stored; undefined where the image has none, or where it would be all that pixels can be. */
export function readPadding(dataSet: DataSet, { kind, samples, signed, bitsStored, photometric }: PixelDescription): { low: number; high: number } | undefined {
  if (kind !== 'integer' || samples !== 1 || photometric === 'PALETTE COLOR') return undefined
  const value = uint16(dataSet, 'x00280120')
  if (value === undefined) return undefined
  const limit = uint16(dataSet, 'x00280121') ?? value
  // Signed as pixels are, whatever the VR says; some writers leave the bits above bits stored empty.
  const stored = (bits: number): number => {
    if (!signed) return bits
    const wide = signExtended(bits, 16)
    return bitsStored < 16 && wide >= 2 ** (bitsStored - 1) && wide < 2 ** bitsStored ? signExtended(bits, bitsStored) : wide
  }
  const [low, high] = [stored(value), stored(limit)].sort((a, b) => a - b) as [number, number]
  const [least, most] = signed ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1]
  return low <= least && high >= most ? undefined : { low, high }
}

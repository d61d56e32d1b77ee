/**
 * The orientation that a camera or scanner noted in a JPEG (EXIF 2.3: a TIFF directory in an APP1 segment). Nothing else
 * of EXIF is read: it tells of persons and places. Damage there does not touch the picture, which is then as stored.
 */
import { AssayError } from '../../../shared/errors'
import type { Orientation } from '../orientation'
import { isOrientation } from '../orientation'
import { openTiff, readFields } from '../tiff/directory'

const orientationTag = 274
const exif = [0x45, 0x78, 0x69, 0x66, 0, 0]

/** @param bytes a JPEG stream whose markers were found whole (`readJpegHeader`) */
export function readExifOrientation(bytes: Uint8Array): Orientation {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) at++ // a fill byte
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)) at += 2
    else {
      const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
      if (marker === 0xe1 && exif.every((byte, i) => bytes[at + 4 + i] === byte)) return orientationIn(bytes.subarray(at + 4 + exif.length, end))
      at = end
    }
  }
  return 1
}

function orientationIn(tiff: Uint8Array): Orientation {
  try {
    const file = openTiff(tiff, 'EXIF')
    const value = readFields(file, file.firstDirectory, 'EXIF')(orientationTag, 1)?.[0]
    return isOrientation(value) ? value : 1
  } catch (error) {
    if (error instanceof AssayError) return 1
    throw error
  }
}

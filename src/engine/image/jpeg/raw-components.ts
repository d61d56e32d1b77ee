/**
 * libjpeg turns YCbCr into RGB by what the stream's markers say. DICOM's stored values are the components themselves, so
 * the markers are replaced by one that says "untransformed": Adobe's, with transform 0.
 */
const soi = [0xff, 0xd8]
const untransformed = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]

/** @param bytes a JPEG stream whose markers were found whole (`readJpegHeader`) */
export function withoutColourTransform(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + untransformed.length)
  out.set(soi)
  out.set(untransformed, soi.length)
  let to = soi.length + untransformed.length
  let at = soi.length
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
    if (marker !== 0xe0 && marker !== 0xee) {
      out.set(bytes.subarray(at, end), to)
      to += end - at
    }
    at = end
  }
  out.set(bytes.subarray(at), to)
  return out.subarray(0, to + bytes.length - at)
}

/**
 * The boxes that JP2 and JPEG XL files wrap around a codestream (ISO 15444-1, annex I; ISO/IEC 18181-2 has the same):
 * a length, four letters, contents.
 */
export interface Box {
  type: string
  /** Where the four letters stand, in bytes. */
  named: number
  /** Of the contents. */
  start: number
  /** Where the contents end, or the bytes do. */
  end: number
}

const typeAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))

/** @param signature type of the first box of a file of that kind, by which it is known: `jP  `, `JXL ` */
export const beginsWithBox = (bytes: Uint8Array, signature: string): boolean => bytes.length >= 12 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 12 && typeAt(bytes, 4) === signature

/** The boxes side by side, up to the first that cannot be one. */
export function* boxesOf(bytes: Uint8Array): Generator<Box> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 8 <= bytes.length; ) {
    const short = view.getUint32(at)
    const header = short === 1 ? 16 : 8
    if (at + header > bytes.length) return
    // No length means up to the end.
    const length = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? bytes.length - at : short
    if (length < header) return
    const end = Math.min(bytes.length, at + length)
    yield { type: typeAt(bytes, at + 4), named: at + 4, start: at + header, end }
    at = end
  }
}

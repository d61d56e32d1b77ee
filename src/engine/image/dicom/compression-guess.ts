/**
 * Which transfer syntax encapsulated pixels have, by their codestream: for files that do not say it, or that say they are
 * not compressed. Only kinds whose first bytes cannot be mistaken.
 */
import { itemTag } from './element-syntax'

/** @param at where the value of the encapsulated pixel data begins. @returns a transfer syntax UID; undefined where the codestream is of no known kind */
export function guessCompression(bytes: Uint8Array, at: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The offset table comes first, and perhaps empty fragments.
  for (let item = 0, position = at; item < 8 && position + 8 <= bytes.length; item++) {
    if (((view.getUint16(position, true) << 16) | view.getUint16(position + 2, true)) >>> 0 !== itemTag) return undefined
    const length = view.getUint32(position + 4, true)
    if (item > 0 && length > 0) return codestreamSyntax(bytes.subarray(position + 8, position + 8 + length))
    position += 8 + length
  }
  return undefined
}

const starts = (bytes: Uint8Array, ...signature: number[]): boolean => signature.every((byte, i) => bytes[i] === byte)

function codestreamSyntax(bytes: Uint8Array): string | undefined {
  if (starts(bytes, 0xff, 0xd8)) return jpegSyntax(bytes)
  // A JP2 box, or SIZ right behind SOC; high throughput has a CAP marker behind SIZ (ISO 15444-15).
  if (starts(bytes, 0, 0, 0, 12, 0x6a, 0x50)) return '1.2.840.10008.1.2.4.91'
  if (starts(bytes, 0xff, 0x4f, 0xff, 0x51)) {
    const behind = 4 + ((bytes[4] ?? 0) << 8) + (bytes[5] ?? 0)
    return bytes[behind] === 0xff && bytes[behind + 1] === 0x50 ? '1.2.840.10008.1.2.4.203' : '1.2.840.10008.1.2.4.91'
  }
  if (starts(bytes, 0xff, 0x0a) || starts(bytes, 0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20)) return '1.2.840.10008.1.2.4.112'
  return isRunLength(bytes) ? '1.2.840.10008.1.2.5' : undefined
}

/** By the frame header's marker (ISO 10918-1, B.1; ISO 14495-1, C.1). */
const jpegProcesses: Readonly<Record<number, string>> = {
  0xc0: '1.2.840.10008.1.2.4.50',
  0xc1: '1.2.840.10008.1.2.4.51',
  0xc2: '1.2.840.10008.1.2.4.55',
  0xc3: '1.2.840.10008.1.2.4.57',
  0xf7: '1.2.840.10008.1.2.4.81',
}

function jpegSyntax(bytes: Uint8Array): string | undefined {
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined
    const marker = bytes[at + 1]!
    if (marker === 0xff) at++
    else if (marker in jpegProcesses) return jpegProcesses[marker]
    else at += 2 + (bytes[at + 2]! << 8) + bytes[at + 3]!
  }
  return undefined
}

/** Number of segments, then their offsets, of which the first is the header's size and unused ones are zero (PS3.5, G.5). */
function isRunLength(bytes: Uint8Array): boolean {
  if (bytes.length < 64) return false
  const offsets = new DataView(bytes.buffer, bytes.byteOffset, 64)
  const segments = offsets.getUint32(0, true)
  if (segments < 1 || segments > 15 || offsets.getUint32(4, true) !== 64) return false
  for (let i = 1; i < 15; i++) {
    const offset = offsets.getUint32(4 + 4 * i, true)
    if (i < segments ? offset <= offsets.getUint32(4 * i, true) || offset > bytes.length : offset !== 0) return false
  }
  return true
}

/**
 * Unique identifiers under the UUID-derived root 2.25 (DICOM PS3.5, B.2), which needs no registration.
 */
import { createHash, randomBytes } from 'node:crypto'

/** The same UID for the same seed; a random one without. */
export function makeUid(seed?: string): string {
  const bytes = seed === undefined ? randomBytes(16) : createHash('sha256').update(seed).digest().subarray(0, 16)
  // A UUID of version 8 (free form, from a hash) or 4 (random), variant 1: RFC 9562.
  bytes[6] = (bytes[6]! & 0x0f) | (seed === undefined ? 0x40 : 0x80)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`
}

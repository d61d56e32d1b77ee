/**
 * Unique identifiers under the UUID-derived root 2.25 (DICOM PS3.5, B.2), which needs no registration.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'

/** The root of the standard's own identifiers: transfer syntaxes, SOP classes, well-known frames of reference. */
const standardRoot = '1.2.840.10008.'

/** As a UUID of version 4 (random) or 8 (free form, from a hash), variant 1: RFC 9562. */
function fromBytes(bytes: Uint8Array, version: 4 | 8): string {
  const uuid = Buffer.from(bytes.subarray(0, 16))
  uuid[6] = (uuid[6]! & 0x0f) | (version << 4)
  uuid[8] = (uuid[8]! & 0x3f) | 0x80
  return `2.25.${BigInt(`0x${uuid.toString('hex')}`)}`
}

/** The same UID for the same seed; a random one without. */
export const makeUid = (seed?: string): string => (seed === undefined ? fromBytes(randomBytes(16), 4) : fromBytes(createHash('sha256').update(seed).digest(), 8))

/**
 * Another UID in place of one: the same for the same salt, so that what pointed to an instance still does. Without the
 * salt nobody can tell which it was. UIDs of the standard itself stay.
 */
export const replacedUid = (salt: string, uid: string): string => (uid === '' || uid.startsWith(standardRoot) ? uid : fromBytes(createHmac('sha256', salt).update(uid).digest(), 8))

/** A patient's identifier in place of one, likewise. */
export const pseudonymOf = (salt: string, id: string): string => `ANON-${createHmac('sha256', salt).update(`patient/${id}`).digest('hex').slice(0, 12).toUpperCase()}`

/**
 * One kind of damage, and what all kinds are made with.
 */
import type { Random } from '../../../src/engine/tensor/random'
import type { Seed } from '../seeds'

export interface Mutation {
  name: string
  /** Undefined where the file gives no hold for it. */
  apply(bytes: Uint8Array, random: Random, others: readonly Seed[]): Uint8Array | undefined
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
export const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
export const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
/** A length of the order of a header field now, of half the file then. */
export const someLength = (random: Random, limit: number): number => Math.min(limit, Math.floor(2 ** (random.next() * Math.log2(limit + 1))))

/** Numbers at which code stumbles. */
const awkward = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 257, 1000, 4096, 32767, 32768, 65534, 65535, 65536, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
const awkwardOrNear = (random: Random, present: number, size: number): number =>
  pick(random, [...awkward, present + 1, present - 1, present * 2, present >> 1, size, size - 1, size + 1, random.integer(2 ** 32)]) >>> 0

export function setInteger(bytes: Uint8Array, at: number, width: number, littleEndian: boolean, random: Random): boolean {
  if (at < 0 || at + width > bytes.length) return false
  const view = viewOf(bytes)
  if (width === 1) view.setUint8(at, awkwardOrNear(random, view.getUint8(at), bytes.length) & 0xff)
  else if (width === 2) view.setUint16(at, awkwardOrNear(random, view.getUint16(at, littleEndian), bytes.length) & 0xffff, littleEndian)
  else view.setUint32(at, awkwardOrNear(random, view.getUint32(at, littleEndian), bytes.length), littleEndian)
  return true
}

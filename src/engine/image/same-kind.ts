/**
 * New arrays of the kind of another one.
 */
import type { StoredPixels } from './decoded-image'

/** Bytes come as Uint8Array also where they were a Buffer, whose constructor means something else. */
export function sameKind<T extends StoredPixels>(pixels: T, length: number): T {
  const Kind = pixels instanceof Uint8Array ? Uint8Array : pixels.constructor
  return new (Kind as new (length: number) => T)(length)
}

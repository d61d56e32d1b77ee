/**
 * Numbers of files to numbers of this machine.
 */
import { endianness } from 'node:os'

export const hostIsLittleEndian = endianness() === 'LE'

/** Turns the bytes of each number around, in place. */
export function swap(bytes: Buffer, numberBytes: number): void {
  if (numberBytes === 2) bytes.swap16()
  else if (numberBytes === 4) bytes.swap32()
  else if (numberBytes === 8) bytes.swap64()
}

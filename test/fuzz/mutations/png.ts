/**
 * Lies in PNG, with checksums that are right.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Random } from '../../../src/engine/tensor/random'
import { anyFile } from './any-file'
import type { Mutation } from './mutation'
import { copy, joined, pick, setInteger, viewOf } from './mutation'

const isPng = (bytes: Uint8Array) => bytes.length > 33 && bytes[0] === 0x89 && bytes[1] === 0x50

function pngChunks(bytes: Uint8Array): { type: string; at: number; length: number }[] {
  const found: { type: string; at: number; length: number }[] = []
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = viewOf(bytes).getUint32(at)
    if (at + 12 + length > bytes.length) break
    found.push({ type: Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1'), at, length })
    at += 12 + length
  }
  return found
}

/** Checks of chunks made right again, so that the lie is reached. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  for (const { at, length } of pngChunks(bytes)) viewOf(bytes).setUint32(at + 8 + length, crc32(bytes.subarray(at + 4, at + 8 + length)))
  return bytes
}

export const png: Mutation[] = [
  {
    name: 'PNG header',
    apply(bytes, random) {
      if (!isPng(bytes)) return undefined
      const out = copy(bytes)
      for (let n = 1 + random.integer(2); n > 0; n--) {
        const field = random.integer(7)
        if (field < 2) setInteger(out, 16 + 4 * field, 4, false, random)
        else out[24 + field - 2] = pick(random, [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 255])
      }
      return withChecksums(out)
    },
  },
  {
    name: 'PNG chunk',
    apply(bytes, random) {
      if (!isPng(bytes)) return undefined
      const { type, at, length } = pick(random, pngChunks(bytes))
      const out = copy(bytes)
      if (random.next() < 0.3) setInteger(out, at, 4, false, random)
      else if (random.next() < 0.3) out.set(Buffer.from(pick(random, ['IDAT', 'PLTE', 'tRNS', 'IEND', 'iCCP', 'zTXt', 'acTL', 'fdAT', 'sBIT', 'IHDR'])), at + 4)
      else if (type === 'IDAT' && random.next() < 0.6) return pngWithData(bytes, random)
      else if (length > 0) setInteger(out, at + 8 + random.integer(length), 1, false, random)
      return withChecksums(out)
    },
  },
]

/** Its pixel data unpacked, changed and packed again. */
function pngWithData(bytes: Uint8Array, random: Random): Uint8Array | undefined {
  const chunks = pngChunks(bytes)
  const first = chunks.find(({ type }) => type === 'IDAT')!
  let data: Uint8Array
  try {
    data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ at, length }) => bytes.subarray(at + 8, at + 8 + length))), { maxOutputLength: 2 ** 26 })
  } catch {
    return undefined
  }
  const changed = deflateSync(pick(random, anyFile).apply(data, random, [{ name: '', bytes }]) ?? data)
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from('IDAT'), changed, Buffer.alloc(4)])
  chunk.writeUInt32BE(changed.length)
  const end = joined(Uint8Array.of(0, 0, 0, 0), Buffer.from('IEND'), new Uint8Array(4))
  return withChecksums(joined(bytes.subarray(0, first.at), chunk, end))
}

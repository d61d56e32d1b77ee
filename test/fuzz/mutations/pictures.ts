/**
 * Lies in TIFF, BMP, WebP and NIfTI, also under gzip.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Random } from '../../../src/engine/tensor/random'
import { anyFile } from './any-file'
import type { Mutation } from './mutation'
import { copy, pick, setInteger, viewOf } from './mutation'

export const pictures: Mutation[] = [
  {
    name: 'TIFF directory',
    apply(bytes, random) {
      const order = Buffer.from(bytes.subarray(0, 2)).toString('latin1')
      if ((order !== 'II' && order !== 'MM') || bytes.length < 16) return undefined
      const littleEndian = order === 'II'
      const out = copy(bytes)
      const view = viewOf(out)
      let directory = view.getUint32(4, littleEndian)
      const directories: number[] = []
      while (directory > 0 && directory + 2 <= out.length && directories.length < 10 && !directories.includes(directory)) {
        directories.push(directory)
        const next = directory + 2 + 12 * view.getUint16(directory, littleEndian)
        directory = next + 4 <= out.length ? view.getUint32(next, littleEndian) : 0
      }
      if (directories.length === 0) return undefined
      const at = pick(random, directories)
      const entries = view.getUint16(at, littleEndian)
      for (let n = 1 + random.integer(2); n > 0; n--) {
        const kind = random.next()
        if (kind < 0.1) setInteger(out, at, 2, littleEndian, random)
        else if (kind < 0.2 && at + 6 + 12 * entries <= out.length) view.setUint32(at + 2 + 12 * entries, pick(random, [at, 8, directories[0]!, out.length]), littleEndian)
        else {
          const [offset, width] = pick(random, [[0, 2], [2, 2], [4, 4], [8, 4], [8, 2], [8, 4]] as const)
          setInteger(out, at + 2 + 12 * random.integer(entries) + offset, width, littleEndian, random)
        }
      }
      return out
    },
  },
  {
    name: 'BMP header',
    apply(bytes, random) {
      if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined
      const out = copy(bytes)
      const [at, width] = pick(random, [[2, 4], [10, 4], [14, 4], [18, 4], [22, 4], [26, 2], [28, 2], [30, 4], [34, 4], [46, 4], [50, 4]] as const)
      if (at === 30 && random.next() < 0.7) viewOf(out).setUint32(30, random.integer(7), true)
      else setInteger(out, at, width, true, random)
      return out
    },
  },
  {
    name: 'WebP chunk',
    apply(bytes, random) {
      if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'RIFF') return undefined
      const out = copy(bytes)
      const chunks: number[] = []
      for (let at = 12; at + 8 <= out.length && chunks.length < 50; ) {
        chunks.push(at)
        const length = viewOf(out).getUint32(at + 4, true)
        at += 8 + length + (length & 1)
      }
      const at = pick(random, [4, ...chunks])
      if (at === 4 || random.next() < 0.4) setInteger(out, at === 4 ? 4 : at + 4, 4, true, random)
      else if (random.next() < 0.3) out.set(Buffer.from(pick(random, ['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])), at)
      else setInteger(out, at + 8 + random.integer(16), pick(random, [1, 2, 4]), true, random)
      return out
    },
  },
  {
    name: 'NIfTI header',
    apply(bytes, random) {
      if (bytes.length < 352 || viewOf(bytes).getInt32(0, true) !== 348) return undefined
      return niftiHeader(copy(bytes), random)
    },
  },
  {
    name: 'gzip inside',
    apply(bytes, random, others) {
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined
      let inner: Uint8Array
      try {
        inner = new Uint8Array(gunzipSync(bytes, { maxOutputLength: 2 ** 26 }))
      } catch {
        return undefined
      }
      const changed = random.next() < 0.5 && inner.length >= 352 ? niftiHeader(inner, random) : (pick(random, anyFile).apply(inner, random, others) ?? inner)
      return new Uint8Array(gzipSync(changed))
    },
  },
]

function niftiHeader(out: Uint8Array, random: Random): Uint8Array {
  for (let n = 1 + random.integer(2); n > 0; n--) {
    const field = random.next()
    if (field < 0.5) setInteger(out, 40 + 2 * random.integer(8), 2, true, random)
    else if (field < 0.7) viewOf(out).setInt16(70, pick(random, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304]), true)
    else if (field < 0.8) setInteger(out, 72, 2, true, random)
    else viewOf(out).setFloat32(pick(random, [76, 80, 84, 108, 112, 116, 124, 128]), pick(random, [0, -1, NaN, Infinity, 1e30, 352.5, -352, 1e9]), true)
  }
  return out
}

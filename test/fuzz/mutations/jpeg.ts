/**
 * Lies in JPEG and what is built like it, found anywhere in a file, so inside DICOM too.
 */
import type { Mutation } from './mutation'
import { copy, joined, pick, setInteger, someLength } from './mutation'

function jpegSegments(bytes: Uint8Array): { marker: number; at: number; length: number }[] {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0xd8, 0xff))
  const found: { marker: number; at: number; length: number }[] = []
  if (start < 0) return found
  let at = start + 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff && found.length < 200) {
    const marker = bytes[at + 1]!
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    found.push({ marker, at, length })
    if (marker === 0xda) break
    at += 2 + length
  }
  return found
}

const isFrame = (marker: number) => (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7

export const jpeg: Mutation[] = [
  {
    name: 'JPEG segment',
    apply(bytes, random) {
      const segments = jpegSegments(bytes)
      if (segments.length === 0) return undefined
      const { marker, at, length } = pick(random, segments)
      const out = copy(bytes)
      if (isFrame(marker) && random.next() < 0.7) setInteger(out, at + pick(random, [4, 5, 7, 9, 10, 11, 12, 13, 14]), pick(random, [1, 2]), false, random)
      else if (random.next() < 0.3) setInteger(out, at + 2, 2, false, random)
      else if (random.next() < 0.2) out[at + 1] = pick(random, [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc9, 0xda, 0xdb, 0xdd, 0xdc, 0xf7, 0xd9, 0xd8])
      else setInteger(out, at + 4 + random.integer(Math.max(1, length - 2)), 1, false, random)
      return out
    },
  },
  {
    name: 'JPEG scan repeated',
    apply(bytes, random) {
      const scan = jpegSegments(bytes).find(({ marker }) => marker === 0xda)
      if (!scan) return undefined
      const part = bytes.subarray(scan.at, Math.min(bytes.length, scan.at + someLength(random, 4096)))
      return joined(bytes.subarray(0, scan.at), ...Array.from({ length: 1 + someLength(random, 500) }, () => part), bytes.subarray(scan.at))
    },
  },
  {
    name: 'JPEG 2000 header',
    apply(bytes, random) {
      const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51))
      if (start < 0) return undefined
      const out = copy(bytes)
      // SIZ: size, offset, tile size, tile offset, components, depth and sampling; then COD and what follows.
      for (let n = 1 + random.integer(2); n > 0; n--)
        if (random.next() < 0.6) setInteger(out, start + pick(random, [6, 8, 12, 16, 20, 24, 28, 32, 36]), 4, false, random)
        else setInteger(out, start + 40 + random.integer(80), pick(random, [1, 2]), false, random)
      return out
    },
  },
  {
    name: 'JPEG XL header',
    apply(bytes, random) {
      const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.of(0xff, 0x0a))
      if (start < 0) return undefined
      const out = copy(bytes)
      for (let n = 1 + random.integer(4); n > 0; n--) out[Math.min(out.length - 1, start + 2 + random.integer(24))]! ^= 1 << random.integer(8)
      return out
    },
  },
]

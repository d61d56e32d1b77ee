/**
 * Damage as disks and networks do it, to any file.
 */
import type { Mutation } from './mutation'
import { copy, joined, pick, setInteger, someLength } from './mutation'

export const anyFile: Mutation[] = [
  {
    name: 'bit flips',
    apply(bytes, random) {
      const out = copy(bytes)
      for (let n = 1 + someLength(random, 64); n > 0; n--) out[random.integer(out.length)]! ^= 1 << random.integer(8)
      return out
    },
  },
  {
    name: 'bit flips in the header',
    apply(bytes, random) {
      const out = copy(bytes)
      for (let n = 1 + random.integer(8); n > 0; n--) out[random.integer(Math.min(out.length, 1024))]! ^= 1 << random.integer(8)
      return out
    },
  },
  {
    name: 'noise',
    apply(bytes, random) {
      const out = copy(bytes)
      const length = someLength(random, out.length)
      const at = random.integer(out.length - length + 1)
      for (let i = at; i < at + length; i++) out[i] = random.integer(256)
      return out
    },
  },
  { name: 'truncation', apply: (bytes, random) => bytes.slice(0, random.next() < 0.5 ? random.integer(bytes.length) : bytes.length - someLength(random, bytes.length)) },
  {
    name: 'constant run',
    apply(bytes, random) {
      const out = copy(bytes)
      const length = someLength(random, out.length)
      const at = random.integer(out.length - length + 1)
      return out.fill(pick(random, [0, 0, 0xff, 0x80, 0x20]), at, at + length)
    },
  },
  {
    name: 'range removed',
    apply(bytes, random) {
      const length = someLength(random, bytes.length - 1)
      const at = random.integer(bytes.length - length)
      return joined(bytes.subarray(0, at), bytes.subarray(at + length))
    },
  },
  {
    name: 'range repeated',
    apply(bytes, random) {
      const length = someLength(random, Math.min(bytes.length, 65536))
      const at = random.integer(bytes.length - length + 1)
      const times = 1 + random.integer(4)
      return joined(bytes.subarray(0, at), ...Array.from({ length: times }, () => bytes.subarray(at, at + length)), bytes.subarray(at))
    },
  },
  {
    name: 'fragment of another file',
    apply(bytes, random, others) {
      const other = pick(random, others).bytes
      const length = someLength(random, Math.min(other.length, 262144))
      const from = random.integer(other.length - length + 1)
      const at = random.integer(bytes.length)
      const keep = random.next() < 0.5 ? at : Math.min(bytes.length, at + length)
      return joined(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(keep))
    },
  },
  {
    name: 'two files joined',
    apply(bytes, random, others) {
      const other = pick(random, others).bytes
      return joined(bytes.subarray(0, random.integer(bytes.length)), other.subarray(random.integer(other.length)))
    },
  },
  {
    name: 'awkward integers',
    apply(bytes, random) {
      const out = copy(bytes)
      const reach = random.next() < 0.7 ? Math.min(out.length, 2048) : out.length
      for (let n = 1 + random.integer(3); n > 0; n--) setInteger(out, random.integer(reach), pick(random, [1, 2, 4]), random.next() < 0.5, random)
      return out
    },
  },
]

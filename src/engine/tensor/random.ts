/**
 * A small seeded generator of random numbers, so that every result can be had again from its seed.
 * sfc32 (Chris Doty-Humphrey, PractRand), seeded with xmur3-style string hashing. Not for secrets.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter: number
  private spare: number | undefined
  private readonly key: string

  constructor(seed: number | string) {
    this.key = String(seed)
    const hash = hashSequence(this.key)
    this.a = hash()
    this.b = hash()
    this.c = hash()
    this.counter = 1
    // Nearby seeds differ in few bits of the state; the first rounds spread them.
    for (let i = 0; i < 15; i++) this.nextUint32()
  }

  /** Uniform over 0 .. 2^32 − 1. */
  nextUint32(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    this.c |= 0
    return sum >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.nextUint32() / 2 ** 32
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** Normal with mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare
      this.spare = undefined
      return value
    }
    for (;;) {
      const u = 2 * this.next() - 1
      const v = 2 * this.next() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.spare = v * factor
      return u * factor
    }
  }

  /** Uniform over 0 .. n − 1. */
  integer(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Shuffles in place (Fisher–Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const held = items[i]!
      items[i] = items[j]!
      items[j] = held
    }
    return items
  }

  /** An independent generator that depends on this one's seed and the label, not on how much was drawn so far. */
  fork(label: string | number): Random {
    return new Random(`${this.key}/${label}`)
  }
}

/** 32-bit hashes of a string, as many as asked for (xmur3 by bryc, public domain). */
function hashSequence(text: string): () => number {
  let h = 1779033703 ^ text.length
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353)
    h = (h << 13) | (h >>> 19)
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507)
    h = Math.imul(h ^ (h >>> 13), 3266489909)
    h ^= h >>> 16
    return h | 0
  }
}

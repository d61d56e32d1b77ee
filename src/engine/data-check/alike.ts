/**
 * Pairs of pictures that are the same, by their pixels or nearly: saved again, resized, brighter or darker, mirrored.
 *
 * Candidates are pairs whose hashes differ in at most 40 of 256 bits, also mirrored. Of them those are the same whose details
 * correlate. What all pictures of a set have in common (the circle of a fundus camera) would correlate in every pair, so
 * that the mean detail of the set is taken off first. The thresholds were measured on chest X-rays, brain MRI, fundus and
 * skin images: copies saved as JPEG of quality 20 to 50, shrunk to a half or to 128 × 128, brighter, flatter, with another
 * gamma, against all pairs of different images (docs/TRAINING-DATA.md).
 */
import { setImmediate } from 'node:timers/promises'
import { gather } from '../dataset/gather'
import { throwIfAborted } from '../dataset/model-inputs'
import { hashWords, lookSize, type Look } from './look'

const mostDifferentBits = 40
const leastCorrelation = 0.8
/** With fewer images the mean is made of the very pair that is looked at. */
const fewestForMean = 30
/** As many pairs are remembered; a set with more has a problem that the first of them show. */
const mostPairs = 100_000

export interface AlikeImage {
  look: Look
  /** Equal for pictures with the same pixels. */
  digest: string
  /** Pictures of one kind in one place; exact copies are compared between kinds, and the first of each kind stands for the others. */
  kind: string
  /** All of one colour: such pictures are like any other of the kind. */
  blank: boolean
}

export interface AlikePair {
  /** Places in the list; a < b. */
  a: number
  b: number
  exact: boolean
  mirrored: boolean
}

export interface Alike {
  pairs: AlikePair[]
  /** There were more than are listed. */
  cut: boolean
}

function bits(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** True where at most `most` bits of two hashes differ; `a` and `b` are where they begin. */
function near(hashes: Uint32Array, a: number, others: Uint32Array, b: number, most: number): boolean {
  let different = 0
  for (let word = 0; word < hashWords; word++) {
    different += bits(hashes[a + word]! ^ others[b + word]!)
    if (different > most) return false
  }
  return true
}

/** Exact copies: each with the first of its kind, and the first of each kind with all of the others. */
function exactPairs(images: readonly AlikeImage[]): { pairs: AlikePair[]; firsts: number[] } {
  const pairs: AlikePair[] = []
  const add = (a: number, b: number) => pairs.push({ a: Math.min(a, b), b: Math.max(a, b), exact: true, mirrored: false })
  const firsts: number[] = []
  for (const copies of gather(images.keys(), (i) => images[i]!.digest).values()) {
    const groups = [...gather(copies, (i) => images[i]!.kind).values()]
    for (const [at, group] of groups.entries()) {
      firsts.push(group[0]!)
      for (const other of group.slice(1)) add(group[0]!, other)
      for (const later of groups.slice(at + 1)) for (const other of later) add(group[0]!, other)
    }
  }
  return { pairs, firsts: firsts.sort((a, b) => a - b) }
}

/** The mean detail of a set, or nothing where the set is too small for one. */
function meanDetail(looks: readonly Look[]): Float32Array {
  const mean = new Float32Array(lookSize ** 2)
  if (looks.length < fewestForMean) return mean
  for (const { detail } of looks) for (let i = 0; i < mean.length; i++) mean[i]! += detail[i]! / looks.length
  return mean
}

/** Of the second one's mirror image where `mirrored`. */
function correlation(first: Int8Array, second: Int8Array, mean: Float32Array, mirrored: boolean): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < mean.length; i++) {
    const x = i % lookSize
    const j = mirrored ? i - x + lookSize - 1 - x : i
    const a = first[i]! - mean[i]!
    const b = second[j]! - mean[j]!
    ab += a * b
    aa += a * a
    bb += b * b
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}

/** @throws AssayError `cancelled` */
export async function findAlike(images: readonly AlikeImage[], signal?: AbortSignal): Promise<Alike> {
  const { pairs, firsts } = exactPairs(images)
  const seen = firsts.filter((i) => !images[i]!.blank)
  const hashes = new Uint32Array(seen.length * hashWords)
  const mirrors = new Uint32Array(seen.length * hashWords)
  for (const [place, i] of seen.entries()) {
    hashes.set(images[i]!.look.hash, place * hashWords)
    mirrors.set(images[i]!.look.mirroredHash, place * hashWords)
  }
  const mean = meanDetail(seen.map((i) => images[i]!.look))
  let rested = performance.now()
  for (const [place, i] of seen.entries()) {
    if (performance.now() - rested > 40) {
      // The signal comes as an event.
      await setImmediate()
      throwIfAborted(signal)
      rested = performance.now()
    }
    for (let other = place + 1; other < seen.length && pairs.length < mostPairs; other++) {
      const j = seen[other]!
      // Exact copies of two kinds are known already.
      if (images[i]!.digest === images[j]!.digest) continue
      const same = (mirrored: boolean): boolean =>
        near(hashes, place * hashWords, mirrored ? mirrors : hashes, other * hashWords, mostDifferentBits) && correlation(images[i]!.look.detail, images[j]!.look.detail, mean, mirrored) >= leastCorrelation
      if (same(false)) pairs.push({ a: i, b: j, exact: false, mirrored: false })
      else if (same(true)) pairs.push({ a: i, b: j, exact: false, mirrored: true })
    }
  }
  return { pairs: pairs.slice(0, mostPairs), cut: pairs.length >= mostPairs }
}

/** What a classifier is taught to answer: smoothed, mixed and weighted rows of probabilities. */
import type { Random } from '../tensor/random'
import { float32, type Tensor } from '../tensor/tensor'

/** Weight of each class, with mean 1 over the images. */
export function classWeights(labels: ArrayLike<number>, classes: number, kind: 'none' | 'root' | 'balanced'): Float32Array {
  const counts = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++
  const power = { none: 0, root: 0.5, balanced: 1 }[kind]
  const raw = Array.from(counts, (n) => (n ? n ** -power : 0))
  const mean = raw.reduce((sum, w, c) => sum + w * counts[c]!, 0) / Math.max(1, labels.length)
  return Float32Array.from(raw, (w) => w / mean)
}

/** One-hot rows with `smoothing` of their mass spread evenly, times the weight of their class, [N, classes]. */
export function weightedTargets(labels: ArrayLike<number | bigint>, weights: Float32Array, smoothing: number): Tensor<'float32'> {
  const classes = weights.length
  const rows = new Float32Array(labels.length * classes)
  for (let i = 0; i < labels.length; i++) {
    const label = Number(labels[i])
    rows.fill((weights[label]! * smoothing) / classes, i * classes, (i + 1) * classes)
    rows[i * classes + label]! += weights[label]! * (1 - smoothing)
  }
  return float32([labels.length, classes], rows)
}

/** Beta(a, a) by Jöhnk's method. */
function beta(a: number, random: Random): number {
  for (;;) {
    const [u, v] = [random.next() ** (1 / a), random.next() ** (1 / a)]
    if (u + v > 0 && u + v <= 1) return u / (u + v)
  }
}

/**
 * Mixes each image, and its target, with another of the batch; the larger share stays its own, so that its label does.
 * Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.
 */
export function mix(x: Tensor<'float32'>, targets: Tensor<'float32'>, alpha: number, random: Random): void {
  const count = x.shape[0]!
  const partners = random.shuffle(Array.from({ length: count }, (_, i) => i))
  const shares = partners.map(() => {
    const share = beta(alpha, random)
    return Math.max(share, 1 - share)
  })
  for (const { data } of [x, targets]) {
    const from = data.slice()
    const length = data.length / count
    partners.forEach((partner, i) => {
      const share = shares[i]!
      for (let k = 0; k < length; k++) data[i * length + k] = share * from[i * length + k]! + (1 - share) * from[partner * length + k]!
    })
  }
}

/** Accuracy, counted. */
import type { LabelledImages } from './training-data'
import { batches } from '../attacks/batches'
import type { Tensor } from '../tensor/tensor'

export interface Accuracy {
  accuracy: number
  /** Mean of the classes' own accuracies; classes without an image are left out. */
  balancedAccuracy: number
}

export const argmax = (values: ArrayLike<number>, start: number, count: number): number => {
  let best = 0
  for (let i = 1; i < count; i++) if (values[start + i]! > values[start + best]!) best = i
  return best
}

export function accuracyOf(predicted: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Accuracy {
  const right = new Array<number>(classes).fill(0)
  const all = new Array<number>(classes).fill(0)
  for (let i = 0; i < labels.length; i++) {
    all[labels[i]!]!++
    if (predicted[i] === labels[i]) right[labels[i]!]!++
  }
  const shares = all.flatMap((n, c) => (n ? [right[c]! / n] : []))
  return {
    accuracy: right.reduce((a, b) => a + b, 0) / Math.max(1, labels.length),
    balancedAccuracy: shares.reduce((a, b) => a + b, 0) / Math.max(1, shares.length),
  }
}

/** Cross-entropy of the true classes, mean over the images. @param logits [N, classes] */
export function crossEntropyOf(logits: Float32Array, labels: ArrayLike<number>): number {
  const classes = logits.length / Math.max(1, labels.length)
  let sum = 0
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes)
    const top = Math.max(...row)
    sum += top + Math.log(row.reduce((total, z) => total + Math.exp(z - top), 0)) - row[labels[i]!]!
  }
  return sum / Math.max(1, labels.length)
}

/** Logits [N, classes] of all images, by `logits` of batches of one size. */
export async function allLogits(images: Pick<LabelledImages, 'x' | 'labels' | 'size'>, classes: number, batch: number, logits: (x: Tensor<'float32'>) => Promise<Tensor>): Promise<Float32Array> {
  const shape = [images.size.channels, images.size.height, images.size.width]
  const out = new Float32Array(images.labels.length * classes)
  for (const b of batches(images.x, images.labels, batch, shape)) {
    const z = (await logits(b.x)).data as Float32Array
    out.set(z.subarray(0, b.count * classes), b.start * classes)
  }
  return out
}

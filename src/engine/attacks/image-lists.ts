/** Lists of images of which some go on and some are done: picked out, and put back. */

/** The images (or other rows of `width` numbers) with the given indices, side by side. */
export function pick(data: Float32Array, indices: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(indices.length * width)
  for (let i = 0; i < indices.length; i++) out.set(data.subarray(indices[i]! * width, (indices[i]! + 1) * width), i * width)
  return out
}

export const pickLabels = (labels: Int32Array, indices: ArrayLike<number>): Int32Array => Int32Array.from(indices, (i) => labels[i]!)

/** Row `from` of `source` becomes row `to` of `target`. */
export function put(target: Float32Array, to: number, source: Float32Array, from: number, width: number): void {
  target.set(source.subarray(from * width, (from + 1) * width), to * width)
}

/** Indices from 0 for which `holds` is true. */
export function indicesWhere(count: number, holds: (i: number) => boolean): number[] {
  const found: number[] = []
  for (let i = 0; i < count; i++) if (holds(i)) found.push(i)
  return found
}

/** Predicted class of each row of logits [n, classes]. The first of equals wins, as everywhere in Assay. */
export function predictedClasses(logits: ArrayLike<number>, classes: number): Int32Array {
  const out = new Int32Array(logits.length / classes)
  for (let i = 0; i < out.length; i++)
    for (let c = 1; c < classes; c++) if (logits[i * classes + c]! > logits[i * classes + out[i]!]!) out[i] = c
  return out
}

/** z_y − max of the other logits of one row of logits [n, classes]; negative where the answer is wrong. */
export function marginOf(logits: ArrayLike<number>, row: number, label: number, classes: number): number {
  let others = -Infinity
  for (let c = 0, at = row * classes; c < classes; c++, at++) if (c !== label && logits[at]! > others) others = logits[at]!
  return logits[row * classes + label]! - others
}

/**
 * The wrong classes of one row of logits, the most likely first.
 * @param most how many at most
 */
export function likeliestWrong(logits: ArrayLike<number>, row: number, label: number, classes: number, most: number): number[] {
  const wrong = Array.from({ length: classes }, (_, c) => c).filter((c) => c !== label)
  return wrong.sort((a, b) => logits[row * classes + b]! - logits[row * classes + a]!).slice(0, most)
}

/** A request for some of its images only. */
export function part<R extends { model: { pixels: number }; x: Float32Array; labels: Int32Array; numbers: Int32Array }>(request: R, indices: readonly number[]): R {
  return { ...request, x: pick(request.x, indices, request.model.pixels), labels: pickLabels(request.labels, indices), numbers: pickLabels(request.numbers, indices) }
}

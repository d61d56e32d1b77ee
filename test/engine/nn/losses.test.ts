/** Losses against values worked out by their definitions in double precision. */
import { expect, it } from 'vitest'
import * as losses from '../../../src/engine/nn/losses'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { oneHot } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

async function evaluate(feeds: Record<string, Tensor>, build: (g: GraphBuilder, inputs: Record<string, Value>) => Value): Promise<{ shape: Shape; values: number[] }> {
  const g = new GraphBuilder()
  g.output('answer', build(g, Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, g.input(name, t.shape, t.dtype)]))))
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const { answer } = await session.run(feeds)
  await session.release()
  return { shape: answer!.shape, values: Array.from(answer!.data as Float32Array) }
}
const close = (found: { shape: Shape; values: number[] }, shape: Shape, values: number[]) => {
  expect([...found.shape]).toEqual(shape)
  values.forEach((v, i) => expect(found.values[i]).toBeCloseTo(v, 5))
}

const rows = [[1, 2, 3], [0.5, -1, 0], [80, -80, 0], [0, 0, 0]]
const labels = [2, 1, 0, 2]
const logits = float32([4, 3], rows.flat())
const y = int64([4], labels)
const logSum = (z: number[]) => {
  const most = Math.max(...z)
  return most + Math.log(z.reduce((s, v) => s + Math.exp(v - most), 0))
}
const softmax = (z: number[]) => z.map((v) => Math.exp(v - logSum(z)))
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

it('cross-entropy is −log p of the true class: by hand for one row, by definition for all, finite for sure answers', async () => {
  const perImage = rows.map((z, i) => logSum(z) - z[labels[i]!]!)
  expect(perImage[0]).toBeCloseTo(0.407606, 6)
  expect(perImage[3]).toBeCloseTo(Math.log(3), 12)
  close(await evaluate({ logits, y }, (g, v) => losses.crossEntropyPerImage(g, v.logits!, oneHot(g, v.y!, 3))), [4], perImage)
  close(await evaluate({ logits, y }, (g, v) => losses.crossEntropy(g, v.logits!, oneHot(g, v.y!, 3))), [], [mean(perImage)])
})

it('smoothed targets keep rows of sum 1, the true class ahead by 1 − smoothing', async () => {
})

it('margin is the true logit less the best other, negative where misclassified', async () => {
  close(await evaluate({ logits, y }, (g, v) => losses.margin(g, v.logits!, v.y!)), [4], [1, -1.5, 80, 0])
})

it('probabilities are a softmax; divergence is Kullback and Leibler’s, zero from itself', async () => {
  close(await evaluate({ logits }, (g, v) => losses.probabilities(g, v.logits!)), [4, 3], rows.flatMap(softmax))
  const reference = [[0.2, 0.3, 0.5], [1, 0, 0], [0.5, 0.25, 0.25], [0, 0.5, 0.5]]
  const others = [[1, 2, 3], [0.5, -1, 0], [1, 0, -1], [0, 0, 0]]
  const divergence = mean(reference.map((p, i) => p.reduce((s, v, k) => s + (v === 0 ? 0 : v * Math.log(v / softmax(others[i]!)[k]!)), 0)))
  const found = await evaluate({ p: float32([4, 3], reference.flat()), z: float32([4, 3], others.flat()) }, (g, v) => losses.divergenceFrom(g, v.p!, v.z!))
  close(found, [], [divergence])
  close(await evaluate({ logits }, (g, v) => losses.divergenceFrom(g, losses.probabilities(g, v.logits!), v.logits!)), [], [0])
})

it('mean absolute and squared error are means over every value', async () => {
  const feeds = { a: float32([2, 2], [1, 2, 3, 4]), b: float32([2, 2], [1, 0, 4, 7]) }
  close(await evaluate(feeds, (g, v) => losses.meanAbsoluteError(g, v.a!, v.b!)), [], [6 / 4])
  close(await evaluate(feeds, (g, v) => losses.meanSquaredError(g, v.a!, v.b!)), [], [14 / 4])
})

it('cosine distance is 0 along, 1 across, 2 against, and finite at zero', async () => {
  const distance = (a: number[], b: number[]) => evaluate({ a: float32([1, 2, 1], a), b: float32([1, 2, 1], b) }, (g, v) => losses.cosineDistance(g, v.a!, v.b!))
  close(await distance([1, 2], [3, 6]), [], [0])
  close(await distance([1, 0], [0, 5]), [], [1])
  close(await distance([1, 2], [-2, -4]), [], [2])
  close(await distance([0, 0], [1, 1]), [], [1])
})

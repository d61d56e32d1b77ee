/** The losses that attacks ascend, against numbers worked out by hand and against finite differences. */
import { describe, expect, it } from 'vitest'
import { attackLoss, type AttackLoss } from '../../../src/engine/attacks/losses'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { createSession } from '../../../src/engine/runtime/session'
import { float32, int64 } from '../../../src/engine/tensor/tensor'

async function lossOf(loss: AttackLoss, rows: number[][], labels: number[], targets: number[]) {
  const g = new GraphBuilder()
  const logits = g.input('logits', [rows.length, rows[0]!.length])
  const y = g.input('labels', [rows.length], 'int64')
  const t = g.input('targets', [rows.length], 'int64')
  const values = attackLoss(g, loss, logits, y, t)
  g.output('loss', values)
  g.output('gradient', gradient(g, values, [logits])[0]!)
  const session = await createSession(g.toBytes(), { provider: 'cpu' })
  const of = async (z: number[]) => {
    const out = await session.run({ logits: float32([rows.length, rows[0]!.length], z), labels: int64([rows.length], labels), targets: int64([rows.length], targets) })
    return { loss: Array.from(out['loss']!.data as Float32Array), gradient: Array.from(out['gradient']!.data as Float32Array) }
  }
  const at = await of(rows.flat())
  const step = 1e-2
  const differences: number[] = []
  for (let i = 0; i < rows.flat().length; i++) {
    const moved = (by: number) => rows.flat().map((v, k) => (k === i ? v + by : v))
    const sum = async (by: number) => (await of(moved(by))).loss.reduce((a, b) => a + b, 0)
    differences.push(((await sum(step)) - (await sum(-step))) / (2 * step))
  }
  await session.release()
  return { ...at, differences }
}

const cases: { loss: AttackLoss; rows: number[][]; labels: number[]; targets: number[]; expected: number[] }[] = [
  // −(z_y − max others) / (z(1) − z(3)): right by 3 of 5, then wrong by 2 of 5.
  { loss: 'dlr', rows: [[4, 1, -1, -3], [2, 4, -1, -3]], labels: [0, 0], targets: [0, 0], expected: [-3 / 5, 2 / 5] },
  { loss: 'dlr', rows: [[4, 1, -1], [2, 4, -1]], labels: [0, 0], targets: [0, 0], expected: [-3 / 5, 2 / 5] },
  { loss: 'dlr', rows: [[4, 1], [0, -2.5]], labels: [0, 1], targets: [0, 0], expected: [-3, 2.5] },
  // −(z_y − z_t) / (z(1) − (z(3) + z(4)) / 2): 4 − −1 = 5 over 4 − −2 = 6.
  { loss: 'targeted-dlr', rows: [[4, 1, -1, -3], [4, 1, -1, -3]], labels: [0, 0], targets: [2, 1], expected: [-5 / 6, -3 / 6] },
  { loss: 'targeted-dlr', rows: [[4, 1, -1]], labels: [0], targets: [2], expected: [-5 / 5] },
  { loss: 'targeted-dlr', rows: [[4, 1], [4, 1]], labels: [0, 1], targets: [1, 0], expected: [-3, 3] },
  { loss: 'margin', rows: [[4, 1, -1], [2, 4, -1]], labels: [0, 0], targets: [0, 0], expected: [-3, 2] },
  { loss: 'targeted-margin', rows: [[4, 1, -1]], labels: [0], targets: [2], expected: [-5] },
  { loss: 'cross-entropy', rows: [[0, Math.log(3)]], labels: [0], targets: [0], expected: [Math.log(4)] },
  { loss: 'dlr', rows: [[9, 7.5, 6, 5, 4, 3, 2, 1, 0, -1]], labels: [3], targets: [0], expected: [4 / 3] },
  { loss: 'targeted-dlr', rows: [[9, 7.5, 6, 5, 4, 3, 2, 1, 0, -1]], labels: [0], targets: [9], expected: [-10 / 3.5] },
]

describe('losses of attacks', () => {
  it.each(cases)('$loss with labels $labels of $rows is as worked out by hand, its gradient as by finite differences', async ({ loss, rows, labels, targets, expected }) => {
    const found = await lossOf(loss, rows, labels, targets)
    expected.forEach((v, i) => expect(found.loss[i]).toBeCloseTo(v, 5))
    found.differences.forEach((v, i) => expect(Math.abs(found.gradient[i]! - v)).toBeLessThan(2e-3))
  })
})

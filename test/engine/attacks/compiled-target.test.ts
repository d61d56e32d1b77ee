/** Programs of any number of images over graphs of fixed batches, and batches that memory sets a limit to. */
import { describe, expect, it } from 'vitest'
import { CompiledTarget, pieces } from '../../../src/engine/attacks/compiled-target'
import { logitsProgram } from '../../../src/engine/attacks/programs'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { linearTarget, linearWeights, side } from '../../support/tiny-target'

const pixels = side * side
const images = (count: number) => Float32Array.from({ length: count * pixels }, (_, i) => ((i * 37) % 101) / 100)

describe('images cut into batches', () => {
  const ladder = [16, 8, 4, 2, 1]
  it('are each in one piece, in order, with little filling', () => {
    for (let count = 1; count <= 70; count++) {
      const cut = pieces(count, ladder)
      expect(cut.reduce((at, { start, length }) => (expect(start).toBe(at), at + length), 0)).toBe(count)
      for (const { length, size } of cut) {
        expect(ladder).toContain(size)
        expect(length).toBeLessThanOrEqual(size)
        expect(3 * length, 'at most a third is filling').toBeGreaterThanOrEqual(2 * size)
      }
    }
  })
})

describe('a program', () => {
  /** Counts the batches that graphs are built for. */
  function counted(memory?: number) {
    const built: number[] = []
    const linear = linearTarget()
    const target: AttackTarget = { ...linear, logits: (g, x) => (built.push(x.shape[0]!), linear.logits(g, x)) }
    return { model: new CompiledTarget(target, 16, memory), built }
  }
  const expected = (x: Float32Array, count: number): number[] => {
    const w = linearWeights()
    return Array.from({ length: 2 * count }, (_, k) => Array.from({ length: pixels }, (_, i) => x[Math.floor(k / 2) * pixels + i]! * w[2 * i + (k % 2)]!).reduce((a, b) => a + b, 0))
  }

  it.each([1, 5, 16, 23, 40])('answers %i images as one graph for all would', async (count) => {
    const { model } = counted()
    const x = images(count)
    const { logits } = await logitsProgram(model).run({ x: model.images(x) })
    expect(logits!.shape).toEqual([count, 2])
    expected(x, count).forEach((v, i) => expect(logits!.data[i]).toBeCloseTo(v, 4))
    await model.release()
  })

  it('takes smaller batches where memory is short, and the answers stay', async () => {
    // Four images of 16 numbers and their answers fit beside the weights; sixteen do not.
    const { model } = counted(4 * (pixels + 2) * 4 + linearWeights().length * 4 + 64)
    const x = images(16)
    const { logits } = await logitsProgram(model).run({ x: model.images(x) })
    expected(x, 16).forEach((v, i) => expect(logits!.data[i]).toBeCloseTo(v, 4))
    const { model: plenty, built } = counted()
    await logitsProgram(plenty).run({ x: plenty.images(x) })
    expect(built).toEqual([16])
    await Promise.all([model.release(), plenty.release()])
  })

  it('runs one image at a time at worst, not none', async () => {
    const { model, built } = counted(1)
    const { logits } = await logitsProgram(model).run({ x: model.images(images(3)) })
    expect(logits!.shape).toEqual([3, 2])
    expect(built.at(-1)).toBe(1)
    await model.release()
  })
})

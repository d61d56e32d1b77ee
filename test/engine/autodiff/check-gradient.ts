/**
 * Holds a graph's analytic gradient against central differences of its forward pass, both run by ONNX Runtime.
 *
 * Double precision where ONNX Runtime has the kernels. Where it has single precision only (convolution), the operator
 * is linear in each of its inputs, so that a central difference with a large step has no truncation error at all.
 */
import { expect } from 'vitest'
import { gradient } from '../../../src/engine/autodiff/gradient'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { mul, reduceSum } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { Random } from '../../../src/engine/tensor/random'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../src/engine/tensor/tensor'

export interface Case {
  inputs: Shape[]
  build: (g: GraphBuilder, ...inputs: Value[]) => Value
  precision?: 'float64' | 'float32'
  step?: number
  tolerance?: number
  /** Draws an input's element; a standard normal by default. */
  draw?: (random: Random, input: number) => number
}

const make = (dtype: 'float32' | 'float64', shape: Shape, values: number[]): Tensor =>
  dtype === 'float32' ? tensor('float32', shape, Float32Array.from(values)) : tensor('float64', shape, Float64Array.from(values))

export async function checkGradient(name: string, c: Case, seed: number | string = name): Promise<void> {
  const dtype = c.precision ?? 'float64'
  const random = new Random(seed)
  const values = c.inputs.map((shape, i) => Array.from({ length: sizeOf(shape) }, () => (c.draw ? c.draw(random, i) : random.normal())))

  const g = new GraphBuilder()
  const inputs = c.inputs.map((shape, i) => g.input(`x${i}`, shape, dtype))
  const y = c.build(g, ...inputs)
  const projection = g.constant(make(dtype, y.shape, Array.from({ length: sizeOf(y.shape) }, () => random.normal())))
  const loss = reduceSum(g, mul(g, y, projection))
  g.output('loss', loss)
  gradient(g, loss, inputs).forEach((d, i) => {
    expect(d.shape, `${name}: shape of gradient ${i}`).toEqual(inputs[i]!.shape)
    g.output(`d${i}`, d)
  })
  const session = await createSession(g.toBytes(), { provider: 'cpu', threads: 1 })
  const run = async (moved: number[][]) => session.run(Object.fromEntries(moved.map((v, i) => [`x${i}`, make(dtype, c.inputs[i]!, v)])))
  const analytic = await run(values)
  const step = c.step ?? (dtype === 'float64' ? 1e-5 : 0.5)
  const tolerance = c.tolerance ?? (dtype === 'float64' ? 1e-7 : 2e-4)

  for (let i = 0; i < values.length; i++)
    for (let direction = 0; direction < 3; direction++) {
      const v = values[i]!.map(() => random.normal())
      const at = (h: number) => run(values.map((all, j) => (i === j ? all.map((x, k) => x + h * v[k]!) : all)))
      const [up, down] = [await at(step), await at(-step)]
      const numeric = (Number(up.loss!.data[0]) - Number(down.loss!.data[0])) / (2 * step)
      const gradientValues = Array.from(analytic[`d${i}`]!.data as ArrayLike<number>)
      const along = gradientValues.reduce((sum, d, k) => sum + d * v[k]!, 0)
      const scale = Math.sqrt(gradientValues.reduce((sum, d) => sum + d * d, 0)) + 1e-3
      expect(Math.abs(along - numeric) / scale, `${name}: input ${i}, analytic ${along}, numeric ${numeric}`).toBeLessThan(tolerance)
    }
  await session.release()
}

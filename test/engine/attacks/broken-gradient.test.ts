/** A gradient that is no number takes no attack out of its bounds: there is nothing to follow, and the image stays near. */
import { describe, expect, it } from 'vitest'
import { assertWithinBounds, distances } from '../../../src/engine/attacks/bounds'
import { attacks } from '../../../src/engine/attacks/registry'
import type { AttackTarget } from '../../../src/engine/attacks/target'
import { add, clip, log, mul, reduceSum, relu, reshape, sqrt, sub } from '../../../src/engine/onnx/ops'
import type { GraphBuilder, Value } from '../../../src/engine/onnx/builder'
import { attackWith } from '../../support/attack-requests'
import { boundaryDistances, imagesNearBoundary, linearTarget } from '../../support/tiny-target'

/** Adds the norm of activations that are all 0: nothing to the answer, 0 · ∞ to the gradient. */
const withDeadNorm = (g: GraphBuilder, x: Value, z: Value): Value => {
  const n = x.shape[0]!
  return add(g, z, sqrt(g, reduceSum(g, reshape(g, relu(g, sub(g, x, 2)), [n, x.shape.slice(1).reduce((a, b) => a * b)]), [1], true)))
}

const linear = linearTarget()
const target: AttackTarget = {
  ...linear,
  logits: (g, x) => withDeadNorm(g, x, linear.logits(g, x)),
  suspicion: (g, x) => reshape(g, withDeadNorm(g, x, reduceSum(g, reshape(g, x, [x.shape[0]!, 16]), [1], true)), [x.shape[0]!]),
}

const { x, labels } = imagesNearBoundary(4)
const epsilon = 0.1
const few: Record<string, number> = { steps: 12, searches: 2, iterations: 5, pairs: 4, queries: 50, restarts: 2 }

describe('a gradient that is no number', () => {
  it.each(attacks.flatMap((attack) => attack.norms.map((norm) => [attack.name, norm, attack] as const)))('leaves %s in %s within its bounds', async (_, norm, attack) => {
    const options = Object.fromEntries(Object.entries(few).filter(([name]) => name in attack.parameters))
    const { adversarial } = await attackWith(attack, { target, x, labels, epsilon, norm, options })
    assertWithinBounds(adversarial, attack.minimumNorm ? undefined : { norm, epsilon, ...distances(x, adversarial, labels.length) })
  })

  it('in some pixels leaves the others to be followed', async () => {
    // The gradient of the first pixel alone is no number.
    const partly: AttackTarget = {
      ...linear,
      logits: (g, images) => {
        const first = reshape(g, g.op('Slice', [images, g.integers([0]), g.integers([1]), g.integers([3])]), [images.shape[0]!, 4])
        return add(g, linear.logits(g, images), sqrt(g, reduceSum(g, relu(g, sub(g, first, 2)), [1], true)))
      },
    }
    const nearest = Math.max(...boundaryDistances(x, 'linf'))
    const { adversarial } = await attackWith(attacks.find(({ name }) => name === 'fgsm')!, { target: partly, x, labels, epsilon: nearest })
    const moved = Array.from({ length: 16 }, (_, i) => adversarial[i] !== x[i])
    expect(moved).toEqual(Array.from({ length: 16 }, (_, i) => i % 4 !== 0))
  })

  it('nor is SPSA led away by answers that are none', async () => {
    // Beyond [0, 1], where pairs are asked too, there is no answer.
    const bounded: AttackTarget = { ...linear, logits: (g, images) => add(g, linear.logits(g, images), mul(g, log(g, clip(g, reduceSum(g, sub(g, 1, reshape(g, images, [images.shape[0]!, 16])), [1], true), -1, 1)), 0)) }
    const white = new Float32Array(x.length).fill(1)
    const spsa = attacks.find(({ name }) => name === 'spsa')!
    const { adversarial } = await attackWith(spsa, { target: bounded, x: white, labels, epsilon, options: few })
    assertWithinBounds(adversarial, { norm: 'linf', epsilon, ...distances(white, adversarial, labels.length) })
  })
})

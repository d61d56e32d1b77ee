/** Medical tasks have two to four classes, one sigmoid, or several findings of which one is asked: every attack works there. */
import { describe, expect, it } from 'vitest'
import type { Attack } from '../../../src/engine/attacks/attack'
import { distances, withinEpsilon } from '../../../src/engine/attacks/bounds'
import { cw } from '../../../src/engine/attacks/cw'
import { deepfool } from '../../../src/engine/attacks/deepfool'
import { joint } from '../../../src/engine/attacks/joint'
import { CompiledTarget } from '../../../src/engine/attacks/compiled-target'
import { predict } from '../../../src/engine/attacks/programs'
import { spsa } from '../../../src/engine/attacks/spsa'
import { classifierTarget, type AttackTarget } from '../../../src/engine/attacks/target'
import type { LoadedBundle } from '../../../src/engine/bundle/load'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { matMul, reduceSum, reshape, sigmoid, square, tanh } from '../../../src/engine/onnx/ops'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { attackWith } from '../../support/attack-requests'

const side = 5
const count = 4
const random = new Random('few classes')
const x = Float32Array.from({ length: count * side * side }, () => random.uniform(0.3, 0.7))

/** A bundle around a small network with that many outputs. */
function bundleOf(outputs: number, classes: number, output: 'logits' | 'sigmoid'): LoadedBundle {
  const draw = (rows: number, columns: number) => float32([rows, columns], Float32Array.from({ length: rows * columns }, () => random.normal() / Math.sqrt(rows)))
  const g = new GraphBuilder()
  const image = g.input('image', [1, 1, side, side])
  const hidden = tanh(g, matMul(g, reshape(g, image, [1, side * side]), g.constant(draw(side * side, 8))))
  const logits = matMul(g, hidden, g.constant(draw(8, outputs)))
  g.output('y', output === 'sigmoid' ? sigmoid(g, logits) : logits)
  return {
    folder: '', classifier: g.toBytes(), purifier: null,
    manifest: {
      format: 'assay-bundle/1', id: 'few', name: 'Few', description: '', modality: '', bodyPart: '', training: {}, classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
      input: { width: side, height: side, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } },
      classifier: { file: 'classifier.onnx', sha256: '0'.repeat(64), output, layout: 'nchw' },
    },
  }
}

const targets: [string, AttackTarget][] = [
  ...[2, 3, 4, 10].map((n): [string, AttackTarget] => [`${n} classes`, classifierTarget(bundleOf(n, n, 'logits'), 'cpu')]),
  ['one sigmoid', classifierTarget(bundleOf(1, 2, 'sigmoid'), 'cpu')],
  ['one of five findings', classifierTarget(bundleOf(5, 5, 'sigmoid'), 'cpu', 3)],
]

const quick: [Attack, Record<string, number>][] = ([
  [deepfool, {}],
  [cw, { searches: 4, steps: 60, initialC: 0.1 }],
  [spsa, { iterations: 30, pairs: 16 }],
  [joint, { steps: 20 }],
] as unknown) as [Attack, Record<string, number>][]

describe.each(targets)('on a model with %s', (_name, bare) => {
  // A detector that wants pictures to be dark.
  const target: AttackTarget = { ...bare, suspicion: (g, v) => reduceSum(g, square(g, v), [1, 2, 3]) }

  it.each(quick)('$name changes answers and keeps its bounds', async (attack, options) => {
    const model = new CompiledTarget(target, count)
    const labels = await predict(model, x)
    const norm = attack.norms[0]!
    const epsilon = 0.3
    const { adversarial } = await attackWith(attack, { target, x, labels, epsilon, norm, options, batch: count })
    const answers = await predict(model, adversarial)
    await model.release()
    expect(answers.some((answer, i) => answer !== labels[i])).toBe(true)
    expect(adversarial.every((v) => v >= 0 && v <= 1)).toBe(true)
    if (!attack.minimumNorm) expect(distances(x, adversarial, count)[norm].every((d) => withinEpsilon(d, epsilon))).toBe(true)
  })
})

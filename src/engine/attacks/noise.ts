/**
 * Random noise of the attack's size, the control: what it breaks needs no attacker, and an attack that breaks less is
 * broken itself.
 */
import { throwIfAborted } from '../dataset/model-inputs'
import type { Attack, AttackOptions } from './attack'
import { indicesWhere, pick, pickLabels, predictedClasses, put } from './image-lists'
import { logitsProgram } from './programs'
import { randomStart } from './random-start'

interface NoiseOptions extends AttackOptions {
  /** Draws per image; the first that changes the answer is kept. */
  draws: number
}

export const noise: Attack<NoiseOptions> = {
  name: 'noise',
  title: 'Random noise',
  norms: ['linf', 'l2'],
  access: 'queries',
  minimumNorm: false,
  random: true,
  reference: 'A control: uniform noise in the L∞ ball, a random direction in the L2 ball',
  parameters: { draws: { label: 'Draws', minimum: 1, maximum: 10_000, integer: true } },
  defaults: () => ({ draws: 10 }),
  cost: ({ draws }) => ({ forward: draws, gradient: 0 }),
  async run(request) {
    const { model, x, labels, norm, epsilon, options, seed, numbers, signal, progress } = request
    const adversarial = x.slice()
    const queries = new Int32Array(labels.length)
    let left = indicesWhere(labels.length, () => true)
    for (let draw = 0; draw < options.draws && left.length; draw++) {
      throwIfAborted(signal)
      const noisy = randomStart({ x: pick(x, left, model.pixels), norm, epsilon, seed, numbers: pickLabels(numbers, left) }, `noise ${draw}`)
      const predicted = predictedClasses((await logitsProgram(model).run({ x: model.images(noisy) }))['logits']!.data as Float32Array, model.classes)
      left.forEach((image, i) => {
        put(adversarial, image, noisy, i, model.pixels)
        queries[image]!++
      })
      left = left.filter((image, i) => predicted[i] === labels[image])
      progress?.((draw + 1) / options.draws)
    }
    return { adversarial, queries }
  },
}

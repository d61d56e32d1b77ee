/** MI-FGSM: the gradients of the steps, each divided by its mean absolute value, are gathered into a momentum whose sign is followed. */
import { throwIfAborted } from '../dataset/model-inputs'
import { abs, add, cast, div, equal, mul, reduceMean, sign } from '../onnx/ops'
import type { Attack, AttackOptions } from './attack'
import { imageInput, labelsTensor, lossAndGradient, perImageInput, projectLinf, samePerImage } from './programs'
import { ascentParameters } from './projected-gradient'
import type { CompiledTarget, Program } from './compiled-target'

interface MomentumOptions extends AttackOptions {
  steps: number
  stepSize: number
  decay: number
}

const momentumStep = (model: CompiledTarget): Program =>
  model.program('linf step with momentum', (g, batch) => {
    const x = imageInput(g, model.target, 'x', batch)
    const x0 = imageInput(g, model.target, 'x0', batch)
    const momentum = imageInput(g, model.target, 'momentum', batch)
    const [epsilon, step, decay] = ['epsilon', 'step', 'decay'].map((name) => perImageInput(g, name, batch))
    const { dx } = lossAndGradient(g, model.target, 'cross-entropy', x)
    const size = reduceMean(g, abs(g, dx), [1, 2, 3], true)
    // A gradient that is zero throughout adds nothing.
    const gathered = add(g, mul(g, momentum, decay!), div(g, dx, add(g, size, cast(g, equal(g, size, 0), 'float32'))))
    g.output('nextMomentum', gathered)
    g.output('next', projectLinf(g, add(g, x, mul(g, sign(g, gathered), step!)), x0, epsilon!))
  })

export const miFgsm: Attack<MomentumOptions> = {
  name: 'mifgsm',
  title: 'MI-FGSM',
  norms: ['linf'],
  access: 'gradients',
  minimumNorm: false,
  random: false,
  reference: 'Dong, Liao, Pang, Su, Zhu, Hu & Li: Boosting adversarial attacks with momentum. CVPR 2018',
  parameters: { steps: ascentParameters.steps, stepSize: ascentParameters.stepSize, decay: { label: 'Decay of the momentum', minimum: 0, maximum: 2, integer: false } },
  defaults: (epsilon) => ({ steps: 10, stepSize: epsilon / 10, decay: 1 }),
  cost: ({ steps }) => ({ forward: 0, gradient: steps }),
  async run({ model, x, labels, epsilon, options, signal, progress }) {
    const n = labels.length
    const program = momentumStep(model)
    const fixed = { x0: model.images(x), labels: labelsTensor(labels), epsilon: samePerImage(n, epsilon), step: samePerImage(n, options.stepSize), decay: samePerImage(n, options.decay) }
    let state = { x: model.images(x), momentum: model.images(new Float32Array(x.length)) }
    for (let i = 0; i < options.steps; i++) {
      throwIfAborted(signal)
      const { next, nextMomentum } = await program.run({ ...fixed, ...state })
      state = { x: model.images(next!.data as Float32Array), momentum: model.images(nextMomentum!.data as Float32Array) }
      progress?.((i + 1) / options.steps)
    }
    return { adversarial: state.x.data }
  },
}

/** PGD: many small steps from a random start, projected on the ball after each. BIM is the same from the image itself. */
import type { Attack } from './attack'
import { ascend, ascentParameters, type AscentOptions } from './projected-gradient'

export const pgd: Attack<AscentOptions> = {
  name: 'pgd',
  title: 'PGD',
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: true,
  reference: 'Madry, Makelov, Schmidt, Tsipras & Vladu: Towards deep learning models resistant to adversarial attacks. ICLR 2018',
  parameters: ascentParameters,
  defaults: (epsilon, norm) => ({ steps: 40, stepSize: norm === 'linf' ? epsilon / 4 : epsilon / 5, randomStart: 1, restarts: 1 }),
  cost: ({ steps, restarts }) => ({ forward: restarts - 1, gradient: steps * restarts }),
  run: (request) => ascend(request),
}

export const bim: Attack<Pick<AscentOptions, 'steps' | 'stepSize'>> = {
  name: 'bim',
  title: 'BIM',
  norms: ['linf', 'l2'],
  access: 'gradients',
  minimumNorm: false,
  random: false,
  reference: 'Kurakin, Goodfellow & Bengio: Adversarial examples in the physical world. ICLR workshop 2017',
  parameters: { steps: ascentParameters.steps, stepSize: ascentParameters.stepSize },
  defaults: (epsilon) => ({ steps: 10, stepSize: epsilon / 5 }),
  cost: ({ steps }) => ({ forward: 0, gradient: steps }),
  run: (request) => ascend({ ...request, options: { ...request.options, randomStart: 0, restarts: 1 } }),
}

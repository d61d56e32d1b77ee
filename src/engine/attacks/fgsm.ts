/** FGSM: one step of the whole radius along the sign of the gradient. */
import type { Attack } from './attack'
import { ascend } from './projected-gradient'

export const fgsm: Attack<Record<never, number>> = {
  name: 'fgsm',
  title: 'FGSM',
  norms: ['linf'],
  access: 'gradients',
  minimumNorm: false,
  random: false,
  reference: 'Goodfellow, Shlens & Szegedy: Explaining and harnessing adversarial examples. ICLR 2015',
  parameters: {},
  defaults: () => ({}),
  cost: () => ({ forward: 0, gradient: 1 }),
  run: (request) => ascend({ ...request, options: { steps: 1, stepSize: request.epsilon, randomStart: 0, restarts: 1 } }),
}

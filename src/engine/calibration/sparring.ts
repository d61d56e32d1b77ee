/**
 * Attacked copies of untouched scans, for choosing the detector's scores: what a strong, a weak and a least possible
 * attack on the bundle's classifier leave behind, and random noise of the same size as the control.
 *
 * Nobody has labelled the scans, so an attack sets out from the classifier's own answer.
 */
import { numbered } from '../attacks/attack'
import { CompiledTarget } from '../attacks/compiled-target'
import { predict } from '../attacks/programs'
import { findAttack } from '../attacks/registry'
import { classifierTarget } from '../attacks/target'
import type { LoadedBundle } from '../bundle/load'
import { throwIfAborted } from '../dataset/model-inputs'
import type { ProviderChoice } from '../../shared/types'

interface Bout {
  attack: 'pgd' | 'fgsm' | 'deepfool' | 'noise'
  /** L∞ radius in 1/255; for the least possible change, the largest that counts. */
  k: number
  options?: Record<string, number>
}

export const bouts: readonly Bout[] = [
  ...[1, 2, 4].map((k): Bout => ({ attack: 'pgd', k, options: { steps: 10 } })),
  { attack: 'fgsm', k: 2 },
  { attack: 'deepfool', k: 8 },
  ...[1, 2, 4].map((k): Bout => ({ attack: 'noise', k, options: { draws: 1 } })),
]

export const titleOf = ({ attack, k }: Bout): string => (attack === 'deepfool' ? 'DeepFool' : `${{ pgd: 'PGD-10', fgsm: 'FGSM', noise: 'noise' }[attack]} at ${k}/255`)

export interface Attacked {
  bout: Bout
  /** As many images as were given, [n, C, H, W]. */
  x: Float32Array
  /** Whether the attack moved the image at all. */
  moved: boolean[]
}

/**
 * @param x untouched scans [n, C, H, W]
 * @throws AssayError cancelled, runtime-failed; onnx-operator-unsupported, onnx-shape-unknown or
 * onnx-operator-not-differentiable where the classifier has no gradient to follow
 */
export async function* attackedCopies(bundle: LoadedBundle, x: Float32Array, { provider = 'auto', seed, signal, progress }: { provider?: ProviderChoice; seed: number; signal?: AbortSignal; progress?: (done: number, bout: Bout) => void }): AsyncGenerator<Attacked> {
  const model = new CompiledTarget(classifierTarget(bundle, provider), 16)
  try {
    const count = x.length / model.pixels
    const labels = await predict(model, x)
    for (const [at, bout] of bouts.entries()) {
      throwIfAborted(signal)
      const attack = findAttack(bout.attack)
      const epsilon = bout.k / 255
      const { adversarial } = await attack.run({
        model,
        x,
        labels,
        norm: 'linf',
        epsilon,
        options: { ...attack.defaults(epsilon, 'linf'), ...bout.options },
        seed,
        numbers: numbered(count),
        signal,
        progress: (share) => progress?.(at + share, bout),
      })
      const moved = Array.from({ length: count }, (_, i) => {
        for (let p = i * model.pixels; p < (i + 1) * model.pixels; p++) if (adversarial[p] !== x[p]) return true
        return false
      })
      yield { bout, x: adversarial, moved }
    }
  } finally {
    await model.release()
  }
}

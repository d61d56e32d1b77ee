/**
 * Questions to the model before it is attacked, whose answers tell masked gradients from robustness: whether it answers
 * the same twice, and whether there is a gradient to begin with.
 */
import type { CheckRecord } from '../../shared/audit'
import type { CompiledTarget } from '../attacks/compiled-target'
import { labelsTensor, logitsProgram, lossGradientProgram } from '../attacks/programs'
import { throwIfAborted } from '../dataset/model-inputs'

const passes = 5

/** Five passes over the same images: the largest difference between their logits. */
export async function repeatProbe(model: CompiledTarget, x: Float32Array, run: string, signal: AbortSignal): Promise<CheckRecord> {
  const program = logitsProgram(model)
  let first: Float32Array | undefined
  let difference = 0
  for (let pass = 0; pass < passes; pass++) {
    throwIfAborted(signal)
    const logits = (await program.run({ x: model.images(x) }))['logits']!.data as Float32Array
    first ??= logits.slice()
    for (let i = 0; i < logits.length; i++) difference = Math.max(difference, Math.abs(logits[i]! - first[i]!))
  }
  return { kind: 'check', run, name: 'repeat', values: { difference, images: x.length / model.pixels } }
}

/** Images whose gradient of cross-entropy is zero in every pixel, and those where it is no finite number in some. */
export async function gradientProbe(model: CompiledTarget, x: Float32Array, labels: Int32Array, run: string, signal: AbortSignal): Promise<CheckRecord> {
  throwIfAborted(signal)
  const { gradient, notFinite } = await lossGradientProgram(model, 'cross-entropy').run({ x: model.images(x), labels: labelsTensor(labels) })
  const values = gradient!.data as Float32Array
  const counts = { zero: 0, notFinite: 0, of: labels.length }
  for (let i = 0; i < labels.length; i++)
    if (notFinite!.data[i] !== 0) counts.notFinite++
    else if (values.subarray(i * model.pixels, (i + 1) * model.pixels).every((v) => v === 0)) counts.zero++
  return { kind: 'check', run, name: 'zero-gradient', values: counts }
}

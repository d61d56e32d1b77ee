/**
 * A person's own model on every provider that holds up: answers and gradients against the CPU's, and the time per step.
 */
import { basename } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import type { Device } from '../../shared/types'
import { imageInput } from '../attacks/programs'
import { classifierTarget } from '../attacks/target'
import { gradient } from '../autodiff/gradient'
import type { LoadedBundle } from '../bundle/load'
import { readModelFile } from '../bundle/model-file'
import { crossEntropyPerImage } from '../nn/losses'
import { GraphBuilder, type Value } from '../onnx/builder'
import { withoutFinalActivation } from '../onnx/final-activation'
import { oneHot, reduceSum, square } from '../onnx/ops'
import { inNumbers } from './check'
import type { CheckOptions } from './check'
import { modelTolerance, worst } from './difference'
import { measure } from './measure'
import { madeUpFeeds } from './model-feeds'

/** Images per step. */
const batch = 4

/** Logits, loss and the gradient by the image, as an attack asks for them. */
export function bundleStep(bundle: LoadedBundle): Uint8Array {
  const target = classifierTarget(bundle)
  const g = new GraphBuilder()
  const x = imageInput(g, target, 'x', batch)
  const logits = target.logits(g, x)
  const loss = crossEntropyPerImage(g, logits, oneHot(g, g.input('labels', [batch], 'int64'), target.classes.length))
  return withGradient(g, logits, loss, x)
}

/**
 * The same of a bare ONNX file; the loss is the sum of the squared answers, which asks for every one of them.
 * @throws AssayError `onnx-invalid`, `onnx-shape-unknown`, `onnx-operator-not-differentiable`, and what reading throws
 */
export async function modelStep(path: string): Promise<Uint8Array> {
  const model = withoutFinalActivation(await readModelFile(path))
  const inputs = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name))
  const [info] = inputs
  const [output] = model.graph.outputs
  if (!info || inputs.length > 1 || !output || info.dtype !== 'float32')
    throw new AssayError('onnx-invalid', `${basename(path)} is not a classifier with one image input of float32; only those can be checked.`, { path })
  const shape = info.shape?.map((size, axis) => (axis === 0 ? (typeof size === 'number' ? size : batch) : size))
  if (!shape || shape.some((size) => typeof size === 'string'))
    throw new AssayError('onnx-shape-unknown', `${basename(path)} leaves the size of its images open; make a bundle of it with "assay import" and check that.`, { path })
  const g = new GraphBuilder()
  const x = g.input('x', shape as number[])
  const answer = g.inline(model, { [info.name]: x })[output.name]!
  return withGradient(g, answer, reduceSum(g, square(g, answer)), x)
}

function withGradient(g: GraphBuilder, logits: Value, loss: Value, x: Value): Uint8Array {
  const [dx] = gradient(g, loss, [x])
  g.output('logits', logits)
  g.output('loss', loss)
  g.output('dx', dx!)
  return g.toBytes()
}

/**
 * @param step made by one of the two above
 * @param devices what the check of the machine came to: who failed there is not tried
 * @throws AssayError where the CPU itself cannot run it
 */
export async function checkModel(step: Uint8Array, devices: readonly Device[], { signal, progress, measure: measured = measure }: CheckOptions = {}): Promise<Device[]> {
  const feeds = madeUpFeeds(step)!
  const cpu = await measured('cpu', step, feeds)
  const found: Device[] = []
  for (const [done, device] of devices.entries()) {
    signal?.throwIfAborted()
    const { provider, state, reason } = device
    await progress?.(provider, done, devices.length)
    if (state === 'reference') found.push({ provider, state, milliseconds: cpu.milliseconds })
    else if (state !== 'agrees' || device.milliseconds === undefined) found.push({ provider, state: state === 'agrees' ? 'absent' : state, ...(reason !== undefined && { reason }) })
    else
      try {
        const { outputs, milliseconds, onCpu } = await measured(provider, step, feeds, { placements: true })
        const forward = worst(cpu.outputs, outputs, ['logits', 'loss'], modelTolerance.difference)
        const backward = worst(cpu.outputs, outputs, ['dx'], modelTolerance.difference)
        const beyond = Math.max(forward.beyond, backward.beyond)
        const numbers = { forward: finite(forward.largest), backward: finite(backward.largest), onCpu }
        if (beyond > modelTolerance.share) found.push({ provider, state: 'disagrees', ...numbers, reason: `${(100 * beyond).toFixed(0)} % of an output's values differ from the CPU's by more than ${inNumbers(modelTolerance.difference)} of the largest` })
        else found.push({ provider, state: 'agrees', ...numbers, milliseconds })
      } catch (error) {
        found.push({ provider, state: 'failed', reason: toAssayError(error).message })
      }
  }
  return found
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

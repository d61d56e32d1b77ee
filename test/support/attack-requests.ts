/** Attack requests in few words, for tests. */
import type { Attack, AttackOptions, AttackRequest, Norm } from '../../src/engine/attacks/attack'
import { numbered } from '../../src/engine/attacks/attack'
import { CompiledTarget } from '../../src/engine/attacks/compiled-target'
import type { AttackTarget } from '../../src/engine/attacks/target'

export interface Asked<O extends AttackOptions> {
  target: AttackTarget
  x: Float32Array
  labels: Int32Array
  epsilon: number
  norm?: Norm
  batch?: number
  seed?: number
  options?: Partial<O>
  numbers?: Int32Array
  signal?: AbortSignal
  expectedLeft?: number
  progress?: (share: number) => void
}

/** Runs an attack with its defaults, what is given put over them. */
export async function attackWith<O extends AttackOptions>(attack: Attack<O>, asked: Asked<O>) {
  const { target, batch = 16, norm = attack.norms[0]!, labels, epsilon, seed = 0 } = asked
  const model = new CompiledTarget(target, batch)
  const request: AttackRequest<O> = {
    model, x: asked.x, labels, norm, epsilon, seed,
    options: { ...attack.defaults(epsilon, norm), ...asked.options } as O,
    numbers: asked.numbers ?? numbered(labels.length),
    ...(asked.signal ? { signal: asked.signal } : {}),
    ...(asked.expectedLeft === undefined ? {} : { expectedLeft: asked.expectedLeft }),
    ...(asked.progress ? { progress: asked.progress } : {}),
  }
  try {
    return await attack.run(request)
  } finally {
    await model.release()
  }
}

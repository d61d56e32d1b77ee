/** Which wrong class an attack aims at: by rank of its logit on the clean image. */
import type { AttackRequest } from '../attack'
import { logitsProgram } from '../programs'

/** The wrong class with the given rank (0: the likeliest) of each image, [n]. */
export async function rankedTargets({ model, x, labels }: Pick<AttackRequest, 'model' | 'x' | 'labels'>, rank: number): Promise<Int32Array> {
  const logits = (await logitsProgram(model).run({ x: model.images(x) }))['logits']!.data as Float32Array
  return Int32Array.from(labels, (label, i) => {
    const row = logits.subarray(i * model.classes, (i + 1) * model.classes)
    const wrong = Array.from(row.keys()).filter((c) => c !== label)
    return wrong.sort((a, b) => row[b]! - row[a]! || a - b)[rank]!
  })
}

/**
 * What attacks ascend, per image, on logits [N, C]; larger is nearer to a wrong answer, or further into one.
 *
 * DLR: Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 * attacks", ICML 2020. Its denominator asks for three classes, the targeted one for four. With three classes the
 * targeted denominator is z(1) − z(3); with two both are the plain margin.
 */
import { crossEntropyPerImage, margin } from '../nn/losses'
import type { GraphBuilder, Value } from '../onnx/builder'
import { int } from '../onnx/model'
import { add, div, mul, neg, oneHot, reduceSum, reshape, slice, sub } from '../onnx/ops'

export type AttackLoss = 'cross-entropy' | 'margin' | 'dlr' | 'targeted-dlr' | 'targeted-margin'

export const isTargeted = (loss: AttackLoss): boolean => loss.startsWith('targeted')

/** So that nothing is divided by zero. */
const tiny = 1e-12

/**
 * @param logits [N, C]
 * @param labels true classes, [N] int64
 * @param targets classes to be reached, [N] int64; of use to targeted losses only
 * @returns [N]
 */
export function attackLoss(g: GraphBuilder, loss: AttackLoss, logits: Value, labels: Value, targets?: Value): Value {
  const classes = logits.shape[1]!
  switch (loss) {
    case 'cross-entropy':
      return crossEntropyPerImage(g, logits, oneHot(g, labels, classes, logits.dtype))
    case 'margin':
      return neg(g, margin(g, logits, labels))
    case 'targeted-margin':
      return neg(g, difference(g, logits, labels, targets!))
    case 'dlr':
      if (classes < 3) return neg(g, margin(g, logits, labels))
      return neg(g, div(g, margin(g, logits, labels), add(g, sub(g, ranked(g, logits, 1), ranked(g, logits, 3)), tiny)))
    case 'targeted-dlr': {
      const gap = difference(g, logits, labels, targets!)
      if (classes < 3) return neg(g, gap)
      const low = classes < 4 ? ranked(g, logits, 3) : mul(g, add(g, ranked(g, logits, 3), ranked(g, logits, 4)), 0.5)
      return neg(g, div(g, gap, add(g, sub(g, ranked(g, logits, 1), low), tiny)))
    }
  }
}

/** z_y − z_t, [N]. */
export function difference(g: GraphBuilder, logits: Value, labels: Value, targets: Value): Value {
  const of = (classes: Value) => reduceSum(g, mul(g, logits, oneHot(g, classes, logits.shape[1]!, logits.dtype)), [1])
  return sub(g, of(labels), of(targets))
}

/** The logit of the given rank, 1 the largest, [N]. */
function ranked(g: GraphBuilder, logits: Value, rank: number): Value {
  const [sorted] = g.node('TopK', [logits, g.integers([rank])], { axis: int(1), largest: int(1), sorted: int(1) }, 2)
  return reshape(g, slice(g, sorted!, [rank - 1], [rank], [1]), [logits.shape[0]!])
}

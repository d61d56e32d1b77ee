/** Lists of tensors, as PyTorch's exporter writes torch.split and unbind: they exist while splicing only. */
import { toNumbers } from '../tensor/tensor'
import type { Value } from './builder'
import { attribute, int, type OnnxNode } from './model'
import { refusal } from './refusal'
import { normaliseAxis } from './shapes'
import type { Held, Scope, Splicer } from './splice'
import { AssayError } from '../../shared/errors'

const names = ['SequenceConstruct', 'SequenceEmpty', 'SequenceInsert', 'SequenceErase', 'SequenceAt', 'SequenceLength', 'SplitToSequence', 'ConcatFromSequence'] as const
type SequenceOp = (typeof names)[number]

const mostPieces = 10_000

export const sequenceOps: readonly string[] = names
export const isSequenceOp = (op: string): boolean => sequenceOps.includes(op)

export function sequenceOp(s: Splicer, node: OnnxNode, scope: Scope): Held[] {
  const { g } = s
  const refuse = (trouble: string) => refusal('onnx-operator-unsupported', s.originOf(node), trouble)
  const list = (): readonly Value[] => {
    const held = scope.held(node.inputs[0]!)
    if ('dtype' in held) throw new AssayError('onnx-invalid', `The model uses the tensor ${node.inputs[0]} as a list; export the model again.`, { value: node.inputs[0]! })
    return held
  }
  const place = (index: number, length: number, otherwise?: number): number => {
    const name = node.inputs[index]
    if (!name && otherwise !== undefined) return otherwise
    const given = scope.value(name!).constant
    if (!given) throw refuse('whose place in the list depends on the image, which Assay cannot follow')
    const at = toNumbers(given)[0]!
    return at < 0 ? at + length : at
  }
  switch (node.op as SequenceOp) {
    case 'SequenceConstruct':
      return [node.inputs.map((name) => scope.value(name))]
    case 'SequenceEmpty':
      return [[]]
    case 'SequenceInsert': {
      const held = list()
      const at = place(2, held.length, held.length)
      return [[...held.slice(0, at), scope.value(node.inputs[1]!), ...held.slice(at)]]
    }
    case 'SequenceErase': {
      const held = list()
      const at = place(1, held.length, held.length - 1)
      return [held.filter((_, i) => i !== at)]
    }
    case 'SequenceAt': {
      const held = list()
      const found = held[place(1, held.length)]
      if (!found) throw refuse('which looks behind the end of a list')
      return [found]
    }
    case 'SequenceLength':
      return [g.scalar(list().length, 'int64')]
    case 'SplitToSequence':
      return [pieces(s, node, scope, refuse)]
    case 'ConcatFromSequence': {
      const held = list()
      const axis = int(attribute(node, 'axis', 'int') ?? 0)
      const parts = attribute(node, 'new_axis', 'int') ? held.map((v) => g.op('Unsqueeze', [v, g.integers([axis.type === 'int' ? axis.value : 0])])) : held
      return [g.op('Concat', parts, { axis })]
    }
  }
}

function pieces(s: Splicer, node: OnnxNode, scope: Scope, refuse: (trouble: string) => AssayError): Value[] {
  const { g } = s
  const x = scope.value(node.inputs[0]!)
  const axis = normaliseAxis(attribute(node, 'axis', 'int') ?? 0, x.shape.length)
  const extent = x.shape[axis]!
  const given = node.inputs[1] ? scope.value(node.inputs[1]) : undefined
  if (given && !given.constant) throw refuse('whose sizes depend on the image, which Assay cannot follow')
  const values = given?.constant ? toNumbers(given.constant) : [1]
  const chunk = values[0]!
  if (!given?.shape.length && !(chunk > 0)) throw refuse('into pieces of no length')
  if (extent / chunk > mostPieces) throw refuse(`into more than ${mostPieces} pieces`)
  const sizes = given?.shape.length ? values : Array.from({ length: Math.ceil(extent / chunk) }, (_, i) => Math.min(chunk, extent - i * chunk))
  const parts = g.node('Split', [x, g.integers(sizes)], { axis: int(axis) }, sizes.length)
  const keep = given !== undefined || (attribute(node, 'keepdims', 'int') ?? 1) === 1
  return keep ? parts : parts.map((v) => g.op('Squeeze', [v, g.integers([axis])]))
}

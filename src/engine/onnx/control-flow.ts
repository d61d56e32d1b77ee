/**
 * Branches and loops whose way is known while building: the branch is taken, the loop unrolled. What depends on the
 * image is refused, since shapes and gradients are worked out beforehand.
 */
import { toNumbers } from '../tensor/tensor'
import type { Value } from './builder'
import { attribute, int, type OnnxGraph, type OnnxNode } from './model'
import { refusal } from './refusal'
import { Scope, type Held, type Splicer } from './splice'

const longestLoop = 10_000

function subgraph(s: Splicer, node: OnnxNode, name: string): OnnxGraph {
  const found = attribute(node, name, 'graph')
  if (!found) throw refusal('onnx-operator-unsupported', s.originOf(node), `without its ${name}`)
  return found
}

const known = (value: Value | undefined): number | undefined => (value?.constant ? toNumbers(value.constant)[0] : undefined)

export function takenBranch(s: Splicer, node: OnnxNode, scope: Scope): Held[] {
  const condition = known(scope.value(node.inputs[0]!))
  if (condition === undefined) throw refusal('onnx-operator-unsupported', s.originOf(node), 'whose condition depends on the image, which Assay cannot follow')
  const branch = subgraph(s, node, condition ? 'then_branch' : 'else_branch')
  const inner = new Scope(scope)
  const names = branch.outputs.map((o) => o.name)
  s.graph(branch, inner, names)
  return names.map((name) => inner.held(name))
}

/** Inputs of the body: the round, the condition, what is carried. Its outputs: the condition, what is carried, one slice of each scan. */
export function unrollLoop(s: Splicer, node: OnnxNode, scope: Scope): Held[] {
  const body = subgraph(s, node, 'body')
  const given = node.inputs.map((name) => (name === '' ? undefined : scope.held(name)))
  const asked = given[0] && 'dtype' in given[0] ? known(given[0]) : given[0] ? undefined : Infinity
  if (asked === undefined) throw refusal('onnx-operator-unsupported', s.originOf(node), 'whose number of rounds depends on the image, which Assay cannot follow')
  let condition: Held | undefined = given[1]
  let carried = given.slice(2) as Held[]
  const scans: Value[][] = body.outputs.slice(1 + carried.length).map(() => [])
  for (let round = 0; round < asked; round++) {
    if (condition && (!('dtype' in condition) || known(condition) === undefined))
      throw refusal('onnx-operator-unsupported', s.originOf(node), 'which ends when the image says so, which Assay cannot follow')
    if (condition && !known(condition as Value)) break
    if (round >= longestLoop) throw refusal('onnx-operator-unsupported', s.originOf(node), `with more than ${longestLoop} rounds`)
    const inner = new Scope(scope)
    const [counter, before, ...names] = body.inputs.map((i) => i.name)
    if (counter !== undefined) inner.set(counter, s.g.scalar(round, 'int64'))
    if (before !== undefined) inner.set(before, condition ?? s.g.scalar(1, 'bool'))
    names.forEach((name, i) => inner.set(name, carried[i]!))
    const outputs = body.outputs.map((o) => o.name)
    s.graph(body, inner, outputs)
    condition = given[1] || asked === Infinity ? inner.held(outputs[0]!) : undefined
    carried = outputs.slice(1, 1 + carried.length).map((name) => inner.held(name))
    outputs.slice(1 + carried.length).forEach((name, i) => scans[i]!.push(s.g.op('Unsqueeze', [inner.value(name), s.g.integers([0])])))
  }
  return [
    ...carried,
    ...scans.map((slices) => {
      if (!slices.length) throw refusal('onnx-operator-unsupported', s.originOf(node), 'that never runs, which Assay cannot follow')
      return slices.length === 1 ? slices[0]! : s.g.op('Concat', slices, { axis: int(0) })
    }),
  ]
}

/** Which nodes of a graph the wanted values need: labels, masks and dead branches of exporters stay out. */
import { AssayError } from '../../shared/errors'
import type { OnnxGraph, OnnxNode } from './model'

/** Names that a node looks at, those inside its branches and bodies included. */
export function namesUsed(node: OnnxNode): string[] {
  const inner = Object.values(node.attributes).flatMap((a) => (a.type === 'graph' ? [...a.value.nodes.flatMap(namesUsed), ...a.value.outputs.map((o) => o.name)] : []))
  return [...node.inputs, ...inner]
}

/**
 * In the order of the file, bar nodes that stand before what they look at: converters append casts at the end.
 * @throws AssayError `onnx-invalid` where nodes wait for each other
 */
export function neededNodes(graph: OnnxGraph, wanted: readonly string[]): OnnxNode[] {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const producersOf = (node: OnnxNode) => namesUsed(node).flatMap((name) => producers.get(name) ?? [])
  const needed = new Set<OnnxNode>()
  const open = wanted.flatMap((name) => producers.get(name) ?? [])
  while (open.length) {
    const node = open.pop()!
    if (needed.has(node)) continue
    needed.add(node)
    open.push(...producersOf(node))
  }

  const ordered = new Set<OnnxNode>()
  const waiting = new Set<OnnxNode>()
  for (const first of graph.nodes) {
    if (!needed.has(first) || ordered.has(first)) continue
    const stack = [first]
    while (stack.length) {
      const node = stack.at(-1)!
      const missing = producersOf(node).filter((p) => !ordered.has(p) && p !== node)
      if (!missing.length) {
        stack.pop()
        ordered.add(node)
        continue
      }
      if (waiting.has(node)) throw new AssayError('onnx-invalid', `The model's node ${node.name} waits for its own answer; export the model again.`, { node: node.name })
      waiting.add(node)
      stack.push(...missing)
    }
  }
  return [...ordered]
}

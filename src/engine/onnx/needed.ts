/** Which nodes of a graph the wanted values need: labels, masks and dead branches of exporters stay out. */
import type { OnnxGraph, OnnxNode } from './model'

/** Names that a node looks at, those inside its branches and bodies included. */
export function namesUsed(node: OnnxNode): string[] {
  const inner = Object.values(node.attributes).flatMap((a) => (a.type === 'graph' ? [...a.value.nodes.flatMap(namesUsed), ...a.value.outputs.map((o) => o.name)] : []))
  return [...node.inputs, ...inner]
}

/** In the order of the file. */
export function neededNodes(graph: OnnxGraph, wanted: readonly string[]): OnnxNode[] {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const needed = new Set<OnnxNode>()
  const open = [...wanted]
  while (open.length) {
    const node = producers.get(open.pop()!)
    if (!node || needed.has(node)) continue
    needed.add(node)
    open.push(...namesUsed(node))
  }
  return graph.nodes.filter((node) => needed.has(node))
}

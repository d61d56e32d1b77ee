/**
 * Functions that a model brings along (FunctionProto, since IR version 8), written out where they are called, so that
 * everything behind the reader sees one plain graph. Exporters of PyTorch 2 write whole layers as functions.
 */
import { integer, type AttributeProto, type FunctionProto, type GraphProto, type ModelProto, type NodeProto } from './schema'

/** A call within a call within …: deeper than exporters nest, and an end for functions that call themselves. */
const deepest = 64
const mostNodes = 1_000_000

const plainDomain = (domain: string | undefined): string => (domain === 'ai.onnx' ? '' : (domain ?? ''))
const keyOf = (domain: string | undefined, name: string | undefined, overload: string | undefined): string => [plainDomain(domain), name ?? '', overload ?? ''].join('\n')

/** The graph with every call written out. @throws RangeError where calls do not end. */
export function withoutFunctions(model: ModelProto): GraphProto {
  const graph = model.graph!
  if (!model.functions?.length) return graph
  const functions = new Map(model.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]))
  const versions = versionsOf(model.opsetImport)
  let calls = 0
  let written = 0

  const expandGraph = (g: GraphProto, depth: number): GraphProto => ({ ...g, node: (g.node ?? []).flatMap((n) => expandNode(n, depth)) })

  function expandNode(node: NodeProto, depth: number): NodeProto[] {
    if (++written > mostNodes) throw new RangeError('functions call functions without end')
    const called = functions.get(keyOf(node.domain, node.opType, node.overload))
    if (!called) return [{ ...node, attribute: (node.attribute ?? []).map((a) => (a.g ? { ...a, g: expandGraph(a.g, depth) } : a)) }]
    if (depth >= deepest) throw new RangeError('functions call functions without end')
    return body(called, node, `${node.name || node.opType}/${calls++}`).flatMap((n) => expandNode(n, depth + 1))
  }

  /** The function's nodes, with the call's values and attributes in place of its own. */
  function body(f: FunctionProto, call: NodeProto, prefix: string): NodeProto[] {
    const names = new Map<string, string>()
    f.input?.forEach((name, i) => names.set(name, call.input?.[i] ?? ''))
    f.output?.forEach((name, i) => names.set(name, call.output?.[i] || `${prefix}/${name}`))
    const attributes = new Map([...(f.attributeProto ?? []), ...(call.attribute ?? [])].map((a) => [a.name, a]))
    const own = versionsOf(f.opsetImport)
    return (f.node ?? []).map((n) => renamed(n, names, attributes, prefix, (domain) => own.get(domain) ?? versions.get(domain)))
  }

  return expandGraph(graph, 0)

  function renamed(node: NodeProto, names: Map<string, string>, attributes: Map<string, AttributeProto>, prefix: string, versionOf: (domain: string) => number | undefined): NodeProto {
    const inner = (name: string): string => {
      if (name === '') return ''
      let found = names.get(name)
      if (found === undefined) names.set(name, (found = `${prefix}/${name}`))
      return found
    }
    const version = versionOf(plainDomain(node.domain))
    const differs = version !== undefined && version !== versions.get(plainDomain(node.domain))
    return {
      ...node,
      name: `${prefix}/${node.name || node.opType}`,
      input: (node.input ?? []).map(inner),
      output: (node.output ?? []).map(inner),
      attribute: (node.attribute ?? []).flatMap((a) => {
        if (a.g) return [{ ...a, g: renamedGraph(a.g, names, attributes, prefix, versionOf) }]
        if (!a.refAttrName) return [a]
        const given = attributes.get(a.refAttrName)
        return given ? [{ ...given, name: a.name }] : []
      }),
      ...(differs ? { opset: version } : {}),
    }
  }

  function renamedGraph(g: GraphProto, names: Map<string, string>, attributes: Map<string, AttributeProto>, prefix: string, versionOf: (domain: string) => number | undefined): GraphProto {
    const own = (name: string): string => {
      const renamedTo = `${prefix}/${name}`
      names.set(name, renamedTo)
      return renamedTo
    }
    return {
      ...g,
      input: (g.input ?? []).map((v) => ({ ...v, name: own(v.name) })),
      initializer: (g.initializer ?? []).map((t) => ({ ...t, name: own(t.name ?? '') })),
      node: (g.node ?? []).map((n) => renamed(n, names, attributes, prefix, versionOf)),
      output: (g.output ?? []).map((v) => ({ ...v, name: names.get(v.name) ?? `${prefix}/${v.name}` })),
    }
  }
}

export const versionsOf = (imports: ModelProto['opsetImport']): Map<string, number> => new Map((imports ?? []).map(({ domain, version }) => [plainDomain(domain), integer(version)]))

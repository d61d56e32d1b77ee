/**
 * Trained parameters as the ONNX files of a bundle, with an open batch dimension.
 * What depends on parameters alone (weight standardisation) is worked out once, so that the file holds plain
 * convolutions.
 */
import { GraphBuilder, type Value } from '../onnx/builder'
import { writeModel } from '../onnx/writer'
import { createSession } from '../runtime/session'
import type { ParameterLayout, ParameterSource } from '../nn/parameters'

export interface ExportedNetwork {
  layout: ParameterLayout
  /** [C, H, W] of one image. */
  input: readonly number[]
  /** Public name of the output. */
  output: string
  /** The output alone, or with further ones by their public names. */
  network: (g: GraphBuilder, parameters: ParameterSource, x: Value) => Value | { answer: Value; also: Readonly<Record<string, Value>> }
}

export async function exportNetwork(net: ExportedNetwork, flat: Float32Array): Promise<Uint8Array> {
  const build = new GraphBuilder()
  const x = build.input('x', [1, ...net.input])
  const made = net.network(build, net.layout.constants(build, flat), x)
  build.output(net.output, 'answer' in made ? made.answer : made)
  if ('answer' in made) for (const [name, value] of Object.entries(made.also)) build.output(name, value)
  const model = build.toModel()
  await foldParameters(model.graph)
  for (const info of [...model.graph.inputs, ...model.graph.outputs]) info.shape![0] = 'N'
  return writeModel(model)
}

/** Replaces every node that depends on initializers alone by its value, as ONNX Runtime works it out. */
async function foldParameters(graph: ReturnType<GraphBuilder['toModel']>['graph']): Promise<void> {
  const known = new Set(graph.initializers.keys())
  const foldable = graph.nodes.filter((node) => {
    const constant = node.inputs.every((name) => name === '' || known.has(name))
    if (constant) for (const name of node.outputs) known.add(name)
    return constant
  })
  const rest = graph.nodes.filter((node) => !foldable.includes(node))
  const used = new Set(rest.flatMap((node) => node.inputs))
  const wanted = foldable.flatMap((node) => node.outputs).filter((name) => used.has(name))
  if (wanted.length) {
    const constants = writeModel({
      irVersion: 8,
      opsets: new Map([['', 18]]),
      producer: 'assay',
      metadata: {},
      graph: { ...graph, nodes: foldable, inputs: [], outputs: wanted.map((name) => ({ name, dtype: 'float32' })) },
    })
    const session = await createSession(constants, { provider: 'cpu' })
    const values = await session.run({})
    await session.release()
    for (const name of wanted) graph.initializers.set(name, { ...values[name]!, data: values[name]!.data.slice() as Float32Array })
  }
  graph.nodes = rest
  for (const name of [...graph.initializers.keys()]) if (!used.has(name)) graph.initializers.delete(name)
}

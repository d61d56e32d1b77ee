/**
 * Layers that keep their weights while others learn. Their parameters leave the layout and become constants, so that no
 * gradient by them is ever computed, and none goes further back than the first layer that learns.
 */
import { AssayError } from '../../shared/errors'
import { ParameterLayout, type ParameterSource } from '../nn/parameters'
import type { GraphBuilder } from '../onnx/builder'
import type { TrainableNetwork } from './network'

/** The number of layers from the input on, names (or beginnings of names) of layers or parameters, or all but the last layer. */
export type Freeze = number | readonly string[] | 'all-but-head'

/**
 * Names of the parameters that are to stay.
 * @throws AssayError `invalid-arguments` for a name that nothing bears, or where nothing would be left to learn
 */
export function frozenParameters({ layers, layout }: Pick<TrainableNetwork, 'layers' | 'layout'>, freeze: Freeze): Set<string> {
  const names = layout.specs.map(({ name }) => name)
  const count = freeze === 'all-but-head' ? layers.length - 1 : freeze
  const frozen = new Set(typeof count === 'number' ? layers.slice(0, count).flatMap(({ parameters }) => parameters) : count.flatMap((asked) => named(asked, layers, names)))
  if (names.every((name) => frozen.has(name)))
    throw new AssayError('invalid-arguments', `Nothing would be left to learn: the network has ${layers.length} layers, and all are to be frozen; freeze fewer.`, { layers: layers.length })
  return frozen
}

function named(asked: string, layers: TrainableNetwork['layers'], names: readonly string[]): string[] {
  const begins = (name: string) => name === asked || name.startsWith(asked.endsWith('.') ? asked : `${asked}.`)
  const found = [...layers.flatMap(({ name, parameters }) => (begins(name) ? parameters : [])), ...names.filter(begins)]
  if (found.length > 0) return found
  const known = layers.map(({ name }) => name)
  const shown = known.length > 12 ? [...known.slice(0, 12), '…'] : known
  throw new AssayError('invalid-arguments', `No layer is called ${asked}; the layers are ${shown.join(', ')}.`, { layer: asked })
}

/**
 * The network with these parameters fixed at their values.
 * @param weights flat, of the whole layout @param frozen names
 */
export function withFrozen(network: TrainableNetwork, weights: Float32Array, frozen: ReadonlySet<string>): TrainableNetwork {
  if (frozen.size === 0) return { ...network, initial: weights }
  const values = network.layout.tensors(weights)
  const layout = new ParameterLayout(network.layout.specs.filter(({ name }) => !frozen.has(name)))
  const fixed = (g: GraphBuilder, p: ParameterSource): ParameterSource => {
    const constants = new Map([...frozen].map((name) => [name, g.constant(values.get(name)!, name)]))
    return (name, ...rest) => constants.get(name) ?? p(name, ...rest)
  }
  return {
    layout,
    size: network.size,
    initial: layout.flat(values),
    logits: (g, p, x) => network.logits(g, fixed(g, p), x),
    export: (learned) => network.export(network.layout.flat(new Map([...values, ...layout.tensors(learned)]))),
    layers: network.layers.flatMap(({ name, parameters }) => {
      const left = parameters.filter((parameter) => !frozen.has(parameter))
      return left.length ? [{ name, parameters: left, size: left.reduce((sum, parameter) => sum + values.get(parameter)!.data.length, 0) }] : []
    }),
  }
}

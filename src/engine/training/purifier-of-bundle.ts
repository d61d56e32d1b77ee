/** The weights of a bundle's purifier, read back from its ONNX file to learn on: its tensors bear the parameters' names. */
import { AssayError } from '../../shared/errors'
import type { LoadedBundle } from '../bundle/load'
import { ParameterLayout } from '../nn/parameters'
import { denoisingAutoencoder, type PurifierShape } from '../nn/purifier'
import { readModel } from '../onnx/reader'
import type { Tensor } from '../tensor/tensor'

/**
 * @param channels of the images that it is to learn on; their size may be another, since all of it is convolutions
 * @throws AssayError `bundle-incomplete` without a purifier, `invalid-arguments` where it is not one that Assay trained, or
 * for images with other channels
 */
export function purifierOfBundle({ manifest, purifier }: Pick<LoadedBundle, 'manifest' | 'purifier'>, channels: number): { shape: PurifierShape; weights: Float32Array } {
  const { id, input } = manifest
  if (!purifier) throw new AssayError('bundle-incomplete', `The bundle ${id} has no purifier to go on from; train one from scratch.`, { bundle: id })
  if (input.channels !== channels) {
    const of = (count: number): string => (count === 1 ? 'grey' : 'colour')
    throw new AssayError('invalid-arguments', `The purifier of ${id} is for ${of(input.channels)} images, and these are ${of(channels)}; begin with another bundle's, or train one from scratch.`, { bundle: id })
  }
  const { initializers } = readModel(purifier).graph
  const width = initializers.get('encode.fine1.weight')?.shape[0] ?? 0
  const depth = [...initializers.keys()].filter((name) => /^bottleneck\.\d+\.weight$/.test(name)).length
  const shape: PurifierShape = { width, depth }
  const layout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, input.channels, input.height, input.width]), shape))
  const fits = layout.specs.every(({ name, shape: wanted }) => {
    const data = initializers.get(name)
    return data?.dtype === 'float32' && data.shape.join() === wanted.join()
  })
  if (width === 0 || !fits) throw new AssayError('invalid-arguments', `The purifier of ${id} is not one that Assay trained, and cannot be trained further; train one from scratch.`, { bundle: id })
  return { shape, weights: layout.flat(initializers as ReadonlyMap<string, Tensor<'float32'>>) }
}

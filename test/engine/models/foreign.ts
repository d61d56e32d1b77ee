/** Foreign classifiers and pictures made on the spot, small enough to know the answers by hand. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { encode } from 'fast-png'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import type { Value } from '../../../src/engine/onnx/builder'
import type { OnnxModel } from '../../../src/engine/onnx/model'
import { reduceMean, transpose } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import type { ModelSettings } from '../../../src/shared/models'

export const side = 8

/** Means of the channels of an image, [1, 3], through `head`, with an open number of images. */
export function meansModel(path: string, { nhwc = false, head = (_g: GraphBuilder, means: Value): Value => means, body = (_g: GraphBuilder, x: Value): Value => x, change = (_model: OnnxModel): void => undefined } = {}): string {
  const g = new GraphBuilder()
  const x = g.input('image', nhwc ? [1, side, side, 3] : [1, 3, side, side])
  const seen = body(g, nhwc ? transpose(g, x, [0, 3, 1, 2]) : x)
  g.output('answer', head(g, reduceMean(g, seen, [2, 3])))
  const model = readModel(g.toBytes())
  for (const value of [...model.graph.inputs, ...model.graph.outputs]) value.shape![0] = 'N'
  change(model)
  writeFileSync(path, writeModel(model))
  return path
}

/** An evenly coloured picture. @param colour 0 to 255 */
export function picture(path: string, colour: readonly [number, number, number]): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, encode({ width: side, height: side, channels: 3, data: Uint8Array.from({ length: side * side * 3 }, (_, i) => colour[i % 3]!) }))
  return path
}

export const settings = (over: Partial<ModelSettings> = {}): ModelSettings => ({
  classes: ['red', 'green', 'blue'],
  width: side,
  height: side,
  channels: 3,
  layout: 'nchw',
  output: 'logits',
  mean: [0],
  std: [1],
  intensity: { kind: 'declared-range' },
  channelOrder: 'rgb',
  inverted: false,
  ...over,
})

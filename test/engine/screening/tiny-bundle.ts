/**
 * A bundle small enough to run in milliseconds and simple enough to know the answers by hand: the purifier is a 3 × 3
 * mean, the classifier calls an image "noisy" by its mean absolute Laplacian.
 */
import { join } from 'node:path'
import { encode } from 'fast-png'
import { writeBundle } from '../../../src/engine/bundle/write'
import type { ManifestDraft } from '../../../src/engine/bundle/write'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { int, text } from '../../../src/engine/onnx/model'
import { averagePool } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { calibrateBundle } from '../../../src/engine/calibration/write-calibration'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'

export const side = 16

export const draft: ManifestDraft = {
  id: 'tiny',
  name: 'Tiny',
  modality: 'OT',
  bodyPart: 'NONE',
  classes: ['smooth', 'noisy'],
  input: { width: side, height: side, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } },
  classifier: { output: 'logits', layout: 'nchw' },
  purifier: { loss: 'dae' },
}

/** The model's bytes with the number of images left open. */
function bytesOfGraph(g: GraphBuilder): Uint8Array {
  const model = g.toModel()
  for (const info of [...model.graph.inputs, ...model.graph.outputs]) if (info.shape) info.shape[0] = 'N'
  return writeModel(model)
}

/** @param embedding a second output, the mean of 2 × 2 pixels, as the bottleneck of a real purifier is coarse */
export function purifierModel({ embedding = false } = {}): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('x', [1, 1, side, side])
  const mean = g.constant(float32([1, 1, 3, 3], new Float32Array(9).fill(1 / 9)))
  // Edges repeated, so that the mean of a constant is that constant at the border too.
  const padded = g.op('Pad', [x, g.integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: text('edge') })
  g.output('purified', g.op('Conv', [padded, mean]))
  if (embedding) g.output('embedding', averagePool(g, x, 2))
  return bytesOfGraph(g)
}

/** logits = [2 − 100·h, 0] with h the mean absolute Laplacian away from the border. */
export function classifierModel(): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('x', [1, 1, side, side])
  const laplacian = g.constant(float32([1, 1, 3, 3], [0, 1, 0, 1, -4, 1, 0, 1, 0]))
  const h = g.op('GlobalAveragePool', [g.op('Abs', [g.op('Conv', [x, laplacian])])])
  const weights = g.constant(float32([2, 1, 1, 1], [-100, 0]))
  const bias = g.constant(float32([2], [2, 0]))
  g.output('logits', g.op('Flatten', [g.op('Conv', [h, weights, bias])], { axis: int(1) }))
  return bytesOfGraph(g)
}

/** A soft blob with a little noise: an untouched scan. Values 0 to 255. */
/** As an exporter that writes down how many images it tried the model with. */
export function exportedFor(count: number, bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes)
  for (const info of [...model.graph.inputs, ...model.graph.outputs]) info.shape![0] = count
  return writeModel(model)
}

export function scanValues(seed: number, width = side, height = side): Uint8Array {
  const random = new Random(seed)
  const [cx, cy] = [random.uniform(0.3, 0.7) * width, random.uniform(0.3, 0.7) * height]
  const noise = random.uniform(0.5, 1.5)
  const values = new Uint8Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const distance = ((x - cx) / width) ** 2 + ((y - cy) / height) ** 2
      values[y * width + x] = Math.round(60 + 120 * Math.exp(-4 * distance) + noise * random.normal())
    }
  return values
}

/** The same with ±`amplitude` on every pixel. */
export function tampered(values: Uint8Array, amplitude: number, seed: number): Uint8Array {
  const random = new Random(seed).fork('tamper')
  return values.map((value) => Math.min(255, Math.max(0, value + (random.next() < 0.5 ? -amplitude : amplitude))))
}

export const unit = (values: Uint8Array): Float32Array => Float32Array.from(values, (value) => value / 255)

export const png = (values: Uint8Array, width = side, height = side): Uint8Array => encode({ width, height, data: values, channels: 1, depth: 8 })

export async function writeTinyBundle(home: string, calibrationScans = 120): Promise<string> {
  const folder = join(home, 'tiny')
  await writeBundle(folder, draft, { classifier: classifierModel(), purifier: purifierModel() })
  if (calibrationScans > 0) {
    const scans = Array.from({ length: calibrationScans }, (_, i) => unit(scanValues(1000 + i)))
    await calibrateBundle(folder, scans, { label: 'tiny', provider: 'cpu', choose: false })
  }
  return folder
}

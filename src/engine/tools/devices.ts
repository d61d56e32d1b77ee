/**
 * Which execution providers work on this machine, how far each is from the CPU, and how fast: `assay devices`.
 */
import { toAssayError } from '../../shared/errors'
import type { Provider } from '../../shared/types'
import { GraphBuilder } from '../onnx/builder'
import { conv, reduceMean, relu, softmax } from '../onnx/ops'
import { platformProviders } from '../runtime/providers'
import { createSession } from '../runtime/session'
import { Random } from '../tensor/random'
import { float32, sizeOf } from '../tensor/tensor'
import type { Shape, Tensor } from '../tensor/tensor'

export interface Device {
  provider: Provider
  works: boolean
  /** Why it does not. */
  reason?: string
  /** Largest difference from the CPU's answer to the same small network. */
  maximumDifference?: number
  agrees?: boolean
  /** Median of a few runs, after the first. */
  milliseconds?: number
}

const size = 64
const runs = 5
/** float32 sums in another order differ this much at most on a network of three layers. */
const tolerance = 1e-4

function values(shape: Shape, seed: string, scale: number): Tensor<'float32'> {
  const random = new Random(seed)
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => scale * (2 * random.next() - 1)))
}

/** Three convolutions and a softmax: what the models are made of, small enough for any machine. */
function network(): Uint8Array {
  const g = new GraphBuilder()
  let x = g.input('x', [1, 1, size, size])
  for (const [i, [from, to]] of ([[1, 16], [16, 16], [16, 8]] as const).entries()) {
    const weights = g.constant(values([to, from, 3, 3], `weights ${i}`, Math.sqrt(2 / (9 * from))))
    x = relu(g, conv(g, x, weights, undefined, { pads: [1, 1, 1, 1] }))
  }
  g.output('y', softmax(g, reduceMean(g, x, [2, 3])))
  return g.toBytes()
}

async function measure(provider: Provider, model: Uint8Array): Promise<{ y: Float32Array; milliseconds: number }> {
  const session = await createSession(model, { provider })
  try {
    const feeds = { x: values([1, 1, size, size], 'input', 1) }
    const times: number[] = []
    let y = new Float32Array()
    for (let run = 0; run <= runs; run++) {
      const started = performance.now()
      y = (await session.run(feeds))['y']!.data as Float32Array<ArrayBuffer>
      if (run > 0) times.push(performance.now() - started)
    }
    return { y, milliseconds: times.sort((a, b) => a - b)[times.length >> 1]! }
  } finally {
    await session.release()
  }
}

/** The platform's providers, each tried and compared with the CPU. */
export async function checkDevices(): Promise<Device[]> {
  const model = network()
  const reference = await measure('cpu', model)
  const devices: Device[] = []
  for (const provider of platformProviders()) {
    try {
      const { y, milliseconds } = provider === 'cpu' ? reference : await measure(provider, model)
      const maximumDifference = y.reduce((most, value, i) => Math.max(most, Math.abs(value - reference.y[i]!)), 0)
      devices.push({ provider, works: true, maximumDifference, agrees: maximumDifference <= tolerance, milliseconds })
    } catch (error) {
      devices.push({ provider, works: false, reason: toAssayError(error).message })
    }
  }
  return devices
}

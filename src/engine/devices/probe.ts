/**
 * The graph that providers are checked with: a small residual network, its loss, and the gradients that attacks
 * (by the image) and training (by the weights) ask for, with the sign step of an attack behind them. It has a bit of
 * everything that models are made of, since each operator has kernels of its own on each provider.
 */
import { gradient } from '../autodiff/gradient'
import { crossEntropyPerImage } from '../nn/losses'
import { GraphBuilder, type Value } from '../onnx/builder'
import { float, int, ints } from '../onnx/model'
import { add, averagePool, clip, conv, div, erf, leakyRelu, mul, oneHot, reduceMean, relu, reshape, sigmoid, sign } from '../onnx/ops'
import { Random } from '../tensor/random'
import { float32, int64, sizeOf, type Shape, type Tensor } from '../tensor/tensor'

export interface ProbeSize {
  batch: number
  /** Height and width of the images; a multiple of 8. */
  side: number
  /** Channels behind the first convolution. */
  width: number
}

export interface Probe {
  bytes: Uint8Array
  feeds: Record<string, Tensor>
  /** Outputs of the forward pass, and gradients. `next` is in neither: the sign of what is nearly zero may turn. */
  forward: readonly string[]
  backward: readonly string[]
}

const classes = 4

const drawn = (name: string, shape: Shape, make: (random: Random) => number): Tensor<'float32'> => {
  const random = new Random(`probe ${name}`)
  return float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => make(random)))
}

/** A convolution with fixed weights that keep the size of what goes through them. */
function fixedConv(g: GraphBuilder, x: Value, name: string, channels: number, kernel: number, { stride = 1, group = 1 } = {}): Value {
  const from = x.shape[1]! / group
  const weights = drawn(name, [channels, from, kernel, kernel], (random) => random.normal() * Math.sqrt(2 / (from * kernel * kernel)))
  const margin = (kernel - 1) / 2
  return conv(g, x, g.constant(weights), g.constant(drawn(`${name} bias`, [channels], (random) => 0.1 * random.normal())), {
    pads: [margin, margin, margin, margin],
    strides: [stride, stride],
    group,
  })
}

const scaleOf = (g: GraphBuilder, name: string, channels: number): Value => g.constant(drawn(name, [channels], (random) => random.uniform(0.5, 1.5)))
const shiftOf = (g: GraphBuilder, name: string, channels: number): Value => g.constant(drawn(name, [channels], (random) => 0.1 * random.normal()))

function batchNormalization(g: GraphBuilder, x: Value, name: string): Value {
  const channels = x.shape[1]!
  const inputs = [scaleOf(g, `${name} scale`, channels), shiftOf(g, `${name} shift`, channels), shiftOf(g, `${name} mean`, channels), scaleOf(g, `${name} variance`, channels)]
  return g.op('BatchNormalization', [x, ...inputs], { epsilon: float(1e-5) })
}

/** @param w weights of the middle convolution, an input so that there is a gradient by them */
function logitsOf(g: GraphBuilder, x: Value, w: Value, width: number): Value {
  const stem = relu(g, batchNormalization(g, fixedConv(g, x, 'stem', width, 3, { stride: 2 }), 'stem'))
  const depthwise = fixedConv(g, fixedConv(g, stem, 'depthwise', width, 3, { group: width }), 'pointwise', width, 1)
  const normalised = g.op('InstanceNormalization', [depthwise, scaleOf(g, 'instance', width), shiftOf(g, 'instance', width)], { epsilon: float(1e-5) })
  const first = add(g, stem, mul(g, normalised, sigmoid(g, normalised)))
  const pooled = g.op('MaxPool', [first], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) })
  const middle = leakyRelu(g, conv(g, pooled, w, undefined, { pads: [1, 1, 1, 1] }), 0.1)
  const gelu = mul(g, mul(g, middle, 0.5), add(g, erf(g, div(g, middle, Math.SQRT2)), 1))
  const second = averagePool(g, add(g, fixedConv(g, pooled, 'widen', 2 * width, 1), gelu), 2)
  const mean = reshape(g, reduceMean(g, second, [2, 3]), [x.shape[0]!, 2 * width])
  const weights = g.constant(drawn('head', [classes, 2 * width], (random) => random.normal() / Math.sqrt(width)))
  return g.op('Gemm', [mean, weights, shiftOf(g, 'head', classes)], { transB: int(1) })
}

export function probe({ batch, side, width }: ProbeSize): Probe {
  const g = new GraphBuilder()
  const x = g.input('x', [batch, 3, side, side])
  const w = g.input('w', [2 * width, width, 3, 3])
  const labels = g.input('labels', [batch], 'int64')
  const logits = logitsOf(g, x, w, width)
  const loss = crossEntropyPerImage(g, logits, oneHot(g, labels, classes))
  const [dx, dw] = gradient(g, loss, [x, w])
  g.output('logits', logits)
  g.output('loss', loss)
  g.output('dx', dx!)
  g.output('dw', dw!)
  g.output('next', clip(g, add(g, x, mul(g, sign(g, dx!), 1 / 255)), 0, 1))
  return {
    bytes: g.toBytes(),
    feeds: {
      x: drawn('x', x.shape, (random) => random.next()),
      w: drawn('w', w.shape, (random) => random.normal() * Math.sqrt(2 / (9 * width))),
      labels: int64([batch], Array.from({ length: batch }, (_, i) => i % classes)),
    },
    forward: ['logits', 'loss'],
    backward: ['dx', 'dw'],
  }
}

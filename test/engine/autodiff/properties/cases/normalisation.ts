/** Normalisations of random shapes, groups and axes. */
import { float, int, ints } from '../../../../../src/engine/onnx/model'
import { away, between, node, normal, randomReal, type Cases } from '../draw'

/** Large enough that few pixels do not make a singularity that differences cannot follow. */
const epsilon = { epsilon: float(0.25) }

export const normalisation: Cases = {
  BatchNormalization: (d) => {
    const c = d.int(1, 3)
    const opset = d.opset(7)
    const x = normal([d.int(1, 3), c, ...d.shape(0, 3, 3)])
    const statistics = [between(0.5, 1.5)([c]), normal([c]), normal([c]), between(0.5, 1.5)([c])]
    const fixed = [randomReal(d, [c], 0.5, 1.5), randomReal(d, [c]), randomReal(d, [c]), randomReal(d, [c], 0.5, 1.5)]
    return node(d, 'BatchNormalization', opset, [x, ...(d.bool() ? statistics : fixed)], { ...(d.bool() ? epsilon : {}), ...(d.bool() ? { momentum: float(0.75) } : {}) })
  },
  InstanceNormalization: (d) => {
    const c = d.int(1, 3)
    return node(d, 'InstanceNormalization', d.opset(7), [normal([d.int(1, 2), c, ...d.list(d.int(1, 3), () => d.int(2, 4))]), normal([c]), normal([c])], epsilon)
  },
  LayerNormalization: (d) => {
    const shape = d.list(d.int(1, 4), () => d.int(2, 4))
    const at = d.int(0, shape.length - 1)
    const own = shape.slice(at)
    const bias = d.bool() ? [normal(own)] : []
    return node(d, 'LayerNormalization', d.opset(17), [normal(shape), normal(own), ...bias], { axis: int(d.bool() ? at : at - shape.length), ...epsilon })
  },
  LRN: (d) => {
    // ONNX Runtime takes odd sizes only.
    const size = d.pick(1, 3, 5)
    return node(d, 'LRN', d.opset(7), [normal([d.int(1, 2), d.int(1, 6), d.int(1, 3), d.int(1, 3)])], { size: int(size), ...(d.bool() ? { alpha: float(0.5), beta: float(0.5), bias: float(2) } : {}) })
  },
  MeanVarianceNormalization: (d) => node(d, 'MeanVarianceNormalization', d.opset(9), [normal([d.int(2, 3), d.int(2, 3), 3, 2])], d.bool() ? { axes: ints(d.pick([2, 3], [1, 2, 3], [0, 1, 2, 3])) } : {}),
  LpNormalization: (d) => {
    const shape = d.shape(1, 4)
    return node(d, 'LpNormalization', d.opset(7), [away(0)(shape)], { ...(d.bool() ? { axis: int(d.axis(shape.length)) } : {}), ...(d.bool() ? { p: int(d.int(1, 2)) } : {}) })
  },
}

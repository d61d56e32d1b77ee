/** Matrix products of every broadcasting, Einsum as exporters write it, softmaxes. */
import { float, int, text } from '../../../../../src/engine/onnx/model'
import { node, normal, type Cases, type Draw } from '../draw'

const equations = [
  'ij,jk->ik', 'bij,bjk->bik', 'bhid,bhjd->bhij', 'bhij,bhjd->bhid', 'bqhd,bkhd->bhqk', 'bhqk,bkhd->bqhd', 'ij->ji', 'ij->i', 'i,j->ij', 'bi,bi->b', 'bi,bi',
  '...ij,...jk->...ik', '...d,de->...e', 'nchw,ck->nkhw', 'bchw,hkc->bkhw', 'ii->i', 'ij,jk,kl->il', 'bij,bj,i->b', 'ijk', 'bxyc,xyk->bkc', 'ab,ab->ab', ' b n d , d e -> b n e ',
]

/** A shape per term, with one length per letter. */
function shapesFor(d: Draw, equation: string): number[][] {
  const lengths = new Map<string, number>()
  const length = (label: string) => lengths.get(label) ?? (lengths.set(label, d.int(1, 3)), lengths.get(label)!)
  const hidden = d.list(d.int(0, 2), () => d.int(1, 3))
  return equation.replaceAll(' ', '').split('->')[0]!.split(',').map((term) => {
    const [before = '', after] = term.split('...')
    return after === undefined ? [...before].map(length) : [...[...before].map(length), ...hidden, ...[...after].map(length)]
  })
}

export const linear: Cases = {
  MatMul: (d) => {
    const [m, k, n] = [d.int(1, 4), d.int(1, 4), d.int(1, 4)]
    const batch = d.shape(0, 2, 3)
    const a = d.int(0, 4) === 0 ? [k] : [...d.broadcast(batch), m, k]
    const b = d.int(0, 4) === 0 ? [k] : [...d.broadcast(batch), k, n]
    return node(d, 'MatMul', d.opset(7), [normal(a), normal(b)])
  },
  Gemm: (d) => {
    const [m, k, n] = [d.int(1, 4), d.int(1, 4), d.int(1, 4)]
    const [ta, tb] = [d.int(0, 1), d.int(0, 1)]
    const opset = d.opset(7)
    const c = opset >= 11 && d.int(0, 3) === 0 ? [] : [normal(d.pick([m, n], [n], [1, n], [m, 1], [1], []))]
    return node(d, 'Gemm', opset, [normal(ta ? [k, m] : [m, k]), normal(tb ? [n, k] : [k, n]), ...c], {
      ...(ta ? { transA: int(1) } : {}), ...(tb ? { transB: int(1) } : {}), ...(d.bool() ? { alpha: float(0.75) } : {}), ...(d.bool() ? { beta: float(1.25) } : {}),
    })
  },
  Einsum: (d) => {
    const equation = d.pick(...equations)
    return node(d, 'Einsum', d.opset(12), shapesFor(d, equation).map(normal), { equation: text(equation) })
  },
}

const softmax = (op: string) => (d: Draw) => {
  const shape = d.shape(1, 4)
  const opset = d.opset(7)
  return node(d, op, opset, [normal(shape)], d.bool() ? { axis: int(opset >= 11 ? d.axis(shape.length) : d.int(0, shape.length - 1)) } : shape.length === 1 && opset < 13 ? { axis: int(0) } : {})
}

export const softmaxes: Cases = { Softmax: softmax('Softmax'), LogSoftmax: softmax('LogSoftmax') }

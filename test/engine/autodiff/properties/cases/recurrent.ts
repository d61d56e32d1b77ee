/** Recurrent layers of both directions, with and without biases and initial states. */
import { int, text } from '../../../../../src/engine/onnx/model'
import { tensor } from '../../../../../src/engine/tensor/tensor'
import { between, node, normal, randomReal, type Case, type Cases } from '../draw'

const layer = (op: string, gates: number, states: number, resets = false): Case => (d) => {
  const [length, batch, width, hidden] = [d.int(1, 4), d.int(1, 2), d.int(1, 3), d.int(1, 3)]
  const direction = d.pick('forward', 'reverse', 'bidirectional')
  const directions = direction === 'bidirectional' ? 2 : 1
  const weights = between(-0.8, 0.8)
  const bias = d.bool() ? randomReal(d, [directions, 2 * gates * hidden]) : undefined
  const lengths = d.bool() ? tensor('int32', [batch], new Int32Array(batch).fill(length)) : undefined
  const initial = d.bool() ? Array.from({ length: states }, () => normal([directions, batch, hidden])) : []
  return node(
    d, op, d.opset(7),
    [normal([length, batch, width]), weights([directions, gates * hidden, width]), weights([directions, gates * hidden, hidden]), bias, lengths, ...initial],
    { hidden_size: int(hidden), ...(direction === 'forward' ? {} : { direction: text(direction) }), ...(resets ? { linear_before_reset: int(d.int(0, 1)) } : {}) },
    { count: 1 + states },
  )
}

export const recurrent: Cases = { LSTM: layer('LSTM', 4, 2), GRU: layer('GRU', 3, 1, true), RNN: layer('RNN', 1, 1) }

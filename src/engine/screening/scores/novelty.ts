/**
 * How unlike each other two passes through the purifier are: 1 less the correlation of the fine detail that each removes.
 * From an untouched scan both take the same texture, some each time; the pattern of an attack goes with the first. The
 * image is its own reference, so that neither its contrast nor its noise has a say.
 */
import { add, div, mul, sqrt, square, sub } from '../../onnx/ops'
import { bandGraph, bandOf, difference, energyFloor, fine, meanOfEach } from './detail'
import type { Score } from './score'

export const novelty: Score = {
  name: 'novelty',
  title: 'how unlike each other two passes through the purifier are',
  looksAt: 'image',
  needs: 'second pass',
  of({ input, purified, again }, size) {
    const first = bandOf(difference(input, purified), size, fine)
    const second = bandOf(difference(purified, again!), size, fine)
    const mean = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length
    return 1 - mean(first, second) / Math.sqrt((mean(first, first) + energyFloor ** 2) * (mean(second, second) + energyFloor ** 2))
  },
  graph(g, { input, purified, again }) {
    const first = bandGraph(g, sub(g, input, purified), fine)
    const second = bandGraph(g, sub(g, purified, again!), fine)
    const [a, b] = [first, second].map((detail) => sqrt(g, add(g, meanOfEach(g, square(g, detail)), energyFloor ** 2)))
    return sub(g, 1, div(g, div(g, meanOfEach(g, mul(g, first, second)), a!), b!))
  },
}

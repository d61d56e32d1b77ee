/**
 * How evenly that is spread over the pixels which the purifier removes. Attacks bounded in L∞ move most pixels by nearly
 * the same amount, so that mean square and squared mean are close; what is removed from an untouched scan lies at edges.
 */
import { abs, add, log, mul, square, sub } from '../../onnx/ops'
import { bandGraph, bandOf, difference, energyFloor, fine, meanAbsolute, meanOfEach } from './detail'
import type { Score } from './score'

export const flatness: Score = {
  name: 'flatness',
  title: 'how evenly over the pixels the purifier removes',
  looksAt: 'image',
  of({ input, purified }, size) {
    const detail = bandOf(difference(input, purified), size, fine)
    const meanSquare = meanAbsolute(detail.map((value) => value * value))
    return 2 * Math.log(energyFloor + meanAbsolute(detail)) - Math.log(energyFloor ** 2 + meanSquare)
  },
  graph(g, { input, purified }) {
    const detail = bandGraph(g, sub(g, input, purified), fine)
    const size = log(g, add(g, meanOfEach(g, abs(g, detail)), energyFloor))
    return sub(g, mul(g, size, 2), log(g, add(g, meanOfEach(g, square(g, detail)), energyFloor ** 2)))
  },
}

/** How much fine detail the purifier removes where it removes most: an attack may keep to a patch. */
import { abs, add, log, reduceMax, reshape, sub } from '../../onnx/ops'
import { bandGraph, bandOf, blurred, blurredGraph, difference, energyFloor, fine } from './detail'
import type { Score } from './score'

/** Standard deviation in pixels of the neighbourhood that is looked at together. */
const neighbourhood = 8

export const local: Score = {
  name: 'local',
  title: 'how much fine detail the purifier removes where it removes most',
  looksAt: 'image',
  of({ input, purified }, size) {
    const detail = bandOf(difference(input, purified), size, fine).map(Math.abs)
    return Math.log(energyFloor + blurred(detail, size, neighbourhood).reduce((a, b) => Math.max(a, b), 0))
  },
  graph(g, { input, purified }) {
    const nearby = blurredGraph(g, abs(g, bandGraph(g, sub(g, input, purified), fine)), neighbourhood)
    return log(g, add(g, reduceMax(g, reshape(g, nearby, [input.shape[0]!, -1]), [1]), energyFloor))
  },
}

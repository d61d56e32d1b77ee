/** How fine that is which the purifier removes: finest band against the middle one. The scan's contrast has no say in it. */
import { sub } from '../../onnx/ops'
import { finest, middle } from './bands'
import { difference, energy, energyGraph } from './detail'
import type { Score } from './score'

export const fineness: Score = {
  name: 'fineness',
  title: 'how fine that is which the purifier removes',
  looksAt: 'image',
  of({ input, purified }, size) {
    const removed = difference(input, purified)
    return energy(removed, size, finest) - energy(removed, size, middle)
  },
  graph(g, { input, purified }) {
    const removed = sub(g, input, purified)
    return sub(g, energyGraph(g, removed, finest), energyGraph(g, removed, middle))
  },
}

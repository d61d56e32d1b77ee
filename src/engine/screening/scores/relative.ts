/** How much fine detail the purifier removes for each bit that it leaves: a richly textured scan may lose more than a smooth one. */
import { sub } from '../../onnx/ops'
import { difference, energy, energyGraph, fine } from './detail'
import type { Score } from './score'

export const relative: Score = {
  name: 'relative',
  title: 'how much fine detail the purifier removes, against what it leaves',
  looksAt: 'image',
  of: ({ input, purified }, size) => energy(difference(input, purified), size, fine) - energy(purified, size, fine),
  graph: (g, { input, purified }) => sub(g, energyGraph(g, sub(g, input, purified), fine), energyGraph(g, purified, fine)),
}

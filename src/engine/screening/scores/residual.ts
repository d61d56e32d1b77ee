/**
 * How much fine detail the purifier removes. Fine, because a purifier may also correct brightness over wide areas, which
 * an attack does not do.
 */
import { sub } from '../../onnx/ops'
import { difference, energy, energyGraph, fine } from './detail'
import type { Score } from './score'

export const residual: Score = {
  name: 'residual',
  title: 'how much fine detail the purifier removes',
  looksAt: 'image',
  of: ({ input, purified }, size) => energy(difference(input, purified), size, fine),
  graph: (g, { input, purified }) => energyGraph(g, sub(g, input, purified), fine),
}

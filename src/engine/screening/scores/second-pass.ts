/** How much fine detail a second pass through the purifier still removes: of a tampered scan the first pass leaves a rest. */
import { sub } from '../../onnx/ops'
import { difference, energy, energyGraph, fine } from './detail'
import type { Score } from './score'

export const secondPass: Score = {
  name: 'second-pass',
  title: 'how much fine detail a second pass through the purifier still removes',
  looksAt: 'image',
  needs: 'second pass',
  of: ({ purified, again }, size) => energy(difference(purified, again!), size, fine),
  graph: (g, { purified, again }) => energyGraph(g, sub(g, purified, again!), fine),
}

/** How much the purifier removes in one band of detail alone: an attack may hide its energy where scans have theirs. */
import type { ScoreName } from '../../../shared/bundle'
import { sub } from '../../onnx/ops'
import { difference, energy, energyGraph, type Band } from './detail'
import type { Score } from './score'

export const finest: Band = { from: 0, to: 1 }
export const middle: Band = { from: 1, to: 4 }
const coarse: Band = { from: 4, to: 8 }

const inBand = (name: ScoreName, title: string, band: Band): Score => ({
  name,
  title,
  looksAt: 'image',
  of: ({ input, purified }, size) => energy(difference(input, purified), size, band),
  graph: (g, { input, purified }) => energyGraph(g, sub(g, input, purified), band),
})

export const bands: readonly Score[] = [
  inBand('residual-fine', 'how much detail of single pixels the purifier removes', finest),
  inBand('residual-middle', 'how much detail of a few pixels the purifier removes', middle),
  inBand('residual-coarse', 'how much detail of many pixels the purifier removes', coarse),
]

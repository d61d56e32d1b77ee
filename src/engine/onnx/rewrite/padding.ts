/**
 * Padding as a choice of elements along each axis, which holds for every mode that repeats the image: by reflection, by
 * its edge, or around. Used where the builder's operator set lacks the mode, and for every gradient.
 */
import type { GraphBuilder, Value } from '../builder'
import type { Attributes } from '../model'
import { gather } from '../ops'
import { normaliseAxis } from '../shapes'
import { toNumbers } from '../../tensor/tensor'
import type { Rewrite } from './rewrite'

/** Which element of an axis of the given length stands at every place of the padded axis. */
export function paddedPlaces(mode: string, length: number, before: number, after: number): number[] {
  // What is cut off is cut off first: reflection and wrapping see only what is left.
  const [first, count] = [Math.max(0, -before), length + Math.min(0, before) + Math.min(0, after)]
  const [front, back] = [Math.max(0, before), Math.max(0, after)]
  const period = mode === 'reflect' ? Math.max(1, 2 * (count - 1)) : count
  return Array.from({ length: front + count + back }, (_, i) => {
    const at = i - front
    if (mode === 'edge') return first + Math.min(count - 1, Math.max(0, at))
    const wrapped = ((at % period) + period) % period
    return first + (mode === 'reflect' && wrapped >= count ? period - wrapped : wrapped)
  })
}

/** Begin and end pads of every axis, from a Pad node's inputs. */
export function padsOf(rank: number, given: readonly number[], axesGiven: readonly number[] | undefined): [number, number][] {
  const axes = axesGiven?.map((a) => normaliseAxis(a, rank)) ?? Array.from({ length: rank }, (_, i) => i)
  const pads = Array.from({ length: rank }, (): [number, number] => [0, 0])
  axes.forEach((axis, i) => (pads[axis] = [given[i]!, given[axes.length + i]!]))
  return pads
}

export function paddedByChoice(g: GraphBuilder, x: Value, pads: readonly [number, number][], mode: string): Value {
  return pads.reduce((v, [before, after], axis) => {
    if (!before && !after) return v
    return gather(g, v, g.integers(paddedPlaces(mode, x.shape[axis]!, before, after)), axis)
  }, x)
}

export const paddings: Rewrite[] = [
  {
    op: 'Pad',
    write: (c) => {
      const attributes: Attributes = c.attributes.mode ? { mode: c.attributes.mode } : {}
      if (c.opset < 11) {
        const pads = c.ints('pads') ?? c.ints('paddings') ?? []
        return c.emit('Pad', [c.x, c.g.integers(pads), c.g.scalar(c.float('value', 0), c.x.dtype)], attributes)
      }
      const [pads, axes] = [c.inputs[1]?.constant, c.inputs[3]?.constant]
      if (c.string('mode', 'constant') !== 'wrap' || !pads) return c.emit('Pad', c.inputs, attributes)
      return [paddedByChoice(c.g, c.x, padsOf(c.x.shape.length, toNumbers(pads), axes && toNumbers(axes)), 'wrap')]
    },
  },
  {
    op: 'CenterCropPad',
    forward: 'x cut or padded around its centre',
    write: (c) => {
      const wanted = c.inputs[1]?.constant
      if (!wanted) throw c.refuse('whose size is computed at run time, which Assay cannot follow')
      const rank = c.x.shape.length
      const axes = c.ints('axes')?.map((a) => normaliseAxis(a, rank)) ?? c.x.shape.map((_, i) => i)
      const pads = Array<number>(2 * rank).fill(0)
      axes.forEach((axis, i) => {
        const more = toNumbers(wanted)[i]! - c.x.shape[axis]!
        // Of an odd number, cutting leaves the larger part behind, padding puts it there.
        pads[axis] = more < 0 ? -Math.floor(-more / 2) : Math.floor(more / 2)
        pads[rank + axis] = more - pads[axis]!
      })
      return c.emit('Pad', [c.x, c.g.integers(pads)], {})
    },
  },
]

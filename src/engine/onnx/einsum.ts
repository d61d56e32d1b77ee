/**
 * Equations of Einsum, taken apart: labels of every operand and of the output, and the length that each label has.
 * Source: ONNX operator specification, Einsum; the notation is numpy's.
 */
import type { Shape } from '../tensor/tensor'

export interface EinsumTerms {
  /** A label per axis of every operand. Axes of an ellipsis have the labels '…0', '…1', counted from the last. */
  operands: string[][]
  output: string[]
  lengths: Map<string, number>
}

/** @throws RangeError when equation and shapes do not fit each other. */
export function einsumOf(equation: string, shapes: readonly Shape[]): EinsumTerms {
  const [left, right] = equation.replaceAll(/\s/g, '').split('->') as [string, string | undefined]
  const terms = left.split(',')
  if (terms.length !== shapes.length) throw new RangeError(`the equation ${equation} speaks of ${terms.length} operands, and ${shapes.length} are given`)
  const lengths = new Map<string, number>()
  let hidden = 0
  const operands = terms.map((term, i) => {
    const shape = shapes[i]!
    const named = term.replace('...', '')
    if (!/^[A-Za-z]*$/.test(named)) throw new RangeError(`the equation ${equation} cannot be read`)
    const count = shape.length - named.length
    if (count < 0 || (count > 0 && !term.includes('...'))) throw new RangeError(`the term ${term} does not fit the shape [${shape}]`)
    if (term.includes('...')) hidden = Math.max(hidden, count)
    return expandTerm(term, count)
  })
  operands.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const [known, length] = [lengths.get(label) ?? 1, shapes[i]![axis]!]
      if (known !== length && known !== 1 && length !== 1) throw new RangeError(`the label ${label} of ${equation} stands for ${known} and for ${length}`)
      lengths.set(label, Math.max(known, length))
    }),
  )
  return { operands, output: right === undefined ? implicitOutput(operands, hidden) : expandTerm(right, right.includes('...') ? hidden : 0), lengths }
}

const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => `…${count - 1 - i}`)

function expandTerm(term: string, count: number): string[] {
  const [before = '', after] = term.split('...')
  return [...before, ...(after === undefined ? [] : [...ellipsis(count), ...after])]
}

/** Without an arrow: the axes of the ellipsis, then every label that stands once, in the order of the alphabet. */
function implicitOutput(operands: readonly string[][], hidden: number): string[] {
  const named = operands.flat().filter((label) => !label.startsWith('…'))
  return [...ellipsis(hidden), ...[...new Set(named)].filter((label) => named.filter((l) => l === label).length === 1).sort()]
}

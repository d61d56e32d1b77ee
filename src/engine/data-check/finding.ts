/** What findings have in common: words for numbers, a few examples, the order in which they are read. */
import type { DataFinding } from '../../shared/training'

const mostExamples = 5

/** An image as findings speak of it. */
export interface Sample {
  /** For people. */
  name: string
  part: PartName
  label: number
  /** The same for images of one patient. */
  group: string
}

export type PartName = 'training' | 'validation' | 'test'

export const finding = (level: DataFinding['level'], code: DataFinding['code'], count: number, message: string, examples: readonly string[] = []): DataFinding => ({
  level,
  code,
  message,
  examples: examples.slice(0, mostExamples),
  count,
})

const order = ['error', 'warning', 'note']

/** Errors first, else as they were found. */
export const sorted = (findings: readonly DataFinding[]): DataFinding[] => [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))

/** `1 image`, `1,200 images`; `many` where an s does not make it. */
export const amount = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** Words as a list: `a, b and c`. */
export const listed = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`)

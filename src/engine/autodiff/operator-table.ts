/** The table of operators in docs/OPERATORS.md, made from the registry, so that it says what is so. */
import { rewrites } from '../onnx/rewrite'
import { sequenceOps } from '../onnx/sequences'
import { discrete, families, gone } from './registry'

const titles: Record<keyof typeof families, string> = {
  arithmetic: 'Arithmetic',
  functions: 'Functions of one number',
  activations: 'Activations',
  reduction: 'Reductions',
  movement: 'Shapes, orders, cuts and borders',
  indexing: 'Choosing and putting by indices',
  linear: 'Matrix products',
  convolutions: 'Convolutions',
  pooling: 'Pools',
  normalisation: 'Normalisations',
  softmaxes: 'Softmaxes',
  resizing: 'Resizing',
  sampling: 'Sampling',
  recurrent: 'Recurrent layers',
  quantisation: 'Quantisation (straight-through estimator)',
}

const domainTitles: Record<string, string> = { '': 'ONNX', 'com.microsoft': 'ONNX Runtime (com.microsoft)', 'ai.onnx.ml': 'Classical models (ai.onnx.ml)' }

// A bar would end the cell.
const cell = (text: string): string => text.replaceAll('|', '\\|')
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')
const code = (op: string): string => `\`${op}\``
const sorted = <T extends { op: string }>(list: readonly T[]): T[] => [...list].sort((a, b) => (a.op < b.op ? -1 : 1))

/** Markdown, ending with a line break. */
export function operatorTable(): string {
  const known = new Set(Object.values(families).flatMap((rules) => rules.map((r) => r.op)))
  const own = Object.entries(families).map(
    ([family, rules]) =>
      `### ${titles[family as keyof typeof families]}\n\n${table(['operator', 'meaning', 'gradient'], sorted(rules).map((r) => [code(r.op), r.forward, 'lower' in r ? 'through other operators' : 'its own']))}`,
  )
  const written = Object.entries(rewrites).map(([domain, list]) => {
    const rows = sorted(list.filter((r) => r.forward !== undefined && (domain !== '' || !known.has(r.op))))
    return `### ${domainTitles[domain] ?? domain}\n\n${table(['operator', 'meaning'], rows.map((r) => [code(r.op), r.forward!]))}`
  })
  return `# Operators

Made by \`node scripts/make-operator-table.mjs\` from the registry. A test fails when it is out of date.

ONNX models of the operator sets 7 to 25 can be read. Their nodes are written in operator set 18 while they are read;
forms that an operator had before or has since are brought to that one.

## Differentiated

Every one of these is tested against finite differences on random shapes, attributes and operator sets.

${own.join('\n\n')}

## Written with others while a model is read

${written.join('\n\n')}

## Without a gradient, since their answers are whole numbers or truths

${[...discrete].sort().map(code).join(', ')}

## Gone once a model is read

Known while the graph is built: constants and shape arithmetic are worked out, branches with a known condition are
taken, loops with a known number of rounds are unrolled, lists of tensors are taken apart.

${[...gone, ...sequenceOps].map(code).join(', ')}

## Everything else

The error names node, operator, domain and operator set. Black-box attacks (\`square\`, \`spsa\`) need
no gradient, only the model's answers, and still work.
`
}

/** What is taken for what. Many classes do not fit on a page: of those, the most frequent mix-ups. */
import type { AuditReport, Confusion } from '../../../shared/audit'
import type { Block } from '../document'
import { percent } from '../text'

const printable = 12
const mixUps = 8

function mixUpsOf({ title, counts }: Confusion, classes: readonly string[]): { name: string; rows: { text: string }[][] } {
  const found = counts.flatMap((row, label) => row.map((count, answer) => ({ label, answer, count, share: count / Math.max(1, row.reduce((a, b) => a + b, 0)) })))
  const worst = found.filter(({ label, answer, count }) => label !== answer && count > 0).sort((a, b) => b.count - a.count || a.label - b.label || a.answer - b.answer)
  return { name: title, rows: worst.slice(0, mixUps).map(({ label, answer, count, share }) => [{ text: classes[label]! }, { text: classes[answer]! }, { text: String(count) }, { text: percent(share) }]) }
}

export function confusionOf({ confusion, model: { classes } }: AuditReport): Block[] {
  if (confusion.length === 0) return []
  const heading: Block = { kind: 'heading', level: 1, text: 'What is taken for what', id: 'confusion' }
  if (classes.length <= printable)
    return [heading, { kind: 'matrices', caption: 'Images by their true class (rows) and the answer (columns). The darker a field, the larger its share of the row.', classes, items: confusion }]
  const groups = confusion.map((table) => mixUpsOf(table, classes)).filter(({ rows }) => rows.length)
  return [
    heading,
    { kind: 'paragraph', text: `Of ${classes.length} classes, the most frequent mix-ups; audit.json has all counts.` },
    {
      kind: 'table',
      caption: 'Most frequent mix-ups.',
      columns: [
        { title: '', align: 'left', weight: 2 },
        { title: 'True class', align: 'left', weight: 2 },
        { title: 'Answer', align: 'left', weight: 2 },
        { title: 'Images', align: 'right', weight: 1 },
        { title: 'Share of the class', align: 'right', weight: 1 },
      ],
      groups,
    },
  ]
}

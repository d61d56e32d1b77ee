/** Two audits side by side: which rows speak of the same, and what makes them hard to compare. */
import type { AuditReport, AuditRow } from '../../../shared/audit'
import { t } from '../../language'

export interface RowPair {
  key: string
  one: AuditRow | null
  other: AuditRow | null
}

const keyOf = (row: AuditRow): string => [row.threat, row.attack, row.variant ?? '', row.source ?? '', row.norm, row.eps.toPrecision(6)].join(' ')

/** Rows of the first in their order, then those that only the other has. */
export function pairRows(one: readonly AuditRow[], other: readonly AuditRow[]): RowPair[] {
  const others = new Map(other.map((row) => [keyOf(row), row]))
  const first = one.map((row) => ({ key: keyOf(row), one: row, other: others.get(keyOf(row)) ?? null }))
  const known = new Set(first.map(({ key }) => key))
  return [...first, ...other.flatMap((row) => (known.has(keyOf(row)) ? [] : [{ key: keyOf(row), one: null, other: row }]))]
}

/** Sentences on why a difference may not be the model's. */
export function reasonsToDoubt(one: AuditReport, other: AuditReport): string[] {
  return [
    ...(one.data.sha256 === other.data.sha256 ? [] : [t('audit.doubt.images')]),
    ...(one.model.classes.join() === other.model.classes.join() ? [] : [t('audit.doubt.classes')]),
    ...(one.n === other.n ? [] : [t('audit.doubt.counts', { one: one.n, other: other.n })]),
    ...(one.partial || other.partial ? [t('audit.doubt.partial')] : []),
  ]
}

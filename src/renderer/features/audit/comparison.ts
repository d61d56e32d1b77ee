/** Two audits side by side: which rows speak of the same, and what makes them hard to compare. */
import type { AuditReport, AuditRow } from '../../../shared/audit'
import { figure, t } from '../../language'

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

const versionOf = ({ versions }: AuditReport): string => versions['assay'] ?? '–'

const valueText = (value: number | undefined): string => (value === undefined ? '–' : figure(Number(value.toPrecision(4))))

/** Attacks that stand beside themselves with other options: "PGD (steps 20 / 40)". */
function otherOptions(pairs: readonly RowPair[]): string[] {
  const attacks = new Map<string, Map<string, Set<string>>>()
  for (const { one, other } of pairs) {
    if (!one?.options || !other?.options) continue
    for (const name of new Set([...Object.keys(one.options), ...Object.keys(other.options)])) {
      const [mine, theirs] = [one.options[name], other.options[name]]
      if (mine === theirs) continue
      const options = attacks.get(one.title) ?? new Map<string, Set<string>>()
      attacks.set(one.title, options.set(name, (options.get(name) ?? new Set<string>()).add(`${valueText(mine)} / ${valueText(theirs)}`)))
    }
  }
  // Options that go with the strength have no one value.
  return [...attacks].map(([title, options]) => `${title} (${[...options].map(([name, values]) => (values.size === 1 ? `${name} ${[...values].join()}` : name)).join(', ')})`)
}

/** Sentences on why a difference may not be the model's. */
export function reasonsToDoubt(one: AuditReport, other: AuditReport): string[] {
  const attacks = otherOptions(pairRows(one.runs, other.runs))
  return [
    ...(one.data.sha256 === other.data.sha256 ? [] : [t('audit.doubt.images')]),
    ...(one.model.classes.join() === other.model.classes.join() ? [] : [t('audit.doubt.classes')]),
    ...(one.n === other.n ? [] : [t('audit.doubt.counts', { one: one.n, other: other.n })]),
    ...(attacks.length === 0 ? [] : [t('audit.doubt.options', { attacks: attacks.join('; ') })]),
    ...(one.seed === other.seed ? [] : [t('audit.doubt.seed', { one: one.seed, other: other.seed })]),
    ...(one.alpha === other.alpha ? [] : [t('audit.doubt.alpha', { one: figure(one.alpha), other: figure(other.alpha) })]),
    ...(versionOf(one) === versionOf(other) ? [] : [t('audit.doubt.versions', { one: versionOf(one), other: versionOf(other) })]),
    ...(one.provider === other.provider ? [] : [t('audit.doubt.provider', { one: one.provider, other: other.provider })]),
    ...(one.partial || other.partial ? [t('audit.doubt.partial')] : []),
  ]
}

/** What data call a bundle's classes: rows of a form, asked for where an engine's answer names what it does not know. */
import type { SerializedError } from '../../shared/errors'
import type { BundleSummary } from '../../shared/types'

/** Name in the data → class; empty until it is chosen. */
export type ClassNameRows = Readonly<Record<string, string>>

/** The rows with those that an error asks for. */
export function askedFor(rows: ClassNameRows, error: SerializedError | null): ClassNameRows {
  const unknown = error?.facts['unknown']
  if (typeof unknown !== 'string') return rows
  const known = new Set(Object.keys(rows).map((name) => name.toLowerCase()))
  const more = unknown.split('\n').filter((name) => !known.has(name.toLowerCase()))
  return more.length === 0 ? rows : { ...rows, ...Object.fromEntries(more.map((name) => [name, ''])) }
}

/** Whether nothing is left to choose. */
export const allChosen = (rows: ClassNameRows): boolean => Object.values(rows).every(Boolean)

/** For a job. */
export function classNamesOf(rows: ClassNameRows): { classNames?: Record<string, string> } {
  const chosen = Object.entries(rows).filter(([, means]) => means)
  return chosen.length > 0 ? { classNames: Object.fromEntries(chosen) } : {}
}

/** Other data have other names, and another bundle may have other classes. */
export function rowsAfter({ classNames: rows }: { classNames: ClassNameRows }, change: { data?: string; labels?: string; bundle?: string }, bundles: readonly Pick<BundleSummary, 'id' | 'classes'>[]): ClassNameRows {
  if (change.data !== undefined || change.labels !== undefined) return {}
  if (change.bundle === undefined) return rows
  const classes = bundles.find(({ id }) => id === change.bundle)?.classes ?? []
  return Object.fromEntries(Object.entries(rows).filter(([, means]) => classes.includes(means)))
}

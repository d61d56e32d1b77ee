/** What a screen reader is told without moving the focus: verdicts as they arrive, one sentence for a burst of them. */
import { create } from 'zustand'
import { t } from '../language'
import type { Row } from './rows'
import { countRows } from './rows'

export const useAnnouncements = create<{ text: string }>()(() => ({ text: '' }))

export const announce = (text: string): void => useAnnouncements.setState({ text })

export function summarise(rows: readonly Row[]): string {
  const [only] = rows
  if (rows.length === 1 && only) return `${only.name}: ${t(`spoken.${only.result.status}`)}.`
  const { all, suspicious, error } = countRows(rows)
  return error > 0 ? t('spoken.manyUnscreened', { all, suspicious, error }) : t('spoken.many', { all, suspicious })
}

export function announceRows(rows: readonly Row[]): void {
  if (rows.length > 0) announce(summarise(rows))
}

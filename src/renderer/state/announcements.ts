/** What a screen reader is told without moving the focus: verdicts as they arrive, one sentence for a burst of them. */
import { create } from 'zustand'
import type { Row } from './rows'
import { countRows } from './rows'

export const useAnnouncements = create<{ text: string }>()(() => ({ text: '' }))

export const announce = (text: string): void => useAnnouncements.setState({ text })

export const spokenStatus = { clean: 'no perturbation found', suspicious: 'suspicious', error: 'could not be screened' } as const

export function summarise(rows: readonly Row[]): string {
  const [only] = rows
  if (rows.length === 1 && only) return `${only.name}: ${spokenStatus[only.result.status]}.`
  const { all, suspicious, error } = countRows(rows)
  return `${all} scans: ${suspicious} suspicious${error > 0 ? `, ${error} could not be screened` : ''}.`
}

export function announceRows(rows: readonly Row[]): void {
  if (rows.length > 0) announce(summarise(rows))
}

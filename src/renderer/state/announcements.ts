/** What a screen reader is told without moving the focus: verdicts as they arrive, one sentence for a burst of them. */
import { create } from 'zustand'
import type { ScanResult } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'
import { plural, t } from '../language'
import type { Row } from './rows'
import { countRows } from './rows'

export const useAnnouncements = create<{ text: string }>()(() => ({ text: '' }))

export const announce = (text: string): void => useAnnouncements.setState({ text })

/** What is seen beside verdicts that are not to be relied on has to be heard, too; nothing for most. */
export function doubtsSpoken(results: readonly Pick<ScanResult, 'warning' | 'unfamiliar'>[]): string {
  const doubtful = results.filter((result) => doubtsOf(result).length > 0).length
  return doubtful === 0 ? '' : ` ${plural('spoken.doubtful', doubtful)}`
}

export function summarise(rows: readonly Row[]): string {
  const [only] = rows
  const doubts = doubtsSpoken(rows.map(({ result }) => result))
  if (rows.length === 1 && only) return `${only.name}: ${t(`spoken.${only.result.status}`)}.${doubts}`
  const { all, suspicious, error } = countRows(rows)
  return `${error > 0 ? t('spoken.manyUnscreened', { all, suspicious, error }) : t('spoken.many', { all, suspicious })}${doubts}`
}

export function announceRows(rows: readonly Row[]): void {
  if (rows.length > 0) announce(summarise(rows))
}

/** The elements of the open file. What tells of a person is asked for only when wanted, and let go with the file. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import type { DicomTag } from '../../shared/types'
import { platform } from '../platform'
import { useOpening } from './opening'
import type { Openable } from './rows'
import { useSettings } from './settings'

interface TagsState {
  open: boolean
  row: Openable | null
  /** Without what tells of a person; null until they have come. */
  withheld: readonly DicomTag[] | null
  /** With it, for as long as it is to be seen. */
  revealed: readonly DicomTag[] | null
  busy: boolean
  error: SerializedError | null
}

const nothing: TagsState = { open: false, row: null, withheld: null, revealed: null, busy: false, error: null }
export const useTags = create<TagsState>()(() => nothing)

let request = 0

async function load(row: Openable, patientData: boolean): Promise<void> {
  const mine = ++request
  useTags.setState({ row, busy: true, error: null })
  try {
    const tags = await platform.call('scan.tags', { resultId: row.id, patientData })
    if (mine !== request) return
    useTags.setState({ [patientData ? 'revealed' : 'withheld']: tags, busy: false })
    if (!patientData && useTags.getState().open && useSettings.getState().settings.showPatientData) void load(row, true)
  } catch (error) {
    if (mine === request) useTags.setState({ busy: false, error: serializeError(error) })
  }
}

/** A row has a file behind it unless it never reached the engine. */
export const hasFile = (row: Openable | null): row is Openable => row !== null && row.jobId !== ''

/** @returns false where no file is open */
export function openTags(): boolean {
  const { row } = useOpening.getState()
  if (!hasFile(row)) return false
  useTags.setState({ open: true })
  if (!useTags.getState().withheld) void load(row, false)
  else if (useSettings.getState().settings.showPatientData) void load(row, true)
  return true
}

/** What tells of a person does not wait, in sight of whoever opens the sheet next. */
export function closeTags(): void {
  // All that can be on its way once the first have come.
  const revealing = useTags.getState().withheld !== null
  if (revealing) request++
  useTags.setState({ open: false, revealed: null, ...(revealing && { busy: false }) })
}

/** Asks the engine again, this time with what tells of a person. */
export function revealPatientData(): void {
  const { row } = useTags.getState()
  if (row) void load(row, true)
}

export const hidePatientData = (): void => useTags.setState({ revealed: null })

export function loadTagsAgain(): void {
  const { row } = useTags.getState()
  if (row) void load(row, false)
}

// Another file: its predecessor's values are forgotten, shown or not.
useOpening.subscribe(({ row }, before) => {
  if (row?.id === before.row?.id) return
  request++
  useTags.setState(nothing)
})

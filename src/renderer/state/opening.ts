/** Opens a row in the viewer: the frame that was scanned first, others of the file from there (`frames.ts`). */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { recallStudy, rememberStudy } from '../viewer/study'
import type { Study } from '../viewer/study'
import { useViewer } from '../viewer/viewer-store'
import { fetchStudy } from './fetching'
import { beginFrames, endFrames } from './frames'
import type { Openable } from './rows'

/** The page that an opened row is shown on. There is one viewer, and it is never on two pages at once. */
export type OpeningPlace = 'screen' | 'batch'

interface OpeningState {
  /** The row that the main area speaks of. */
  row: Openable | null
  place: OpeningPlace
  busy: boolean
  /** Why an opened row that was screened cannot be shown. */
  error: SerializedError | null
}

export const useOpening = create<OpeningState>()(() => ({ row: null, place: 'screen', busy: false, error: null }))

const lastOpened = 'assay.opened'
let request = 0
let opening: Promise<unknown> = Promise.resolve()

/** One file at a time: those that were passed over while another was being opened are never begun. */
async function fetchInTurn(row: Openable, wanted: () => boolean): Promise<Study | null> {
  await opening.catch(() => undefined)
  if (!wanted()) return null
  const fetching = fetchStudy(row.id)
  opening = fetching
  return fetching
}

/** The study shown before stays until the next is there, so that the views do not blink. */
export async function openRow(row: Openable, place: OpeningPlace = 'screen'): Promise<void> {
  const mine = ++request
  if (place === 'screen') sessionStorage.setItem(lastOpened, row.id)
  endFrames()
  if (row.result.status === 'error') {
    useViewer.getState().clear()
    useOpening.setState({ row, place, busy: false, error: null })
    return
  }
  const known = recallStudy(row.id, row.result.frame ?? 1)
  useOpening.setState({ row, place, busy: !known, error: null })
  try {
    const study = known ?? (await fetchInTurn(row, () => mine === request))
    if (!study || mine !== request) return
    rememberStudy(study)
    useViewer.getState().show(study)
    beginFrames(study)
    useOpening.setState({ busy: false })
  } catch (error) {
    if (mine !== request) return
    useViewer.getState().clear()
    useOpening.setState({ busy: false, error: serializeError(error) })
  }
}

/** After a reload: what was open before, if it came back and nothing else was opened meanwhile. */
export function lastOpenedAmong<R extends Openable>(rows: readonly R[]): R | undefined {
  return useOpening.getState().row ? undefined : rows.find((each) => each.id === sessionStorage.getItem(lastOpened))
}

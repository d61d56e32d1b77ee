/** Opens a row in the viewer: the engine makes the planes again, the page fetches them, the viewer shows them. */
import { create } from 'zustand'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { platform } from '../platform'
import { loadStudy, recallStudy, rememberStudy } from '../viewer/study'
import type { Study } from '../viewer/study'
import { useViewer } from '../viewer/viewer-store'
import type { Row } from './rows'

interface OpeningState {
  /** The row that the main area speaks of. */
  row: Row | null
  busy: boolean
  /** Why an opened row that was screened cannot be shown. */
  error: SerializedError | null
}

export const useOpening = create<OpeningState>()(() => ({ row: null, busy: false, error: null }))

const lastOpened = 'assay.opened'
let request = 0

/** Planes can be pushed out between `scan.open` and the fetch when many files are opened quickly: asked for once more. */
async function fetchStudy(resultId: string): Promise<Study> {
  for (let attempt = 1; ; attempt++) {
    const view = await platform.call('scan.open', { resultId })
    try {
      return await loadStudy(view)
    } catch (error) {
      if (attempt === 2 || serializeError(error).code !== 'result-not-found') throw error
    }
  }
}

/** The study shown before stays until the next is there, so that the views do not blink. */
export async function openRow(row: Row): Promise<void> {
  const mine = ++request
  sessionStorage.setItem(lastOpened, row.id)
  if (row.result.status === 'error') {
    useViewer.getState().show(null)
    useOpening.setState({ row, busy: false, error: null })
    return
  }
  const known = recallStudy(row.id)
  useOpening.setState({ row, busy: !known, error: null })
  try {
    const study = known ?? (await fetchStudy(row.id))
    if (mine !== request) return
    rememberStudy(study)
    useViewer.getState().show(study)
    useOpening.setState({ busy: false })
  } catch (error) {
    if (mine !== request) return
    useViewer.getState().show(null)
    useOpening.setState({ busy: false, error: serializeError(error) })
  }
}

/** After a reload: what was open before, if it came back and nothing else was opened meanwhile. */
export function lastOpenedAmong(rows: readonly Row[]): Row | undefined {
  return useOpening.getState().row ? undefined : rows.find((each) => each.id === sessionStorage.getItem(lastOpened))
}

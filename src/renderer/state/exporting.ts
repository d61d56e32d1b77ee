/** Saves the open result as it is seen: the engine makes the file, the page hands it to the browser's own saving. */
import { create } from 'zustand'
import type { CallInput } from '../../shared/contract'
import { serializeError } from '../../shared/errors'
import { platform } from '../platform'
import { useViewer } from '../viewer/viewer-store'
import { saveArtifact } from './artifacts'
import { showToast } from './toasts'

export type ExportFormat = CallInput<'scan.export'>['format']

/** Which file is being made. */
export const useExporting = create<{ busy: ExportFormat | null }>()(() => ({ busy: null }))

/** What is said of each once it is saved. */
const spoken: Record<ExportFormat, string> = {
  png: 'saved.',
  json: 'saved.',
  pdf: 'saved.',
  dicom: 'saved: a secondary capture, marked as derived.',
  anonymised: 'saved. Pixels are unchanged: see that no name is burnt in before you pass it on.',
}

export async function exportResult(format: ExportFormat): Promise<void> {
  const { study, opacity, heatVisible, window, table, invert } = useViewer.getState()
  if (!study || useExporting.getState().busy) return
  const { resultId, frame, frames } = study.view
  useExporting.setState({ busy: format })
  try {
    const artifact = await platform.call('scan.export', {
      resultId,
      format,
      opacity: heatVisible ? opacity : 0,
      window: { center: window.center, width: window.width },
      ...(table !== null && { table }),
      ...(frames > 1 && { frame }),
      invert,
    })
    await saveArtifact(artifact, spoken[format])
  } catch (error) {
    const { message, code } = serializeError(error)
    showToast('bad', message, code)
  } finally {
    useExporting.setState({ busy: null })
  }
}

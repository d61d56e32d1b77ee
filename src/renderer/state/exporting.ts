/** Saves the open result as it is seen: the engine makes the file, the page hands it to the browser's own saving. */
import { create } from 'zustand'
import type { CallInput } from '../../shared/contract'
import { AssayError } from '../../shared/errors'
import type { Artifact } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { useViewer } from '../viewer/viewer-store'
import { saveArtifact } from './artifacts'
import { complain } from './toasts'

export type ExportFormat = CallInput<'scan.export'>['format']

/** Which file is being made. */
export const useExporting = create<{ busy: ExportFormat | null }>()(() => ({ busy: null }))

/** What is said of those once they are saved that want a word of their own. */
const spoken = { dicom: 'saved.dicom', anonymised: 'saved.anonymised' } as const

/** Has the engine make the file: windowed, turned and coloured as the viewer is, but whole, whatever the zoom. @throws AssayError, also where no scan is open */
export function makeResult(format: ExportFormat): Promise<Artifact> {
  const { study, opacity, heatVisible, heatLook, window, table, invert, placement } = useViewer.getState()
  if (!study) return Promise.reject(new AssayError('result-not-found', t('screen.noneOpen')))
  const { resultId, frame, frames } = study.view
  return platform.call('scan.export', {
    resultId,
    format,
    opacity: heatVisible ? opacity : 0,
    window: { center: window.center, width: window.width },
    ...(table !== null && { table }),
    ...(frames > 1 && { frame }),
    invert,
    heatLook,
    orientation: { quarterTurns: placement.quarterTurns, mirrored: placement.mirrored },
  })
}

export async function exportResult(format: ExportFormat): Promise<void> {
  if (useExporting.getState().busy) return
  useExporting.setState({ busy: format })
  try {
    await saveArtifact(await makeResult(format), format === 'dicom' || format === 'anonymised' ? spoken[format] : undefined)
  } catch (error) {
    complain(error)
  } finally {
    useExporting.setState({ busy: null })
  }
}

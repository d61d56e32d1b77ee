/** Saves the open result as it is seen: the engine makes the file, the page hands it to the browser's own saving. */
import { serializeError } from '../../shared/errors'
import { AssayError } from '../../shared/errors'
import { platform } from '../platform'
import { useViewer } from '../viewer/viewer-store'
import { showToast } from './toasts'

async function bytesOf(id: string): Promise<Blob> {
  const response = await fetch(platform.urlFor('artifacts', id))
  if (!response.ok) throw new AssayError('result-not-found', 'The file was made but could not be fetched; export it again.')
  return response.blob()
}

export async function exportResult(format: 'png' | 'json'): Promise<void> {
  const { study, opacity, heatVisible, window, invert } = useViewer.getState()
  if (!study) return
  try {
    const artifact = await platform.call('scan.export', {
      resultId: study.view.resultId,
      format,
      opacity: heatVisible ? opacity : 0,
      window: { center: window.center, width: window.width },
      invert,
    })
    const url = URL.createObjectURL(await bytesOf(artifact.id))
    const link = document.createElement('a')
    link.href = url
    link.download = artifact.fileName
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
    showToast('good', `${artifact.fileName} saved.`)
  } catch (error) {
    const { message, code } = serializeError(error)
    showToast('bad', message, code)
  }
}

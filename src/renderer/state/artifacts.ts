/** A file that the engine made, handed to the browser's own saving. */
import { AssayError } from '../../shared/errors'
import type { Artifact } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { showToast } from './toasts'

/** @param said what is told about it once it is saved, a sentence with the `file`'s name. @throws AssayError */
export async function saveArtifact({ id, fileName }: Artifact, said: 'saved' | 'saved.dicom' | 'saved.anonymised' = 'saved'): Promise<void> {
  const response = await fetch(platform.urlFor('artifacts', id))
  if (!response.ok) throw new AssayError('result-not-found', t('notFetched'))
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  showToast('good', t(said, { file: fileName }))
}

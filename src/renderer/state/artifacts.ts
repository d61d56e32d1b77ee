/** A file that the engine made: read, or handed to the browser's own saving. */
import { AssayError } from '../../shared/errors'
import type { Artifact } from '../../shared/types'
import { t } from '../language'
import { platform } from '../platform'
import { showToast } from './toasts'

/** @throws AssayError `result-not-found` when it is gone */
export async function readArtifact({ id }: Pick<Artifact, 'id'>): Promise<Blob> {
  const response = await fetch(platform.urlFor('artifacts', id))
  if (!response.ok) throw new AssayError('result-not-found', t('notFetched'))
  return response.blob()
}

/** @param said what is told about it once it is saved, a sentence with the `file`'s name. @throws AssayError */
export async function saveArtifact(artifact: Artifact, said: 'saved' | 'saved.dicom' | 'saved.anonymised' = 'saved'): Promise<void> {
  const url = URL.createObjectURL(await readArtifact(artifact))
  const link = document.createElement('a')
  link.href = url
  link.download = artifact.fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  showToast('good', t(said, { file: artifact.fileName }))
}

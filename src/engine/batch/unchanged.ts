/** Whether a result still speaks of the file that bears its name. */
import { AssayError } from '../../shared/errors'
import type { ScanResult } from '../../shared/types'
import { fileSha256 } from '../history/digest'

/**
 * Asked before a result is shown or saved beside its file's pixels or tags: the verdict of one image must not stand over
 * another. Results of older versions know no hash. A file that cannot be read is told of by whoever reads it.
 * @throws AssayError result-not-found
 */
export async function assertUnchanged({ path, sha256 }: Pick<ScanResult, 'path' | 'sha256'>): Promise<void> {
  if (sha256 === undefined) return
  const now = await fileSha256(path)
  if (now !== null && now !== sha256) throw new AssayError('result-not-found', `${path} has changed since this scan; scan it again.`, { path })
}

/** From a result to the study that the viewer shows: the engine makes the planes again, the page fetches them. */
import { serializeError } from '../../shared/errors'
import { platform } from '../platform'
import { loadStudy, rememberStudy } from '../viewer/study'
import type { Study } from '../viewer/study'

/**
 * Planes can be pushed out between `scan.open` and the fetch when many are opened quickly: asked for once more.
 * @param frame counted from 1; the one that was scanned when absent
 * @throws AssayError
 */
export async function fetchStudy(resultId: string, frame?: number): Promise<Study> {
  for (let attempt = 1; ; attempt++) {
    const view = await platform.call('scan.open', { resultId, ...(frame !== undefined && { frame }) })
    try {
      const study = await loadStudy(view)
      rememberStudy(study)
      return study
    } catch (error) {
      if (attempt === 2 || serializeError(error).code !== 'result-not-found') throw error
    }
  }
}

/** A folder of images, or a file about them, handed over by the person: brought to the engine, and where it lies then. */
import { serializeError } from '../../shared/errors'
import { t } from '../language'
import { platform } from '../platform'
import type { Intake, IntakeProgress } from '../platform'
import { complain, showToast } from './toasts'

export interface DataIntake {
  /** One at a time: what is handed over meanwhile is not taken. */
  take(intake: Intake | null, bring: (intake: Intake, onProgress: (progress: IntakeProgress) => void, signal: AbortSignal) => Promise<void>): Promise<void>
  cancel(): void
}

/** @param put where the progress stands for a page to show; null when nothing is under way */
export function dataIntake(put: (progress: IntakeProgress | null) => void): DataIntake {
  let abort: AbortController | null = null
  return {
    async take(intake, bring) {
      if (!intake || abort) return
      abort = new AbortController()
      try {
        await bring(intake, put, abort.signal)
      } catch (error) {
        if (serializeError(error).code !== 'cancelled') complain(error)
      } finally {
        abort = null
        put(null)
      }
    },
    cancel: () => abort?.abort(),
  }
}

/**
 * The path for a form; undefined where nothing came of it. Files that could not be brought are told about. Uploads lie in a
 * folder of their own; files of this machine lie among others that nobody handed over, so that several have no place.
 * @throws AssayError `cancelled`
 */
export async function placeOf(intake: Intake, onProgress: (progress: IntakeProgress) => void, signal: AbortSignal): Promise<string | undefined> {
  const { paths, failures } = await intake.deliver(onProgress, signal)
  if (failures[0]) showToast('bad', failures[0].error.message, failures[0].error.code)
  if (platform.kind === 'electron' && paths.length > 1) return void showToast('bad', t('oneFolder'))
  return commonPlace(paths)
}

/** The one path, or the folder that holds them all. */
export function commonPlace(paths: readonly string[]): string | undefined {
  const [first] = paths
  if (first === undefined || paths.length === 1) return first
  const separator = first.includes('\\') ? '\\' : '/'
  const folders = paths.map((path) => path.split(separator).slice(0, -1))
  let depth = 0
  while (folders.every((parts) => parts[depth] !== undefined && parts[depth] === folders[0]![depth])) depth++
  return folders[0]!.slice(0, depth).join(separator)
}

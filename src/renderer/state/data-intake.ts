/** A folder of images, or a file about them, handed over by the person: brought to the engine, and where it lies then. */
import type { Intake, IntakeProgress } from '../platform'
import { showToast } from './toasts'

/**
 * The path for a form; undefined where nothing came of it. Files that could not be brought are told about.
 * @throws AssayError `cancelled`
 */
export async function placeOf(intake: Intake, onProgress: (progress: IntakeProgress) => void, signal: AbortSignal): Promise<string | undefined> {
  const { paths, failures } = await intake.deliver(onProgress, signal)
  if (failures[0]) showToast('bad', failures[0].error.message, failures[0].error.code)
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

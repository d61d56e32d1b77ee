/**
 * Errors of one file, said beside its name. Messages begin with the file's whole path, which a narrow line has no room
 * for, and which in a browser is only where the host keeps its copy.
 */
import { fileName } from './amounts'

/** The sentence with the file's name where its path stood. */
export const withName = (message: string, path: string): string => message.replaceAll(path, fileName(path))

/** The sentence for a line below the name: what was wrong comes first. */
export function belowName(message: string, path: string): string {
  return message.startsWith(`${path} `) ? message.slice(path.length + 1) : withName(message, path)
}

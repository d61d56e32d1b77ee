/**
 * Files that are opened from outside: on the command line, by "open with", by a second start of Assay, or by macOS.
 */
import { existsSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DesktopCommand } from '../shared/desktop'

/**
 * The paths among a process's arguments. Options are none, nor is what does not exist: Chromium and launchers add
 * arguments of their own.
 * @param args without the program itself, and without the application's folder where Electron is given one
 */
export function pathsAmong(args: readonly string[], workingFolder: string): string[] {
  return args
    .filter((arg) => arg !== '' && !arg.startsWith('-'))
    .flatMap((arg) => {
      // Desktop entries of Linux hand over addresses.
      if (!arg.startsWith('file:')) return [resolve(workingFolder, arg)]
      try {
        return [fileURLToPath(arg)]
      } catch {
        return []
      }
    })
    .filter((path) => existsSync(path))
}

function isModel(path: string): boolean {
  if (['.zip', '.onnx'].includes(extname(path).toLowerCase()) || basename(path) === 'bundle.json') return true
  try {
    return statSync(path).isDirectory() && existsSync(join(path, 'bundle.json'))
  } catch {
    return false
  }
}

/** Models go to the Models page, one at a time, since that page looks at one; all else is screened together. */
export function commandsFor(paths: readonly string[]): DesktopCommand[] {
  const scans = paths.filter((path) => !isModel(path))
  return [
    ...paths.filter(isModel).map((path): DesktopCommand => ({ name: 'open', page: 'models', paths: [path] })),
    ...(scans.length > 0 ? [{ name: 'open', page: 'screen', paths: scans } satisfies DesktopCommand] : []),
  ]
}

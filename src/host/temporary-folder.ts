/**
 * A private folder for files that hold scans and must not outlive the process: it is deleted at the end, and what a
 * killed process left behind is deleted by the next.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Another user's cannot be removed, and is theirs to look after. */
function removeOurs(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    return
  }
}

/** Folders of processes that were killed before they could clean up; they may hold patients' scans. */
function removeAbandoned(parent: string, prefix: string): void {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (owner === undefined) continue
    try {
      process.kill(Number(owner), 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') removeOurs(join(parent, name))
    }
  }
}

/** @param purpose part of the folder's name: letters and dashes */
export function openTemporaryFolder(purpose: string, parent: string = tmpdir()): { path: string; remove(): void } {
  const prefix = `assay-${purpose}-`
  removeAbandoned(parent, prefix)
  // mkdtemp makes folders that only their owner can enter.
  const path = mkdtempSync(join(parent, `${prefix}${process.pid}-`))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

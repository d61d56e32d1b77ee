/** Where the reference data lies when it is there; tests that need it skip with a visible line otherwise. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export const sharedData = resolve(import.meta.dirname, '../../../shared/data')

/** True when the file or folder of ../shared/data is there; says so on the console when it is not. */
export function haveShared(part: string): boolean {
  const there = existsSync(resolve(sharedData, part))
  if (!there) console.log(`SKIPPED: ../shared/data/${part} is not on this machine`)
  return there
}

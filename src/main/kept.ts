/**
 * What the desktop application remembers between starts, as small JSON files in its own part of the data folder.
 * Written at once and by rename, because a window that closes does not wait. A file that is lost or damaged is no
 * reason to fail: things are then as at the first start.
 */
import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

export interface Kept<T> {
  read(): T
  write(value: T): void
}

/** Set where nothing can be kept in `folder`, which is made if it is not there: Assay does not open then. Null where all is well. */
export function whyNotKept(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return null
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return `Assay keeps its files in ${folder}, and cannot write there (${code}). See that the folder and its disk are there and can be written to, or start Assay with ASSAY_DATA set to another folder.`
  }
}

export function keptIn<T>(file: string, schema: z.ZodType<T>, atFirst: T): Kept<T> {
  return {
    read() {
      try {
        const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
        return parsed.success ? parsed.data : atFirst
      } catch {
        return atFirst
      }
    },
    write(value) {
      try {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(`${file}.tmp`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
        renameSync(`${file}.tmp`, file)
      } catch {
        // Not kept: a full disk must not keep a window from closing.
      }
    },
  }
}

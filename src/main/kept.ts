/**
 * What the desktop application remembers between starts, as small JSON files in its own part of the data folder.
 * Written at once and by rename, because a window that closes does not wait. A file that is lost or damaged is no
 * reason to fail: things are then as at the first start.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'

export interface Kept<T> {
  read(): T
  write(value: T): void
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

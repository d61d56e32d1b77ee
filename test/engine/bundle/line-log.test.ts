/** Files of lines that grow, and that are another file all at once. */
import { appendFile, rm, stat, writeFile } from 'node:fs/promises'
import type * as promises from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { GrowingLines } from '../../../src/engine/bundle/line-log'
import { temporaryFolder } from './fixtures'

/** What the file system says of a file's identity; null: what is so. */
let said: { ino: number; birthtimeMs: number } | null = null
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>()
  return { ...real, stat: async (path: string) => Object.assign(await real.stat(path), said) }
})

it('the list grows in place, and is another one where a file of the same number was born anew', async () => {
  const path = join(await temporaryFolder(), 'lines.jsonl')
  const growing = new GrowingLines(path, (text) => JSON.parse(text) as number)
  expect(await growing.read()).toEqual([])
  said = { ino: 7, birthtimeMs: 1 }
  await writeFile(path, '1\n2\n')
  const first = await growing.read()
  await appendFile(path, '3\n')
  expect(await growing.read()).toBe(first)
  expect(first).toEqual([1, 2, 3])

  await rm(path)
  await writeFile(path, '4\n5\n6\n7\n')
  said = { ino: 7, birthtimeMs: 2 }
  expect((await stat(path)).ino).toBe(7)
  const second = await growing.read()
  expect(second).toEqual([4, 5, 6, 7])
  // Whoever holds the first list sees no rows change under its hands.
  expect(first).toEqual([1, 2, 3])
})

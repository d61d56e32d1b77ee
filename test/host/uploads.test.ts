/** Names of uploaded files, and folders that hosts before left. */
import type * as FileSystem from 'node:fs'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openTemporaryFolder } from '../../src/host/temporary-folder'
import { safeRelativePath } from '../../src/host/uploads'

const others: string[] = []
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof FileSystem>()
  return {
    ...fs,
    rmSync: (path: string, options: object) => {
      if (others.includes(path)) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
      fs.rmSync(path, options)
    },
  }
})

let parent: string
beforeEach(() => void (parent = mkdtempSync(join(tmpdir(), 'assay-uploads-test-'))))
afterEach(() => {
  others.length = 0
  rmSync(parent, { recursive: true, force: true })
})

it('names are cut to what file systems take, their ending kept', () => {
  const name = safeRelativePath(`病棟/${'胸部'.repeat(50)}.dcm`)!
  expect(name).toMatch(/^病棟\/(胸部)+胸?\.dcm$/u)
  expect(Math.max(...name.split('/').map((part) => Buffer.byteLength(part)))).toBeLessThanOrEqual(190)
  // No ending, however long it is behind the last dot.
  const identifier = `1.2.840.${'1234567890'.repeat(4)}`
  expect(safeRelativePath(identifier)).toBe(identifier)
  expect(safeRelativePath(`${'a'.repeat(179)} ${'b'.repeat(40)}`)).toBe(`${'a'.repeat(179)}_`)
  // One letter with more accents than fit must not become the folder itself.
  expect(safeRelativePath(`ward/e${'\u0301'.repeat(100)}`)).toBe('ward/_')
  expect(safeRelativePath('ward/scan.dcm')).toBe('ward/scan.dcm')
  expect(safeRelativePath('../../etc/passwd')).toBe('etc/passwd')
})

it('the folder of another user, whose host was killed, keeps nobody from starting', () => {
  // Processes have smaller numbers.
  const [theirs, ours] = [`assay-uploads-${2 ** 30}-them`, `assay-uploads-${2 ** 30}-us`].map((name) => join(parent, name)) as [string, string]
  for (const folder of [theirs, ours]) mkdirSync(folder)
  others.push(theirs)
  const { path, remove } = openTemporaryFolder('uploads', parent)
  expect([theirs, ours, path].map((folder) => existsSync(folder))).toEqual([true, false, true])
  remove()
  expect(existsSync(path)).toBe(false)
})

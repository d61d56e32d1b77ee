/** What is made sure of before long work. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRoom, ensureWritable, makeFolder } from '../../../src/engine/bundle/atomic'
import { createJobFolder } from '../../../src/engine/jobs/records'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-atomic-'))
})
afterAll(() => rm(home, { recursive: true }))

describe('room on the disk', () => {
  it('for little there is, for more than any disk there is not, and the sentence says how much is needed', async () => {
    await ensureRoom(home, 1)
    await expect(ensureRoom(home, 2 ** 80)).rejects.toMatchObject({ code: 'disk-full', facts: { path: home, needed: 2 ** 80 } })
    await expect(ensureRoom(home, 2 ** 80)).rejects.toThrow(/MiB of free space/)
  })
  it('where nothing is known is not refused', async () => {
    await ensureRoom(join(home, 'not', 'there'), 2 ** 80)
  })
})

it('a folder that can be written to is made, and nothing is left in it', async () => {
  const folder = join(home, 'deep', 'down')
  // Asked many times at once, as by several jobs of one engine.
  await Promise.all(Array.from({ length: 50 }, () => ensureWritable(folder)))
  expect(await readdir(folder)).toEqual([])
})

describe('a folder is made', () => {
  it('with those above it, and once more without a word', async () => {
    const folder = join(home, 'one', 'two', 'three')
    await makeFolder(folder)
    await makeFolder(folder)
    expect((await stat(folder)).isDirectory()).toBe(true)
  })

  it('behind a link to a folder', async () => {
    await makeFolder(join(home, 'meant'))
    await symlink(join(home, 'meant'), join(home, 'link'), 'junction')
    await makeFolder(join(home, 'link', 'below'))
    expect(await readdir(join(home, 'meant'))).toEqual(['below'])
  })

  it('not where a file is in the way, or a link that leads nowhere, and the error names the folder that was asked for', async () => {
    await writeFile(join(home, 'file'), 'x')
    await symlink(join(home, 'gone'), join(home, 'nowhere'), 'junction')
    for (const way of ['file', 'nowhere'])
      for (const folder of [join(home, way), join(home, way, 'below', 'it')])
        await expect(makeFolder(folder)).rejects.toMatchObject({ code: 'output-not-writable', facts: { path: folder } })
    await expect(makeFolder(join(home, 'file', 'below'), home)).rejects.toMatchObject({ code: 'output-not-writable', facts: { path: home } })
  })

  // Node's own recursive mkdir never comes back from there.
  it.skipIf(!existsSync('/proc/self'))('not where the file system says of every new name that it does not exist', async () => {
    await expect(makeFolder('/proc/assay/results')).rejects.toMatchObject({ code: 'output-not-writable', facts: { path: '/proc/assay/results' } })
    await expect(ensureWritable('/proc/assay/results')).rejects.toMatchObject({ code: 'output-not-writable' })
    await expect(createJobFolder('/proc/assay', '20260131-093015-4f2a9c')).rejects.toThrow('set ASSAY_DATA to another folder')
  })
})

/** What is made sure of before long work. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureRoom, ensureWritable } from '../../../src/engine/bundle/atomic'

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

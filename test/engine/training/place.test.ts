/** Which jobs' trainings could still go on, and that a folder is held only by a process that lives. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { checkpointPath, isUnfinished, whileHeld } from '../../../src/engine/training/place'
import type { Job } from '../../../src/shared/types'
import { aJob } from '../../support/scripted-service'
import { draft, models, temporaryFolder } from '../bundle/fixtures'
import { writeBundle } from '../../../src/engine/bundle/write'

async function leave(folder: string, network: 'classifier' | 'purifier'): Promise<void> {
  const path = checkpointPath(folder, network)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'state')
}

it('a training can go on while its checkpoint is there, in its own folder or in its bundle’s, unless it is done', async () => {
  const home = await temporaryFolder()
  const out = join(home, 'out')
  const of = (changes: Partial<Job>, parameters: Record<string, unknown>) => isUnfinished({ job: aJob({ kind: 'train-classifier', state: 'cancelled', ...changes }), parameters }, [home])
  expect(await of({}, { out })).toBe(false)
  await leave(out, 'classifier')
  expect(await of({}, { out })).toBe(true)
  expect(await of({ state: 'failed' }, { out })).toBe(true)
  expect(await of({ state: 'done' }, { out })).toBe(false)
  expect(await of({ kind: 'train-purifier' }, { out, bundle: 'x' })).toBe(false)
  expect(await of({ kind: 'scan' }, { out })).toBe(false)

  await writeBundle(join(home, 'mine'), draft, models)
  expect(await of({ kind: 'train-purifier' }, { bundle: draft.id })).toBe(false)
  await leave(join(home, 'mine'), 'purifier')
  expect(await of({ kind: 'train-purifier' }, { bundle: draft.id })).toBe(true)
  expect(await of({ kind: 'train-purifier' }, { bundle: 'gone' })).toBe(false)
})

it('a folder is refused while another process trains into it, taken over from one that died, and goes where nothing was left in it', async () => {
  const folder = join(await temporaryFolder(), 'deep', 'bundle')
  const checkpoint = checkpointPath(folder, 'classifier')
  const lock = join(dirname(checkpoint), 'lock')
  const inside = () => whileHeld(checkpoint, () => readdir(dirname(checkpoint)))
  expect(await inside()).toEqual(['lock'])
  expect(existsSync(dirname(folder))).toBe(false)

  await mkdir(dirname(lock), { recursive: true })
  await writeFile(lock, `${process.ppid} busy`)
  await expect(inside()).rejects.toMatchObject({ code: 'output-not-writable', facts: { path: folder }, message: expect.stringContaining(lock) as string })
  for (const gone of ['999999999 dead', `${process.pid} an engine that died in this process`]) {
    await writeFile(lock, gone)
    expect(await inside(), gone).toEqual(['lock'])
    await mkdir(dirname(lock), { recursive: true })
  }
  await whileHeld(checkpoint, async () => {
    await expect(inside()).rejects.toMatchObject({ code: 'output-not-writable' })
  })
  await writeFile(join(folder, 'file'), '')
  await expect(whileHeld(checkpointPath(join(folder, 'file', 'bundle'), 'classifier'), () => Promise.resolve())).rejects.toMatchObject({ code: 'output-not-writable' })
})

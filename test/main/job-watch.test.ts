import { beforeEach, describe, expect, it } from 'vitest'
import { settle, startApplication, tellJob } from './start-application'
import type { Electron } from './start-application'

let electron: Electron
beforeEach(async () => {
  electron = await startApplication()
})
const minute = 60_000

describe('while jobs run', () => {
  it('the system does not sleep, and may again after the last', () => {
    const { start, stop } = electron.module.powerSaveBlocker
    tellJob(electron, { id: 'a' })
    tellJob(electron, { id: 'b' })
    expect(start.mock.calls).toEqual([['prevent-app-suspension']])
    tellJob(electron, { id: 'a', endedAt: 1, state: 'done' })
    expect(stop).not.toHaveBeenCalled()
    tellJob(electron, { id: 'b', endedAt: 1, state: 'failed' })
    expect(stop.mock.calls).toEqual([[7]])
  })

  it('it may sleep again, too, when the engine died with them', async () => {
    tellJob(electron, {})
    electron.children[0]!.emit('exit', 139)
    await settle()
    expect(electron.module.powerSaveBlocker.stop).toHaveBeenCalledWith(7)
    expect(electron.windows[0]!.progress.at(-1)).toBe(-1)
  })

  it('dock or taskbar show how far they are: unknown, the mean share, nothing', () => {
    tellJob(electron, { id: 'a' })
    tellJob(electron, { id: 'a', done: 1, total: 2 })
    tellJob(electron, { id: 'b' })
    tellJob(electron, { id: 'b', done: 4, total: 4 })
    tellJob(electron, { id: 'a', done: 2, total: 2, endedAt: 1, state: 'done' })
    tellJob(electron, { id: 'b', endedAt: 1, state: 'done' })
    expect(electron.windows[0]!.progress).toEqual([2, 0.5, 0.25, 0.75, 1, -1])
  })
})

describe('the end of a job', () => {
  const end = (over = {}) => {
    tellJob(electron, { title: 'Doe^John.dcm' })
    tellJob(electron, { title: 'Doe^John.dcm', state: 'done', endedAt: minute, ...over })
  }

  it('is notified when it took long and nobody looks, without a name of a file; a click shows the window', () => {
    electron.state.focused = false
    end()
    end({ state: 'failed', kind: 'audit' })
    expect(electron.notifications.map(({ options }) => options.body)).toEqual(['Screening finished.', 'Audit failed; Assay says why.'])
    const before = electron.windows[0]!.focused
    electron.notifications[0]!.emit('click')
    expect(electron.windows[0]!.focused).toBe(before + 1)
  })

  it('is not when the window is looked at, the job was short, or the person ended it', () => {
    end()
    electron.state.focused = false
    end({ endedAt: 5000 })
    end({ state: 'cancelled' })
    expect(electron.notifications).toEqual([])
  })

  it('of a job of an earlier start is not', () => {
    electron.state.focused = false
    tellJob(electron, { state: 'done', endedAt: minute })
    expect(electron.notifications).toEqual([])
  })
})

import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AssayBridge } from '../../src/shared/bridge'
import { channels, origin } from '../../src/shared/electron-origin'
import { electronDouble } from './electron-double'

let electron: ReturnType<typeof electronDouble>
let bridge: AssayBridge
beforeEach(async () => {
  vi.resetModules()
  electron = electronDouble('')
  vi.doMock('electron', () => electron.module)
  await import('../../src/preload/index')
  bridge = electron.exposed['assay'] as AssayBridge
})

describe('what the preload script shows a page', () => {
  it('is the bridge and nothing else: no way to name a channel', () => {
    expect(Object.keys(electron.exposed)).toEqual(['assay'])
    expect(Object.keys(bridge).sort()).toEqual(['call', 'kind', 'onCommand', 'openDataFolder', 'pathForFile', 'pickFiles', 'pickFolder', 'prepareDrag', 'startDrag', 'subscribe', 'urlFor'])
  })

  it('passes calls on over one channel', async () => {
    expect(await bridge.call('jobs.cancel', { jobId: 'a' })).toEqual([channels.call, 'jobs.cancel', { jobId: 'a' }])
  })

  it("hands over events without Electron's own event, until the subscription ends", () => {
    const seen: unknown[][] = []
    const stop = bridge.subscribe((...args: unknown[]) => void seen.push(args))
    electron.module.ipcRenderer.emit(channels.event, { sender: 'secret' }, { name: 'job' })
    stop()
    electron.module.ipcRenderer.emit(channels.event, { sender: 'secret' }, { name: 'job' })
    expect(seen).toEqual([[{ name: 'job' }]])
    expect(electron.module.ipcRenderer.listenerCount(channels.event)).toBe(0)
  })

  it('makes addresses of handles that cannot leave their place', () => {
    expect(bridge.urlFor('pixels', 'a-1')).toBe(`${origin}/pixels/a-1`)
    expect(bridge.urlFor('pixels', '../x')).toBe(`${origin}/pixels/..%2Fx`)
  })

  it('knows where a dropped file lies', () => {
    expect(bridge.pathForFile({ name: 'a.dcm' } as File)).toBe('/disk/a.dcm')
  })

  it('says that the page listens once it does, and hands over commands alone', () => {
    const seen: unknown[][] = []
    electron.module.ipcRenderer.emit(channels.command, {}, 'early')
    const stop = bridge.onCommand((...args: unknown[]) => void seen.push(args))
    expect(electron.module.ipcRenderer.invoke).toHaveBeenCalledWith(channels.ready)
    electron.module.ipcRenderer.emit(channels.command, { sender: 'secret' }, { name: 'menu', command: 'shortcuts' })
    stop()
    electron.module.ipcRenderer.emit(channels.command, {}, 'late')
    expect(seen).toEqual([[{ name: 'menu', command: 'shortcuts' }]])
  })

  it('asks for the data folder to be shown, without naming a path', () => {
    bridge.openDataFolder()
    expect(electron.module.ipcRenderer.invoke.mock.calls).toEqual([[channels.openDataFolder]])
  })

  it('drags by handle', async () => {
    await bridge.prepareDrag('a')
    bridge.startDrag('a')
    expect(electron.module.ipcRenderer.invoke.mock.calls).toEqual([
      [channels.prepareDrag, 'a'],
      [channels.startDrag, 'a'],
    ])
  })
})

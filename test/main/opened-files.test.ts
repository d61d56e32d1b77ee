import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { channels } from '../../src/shared/electron-origin'
import { commandsFor, pathsAmong } from '../../src/main/opened-files'
import { ask, commandsSent, settle, startApplication, temporaryFolder } from './start-application'

let folder: string
const at = (name: string): string => join(folder, name)
beforeEach(() => {
  folder = temporaryFolder()
  for (const name of ['a scan.dcm', 'b.nii.gz', 'c.png', 'model.zip', 'vendor.onnx']) writeFileSync(at(name), '')
  mkdirSync(at('bundle'))
  writeFileSync(join(at('bundle'), 'bundle.json'), '{}')
  mkdirSync(at('study'))
})

describe('arguments', () => {
  it('are paths from the folder that the command was given in, or addresses of files', () => {
    expect(pathsAmong(['a scan.dcm', at('c.png'), pathToFileURL(at('b.nii.gz')).href], folder)).toEqual([at('a scan.dcm'), at('c.png'), at('b.nii.gz')])
  })
  it('that are options, empty, or nothing that exists are none', () => {
    expect(pathsAmong(['--allow-file-access-from-files', '-psn_0_1', '', 'gone.dcm', 'file://%zz', 'https://example.com/a.dcm'], folder)).toEqual([])
  })
})

describe('what was opened', () => {
  it('goes to the page that it is for: scans together, models one by one', () => {
    expect(commandsFor(['a scan.dcm', 'model.zip', 'study', 'bundle', 'vendor.onnx', 'c.png'].map(at))).toEqual([
      { name: 'open', page: 'models', paths: [at('model.zip')] },
      { name: 'open', page: 'models', paths: [at('bundle')] },
      { name: 'open', page: 'models', paths: [at('vendor.onnx')] },
      { name: 'open', page: 'screen', paths: [at('a scan.dcm'), at('study'), at('c.png')] },
    ])
    expect(commandsFor([])).toEqual([])
  })

  it('at the start waits until the page listens', async () => {
    const electron = await startApplication({ args: ['--enable-logging', at('c.png')] })
    expect(commandsSent(electron)).toEqual([])
    await ask(electron, channels.ready)
    expect(commandsSent(electron)).toEqual([{ name: 'open', page: 'screen', paths: [at('c.png')] }])
  })

  it('by a second start is opened by the first, which comes to the front; the second leaves', async () => {
    const second = await startApplication({ args: [at('c.png')], prepare: ({ module }) => module.app.requestSingleInstanceLock.mockReturnValue(false) })
    expect(second.module.app.quit).toHaveBeenCalled()
    expect(second.windows).toEqual([])
    const handedOver = second.module.app.requestSingleInstanceLock.mock.calls[0]![0]
    expect(handedOver).toEqual({ paths: [at('c.png')] })

    const first = await startApplication()
    await ask(first, channels.ready)
    first.module.app.emit('second-instance', {}, [], '/', handedOver)
    expect(first.windows).toHaveLength(1)
    expect(first.windows[0]!.focused).toBeGreaterThan(0)
    expect(commandsSent(first)).toEqual([{ name: 'open', page: 'screen', paths: [at('c.png')] }])
    // Whatever a program of that name may send.
    for (const odd of [undefined, null, 7, { paths: 'x' }, { paths: [1, null] }]) first.module.app.emit('second-instance', {}, [], '/', odd)
    expect(commandsSent(first)).toHaveLength(1)
  })

  it('by macOS is opened, also before the application is ready and after its window was closed', async () => {
    const event = { preventDefault: vi.fn() }
    const electron = await startApplication({
      prepare: ({ module, state }) => {
        module.app.whenReady = () => {
          module.app.emit('open-file', event, at('c.png'))
          state.ready = true
          return Promise.resolve()
        }
      },
    })
    expect(event.preventDefault).toHaveBeenCalled()
    await ask(electron, channels.ready)
    expect(commandsSent(electron)).toEqual([{ name: 'open', page: 'screen', paths: [at('c.png')] }])

    electron.windows[0]!.closeByHand()
    electron.module.app.emit('open-file', event, at('model.zip'))
    await settle()
    expect(electron.windows).toHaveLength(1)
    await ask(electron, channels.ready)
    expect(commandsSent(electron)).toEqual([{ name: 'open', page: 'models', paths: [at('model.zip')] }])
  })

  it('while the page has stopped waits for it to be loaded again', async () => {
    const electron = await startApplication()
    await ask(electron, channels.ready)
    electron.windows[0]!.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    electron.module.app.emit('open-file', { preventDefault: vi.fn() }, at('c.png'))
    expect(commandsSent(electron)).toEqual([])
    await ask(electron, channels.ready)
    expect(commandsSent(electron)).toHaveLength(1)
  })

  it('while the page is loaded anew waits for it', async () => {
    const electron = await startApplication()
    await ask(electron, channels.ready)
    const navigate = (isSameDocument: boolean) => electron.windows[0]!.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument })
    const open = () => electron.module.app.emit('open-file', { preventDefault: vi.fn() }, at('c.png'))
    navigate(true)
    open()
    expect(commandsSent(electron)).toHaveLength(1)
    navigate(false)
    open()
    expect(commandsSent(electron)).toHaveLength(1)
    await ask(electron, channels.ready)
    expect(commandsSent(electron)).toHaveLength(2)
  })
})

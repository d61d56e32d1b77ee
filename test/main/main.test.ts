/**
 * The desktop application's wiring against a stand-in for Electron. What concerns safety is in security.test.ts.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { channels, origin } from '../../src/shared/electron-origin'
import { answerCall, ask, settle, startApplication, tellJob } from './start-application'
import type { Electron } from './start-application'

let electron: Electron
beforeEach(async () => {
  electron = await startApplication()
})

describe('downloads', () => {
  it('ask where to go, beginning at the person’s own folder for them', () => {
    const item = { getFilename: () => 'a-assay.png', setSaveDialogOptions: vi.fn() }
    electron.module.session.defaultSession.emit('will-download', {}, item)
    expect(item.setSaveDialogOptions).toHaveBeenCalledWith({ defaultPath: expect.stringMatching(/downloads[\\/]a-assay\.png$/) as string })
  })
})

describe('requests from pages', () => {
  it('reach the engine and bring its answer, or its error, in an envelope', async () => {
    const asked = ask(electron, channels.call, 'jobs.list', {})
    await settle()
    answerCall(electron, [])
    expect(await asked).toEqual({ ok: true, output: [] })

    const failing = ask(electron, channels.call, 'jobs.list', {})
    await settle()
    const error = { code: 'job-not-found', message: 'There is no such job.', facts: {} }
    electron.children[0]!.emit('message', { type: 'error', id: electron.children[0]!.posted.at(-1)!.id, error })
    expect(await failing).toEqual({ ok: false, error })
  })

  it('answer with the chosen files, and with nothing when the dialog was cancelled', async () => {
    const { showOpenDialog } = electron.module.dialog
    showOpenDialog.mockResolvedValue({ canceled: false, filePaths: ['/a.dcm', '/b.dcm'] })
    expect(await ask(electron, channels.pickFiles)).toEqual(['/a.dcm', '/b.dcm'])
    showOpenDialog.mockResolvedValue({ canceled: true, filePaths: [] })
    expect(await ask(electron, channels.pickFiles)).toEqual([])
    expect(await ask(electron, channels.pickFolder)).toBeNull()
  })

  it('hear of events', () => {
    const event = { name: 'job', payload: { id: 'a', endedAt: 1 } }
    electron.children[0]!.emit('message', { type: 'event', event })
    expect(electron.windows[0]!.webContents.sent).toEqual([[channels.event, event]])
  })
})

describe('app://', () => {
  const get = (url: string, method = 'GET') => electron.schemeHandlers.get('app')!(new Request(url, { method }))

  it('serves bytes by handle, with the policy', async () => {
    const asked = get(`${origin}/artifacts/h`)
    await settle()
    answerCall(electron, { bytes: new Uint8Array([7]), mediaType: 'image/png', fileName: 'ü.png' })
    const response = await asked
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([7]))
    expect(response.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''%C3%BC.png")
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  it('answers to its own name and to GET only, and has nothing where nothing is', async () => {
    expect((await get('app://other/index.html')).status).toBe(403)
    expect((await get(`${origin}/`, 'POST')).status).toBe(405)
    expect((await get(`${origin}/nothing.js`)).status).toBe(404)
  })
})

describe('the engine', () => {
  it('runs in a process of its own; when that dies, a box says so once and the next call starts another', async () => {
    expect(electron.children[0]!.file).toMatch(/out[\\/]main[\\/]worker\.js$/)
    const { showMessageBox } = electron.module.dialog
    showMessageBox.mockReturnValue(new Promise(() => {}))
    const waiting = ask(electron, channels.call, 'jobs.list', {})
    await settle()
    electron.children[0]!.emit('exit', 139)
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'engine-stopped' } })
    await settle()
    expect(showMessageBox.mock.calls).toEqual([[electron.windows[0], expect.objectContaining({ type: 'error', message: 'The engine stopped.', detail: expect.stringContaining('started again') as string })]])
    void ask(electron, channels.call, 'jobs.list', {})
    await settle()
    expect(electron.children).toHaveLength(2)
    electron.children[1]!.emit('exit', 139)
    await settle()
    expect(showMessageBox).toHaveBeenCalledTimes(1)
  })
})

describe('a page that stopped', () => {
  it('is loaded again when the person wants it, and the engine goes on', async () => {
    const { webContents } = electron.windows[0]!
    webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    await settle()
    expect(webContents.reload).toHaveBeenCalled()
    expect(electron.children).toHaveLength(1)
  })
})

describe('leaving', () => {
  const quit = () => {
    const event = { preventDefault: vi.fn() }
    electron.module.app.emit('before-quit', event)
    return event.preventDefault.mock.calls.length === 0
  }

  it('waits for the engine to write its records', async () => {
    const event = { preventDefault: vi.fn() }
    electron.module.app.emit('will-quit', event)
    expect(event.preventDefault).toHaveBeenCalled()
    expect(electron.children[0]!.posted.at(-1)).toEqual({ type: 'stop' })
    await settle()
    expect(electron.module.app.quit).toHaveBeenCalled()
    const again = { preventDefault: vi.fn() }
    electron.module.app.emit('will-quit', again)
    expect(again.preventDefault).not.toHaveBeenCalled()
  })

  it('asks first while a job runs, and stays if told so', async () => {
    tellJob(electron, { title: 'Audit of chest-xray' })
    expect([electron.windows[0]!.closeByHand(), quit()]).toEqual([false, false])
    await settle()
    expect(electron.module.dialog.showMessageBox.mock.calls).toHaveLength(1)
    expect(electron.module.dialog.showMessageBox.mock.calls[0]![1]).toMatchObject({ detail: expect.stringContaining('Audit of chest-xray') as string })
    expect(electron.module.app.quit).not.toHaveBeenCalled()
  })

  it('has a window again when told to stay after its window went with its page', async () => {
    tellJob(electron, {})
    electron.windows.splice(0)
    expect(quit()).toBe(false)
    await settle()
    expect(electron.windows).toHaveLength(1)
    expect(electron.module.app.quit).not.toHaveBeenCalled()
  })

  it('goes when told to go all the same, and without a question when nothing runs or the hardware is only checked', async () => {
    tellJob(electron, {})
    electron.module.dialog.showMessageBox.mockResolvedValue({ response: 1 })
    expect(quit()).toBe(false)
    await settle()
    expect(electron.module.app.quit).toHaveBeenCalled()
    expect(quit()).toBe(true)

    electron = await startApplication()
    expect(quit()).toBe(true)
    tellJob(electron, { kind: 'devices' })
    expect(quit()).toBe(true)
    tellJob(electron, { id: 'b' })
    tellJob(electron, { id: 'b', state: 'done', endedAt: 1 })
    expect(quit()).toBe(true)
    expect(electron.module.dialog.showMessageBox).not.toHaveBeenCalled()
  })
})

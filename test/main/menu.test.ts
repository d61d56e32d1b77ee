import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { menuCommands, shownAccelerator } from '../../src/shared/desktop'
import { channels } from '../../src/shared/electron-origin'
import { answerCall, ask, commandsSent, packed, settle, startApplication, temporaryFolder } from './start-application'
import type { Electron } from './start-application'

let electron: Electron
let data: string
beforeEach(async () => {
  data = temporaryFolder()
  electron = await startApplication({ data })
  await ask(electron, channels.ready)
})

type Items = NonNullable<(typeof electron.menus)[number]>
const all = (items: Items): Items => items.flatMap((item) => [item, ...all(item.submenu ?? [])])
const menu = (each = electron): Items => all(each.menus.at(-1)!)
const item = (label: string, each = electron) => menu(each).find((entry) => entry.label === label)!
const recent = (): string[] => item('Open Recent').submenu!.filter(({ toolTip }) => toolTip !== undefined).map(({ toolTip }) => String(toolTip))

/** The page starts a screening, and the engine takes it. */
async function screen(paths: string[]): Promise<void> {
  const asked = ask(electron, channels.call, 'jobs.start', { kind: 'scan', parameters: { paths } })
  await settle()
  answerCall(electron, { id: 'a' })
  await asked
}

describe('the menu', () => {
  it('has every command that the page carries out, with its keys, and sends it there', () => {
    for (const [id, { label, accelerator }] of Object.entries(menuCommands)) {
      expect(item(label).accelerator ?? null).toBe(accelerator)
      item(label).click!({})
      expect(commandsSent(electron).at(-1)).toEqual({ name: 'menu', command: id })
    }
  })

  it('never gives one key to two entries', () => {
    const keys = menu().flatMap(({ accelerator }) => accelerator ?? [])
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('can zoom, fill the screen, open the data folder and say what Assay is', () => {
    expect(menu().map(({ role }) => role)).toEqual(expect.arrayContaining(['zoomIn', 'zoomOut', 'resetZoom', 'togglefullscreen', 'editMenu', 'windowMenu', 'help']))
    item('Open Data Folder').click!({})
    expect(electron.module.shell.openPath).toHaveBeenCalledWith(data)
    item('About Assay').click!({})
    expect(electron.module.app.showAboutPanel).toHaveBeenCalled()
    expect(electron.module.app.setAboutPanelOptions).toHaveBeenCalledWith(expect.objectContaining({ credits: 'Research use only. Not for diagnosis.' }))
  })

  it('opens the inside of a page in a checkout, never when it is installed', async () => {
    expect(menu().map(({ role }) => role)).toEqual(expect.arrayContaining(['toggleDevTools', 'reload']))
    const installed = await startApplication({ prepare: (each) => packed(each, temporaryFolder()) })
    for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu']) expect(menu(installed).map((entry) => entry.role)).not.toContain(role)
  })

  it('shows keys as each system writes them', () => {
    expect(shownAccelerator('CmdOrCtrl+Shift+O', false)).toBe('Ctrl + Shift + O')
    expect(shownAccelerator('CmdOrCtrl+Shift+O', true)).toBe('⌘⇧O')
  })
})

describe('recent files', () => {
  it('are what was screened, the latest first, each once, for the system’s lists too', async () => {
    await screen([join(data, 'a.dcm')])
    await screen([join(data, 'b & c.dcm')])
    await screen([join(data, 'a.dcm')])
    expect(recent()).toEqual([join(data, 'a.dcm'), join(data, 'b & c.dcm')])
    expect(item('b && c.dcm')).toBeDefined()
    expect(electron.module.app.addRecentDocument).toHaveBeenCalledWith(join(data, 'b & c.dcm'))
  })

  it('are kept for the next start', async () => {
    await screen([join(data, 'a.dcm')])
    electron = await startApplication({ data })
    expect(recent()).toEqual([join(data, 'a.dcm')])
  })

  it('are ten at most, the folder in place of many files, nothing of a selection from many folders, and never samples', async () => {
    for (let i = 0; i < 12; i++) await screen([join(data, `${i}.dcm`)])
    expect(recent()).toHaveLength(10)
    await screen([1, 2, 3, 4].map((i) => join(data, 'study', `${i}.dcm`)))
    expect(recent()[0]).toBe(join(data, 'study'))
    await screen([join(process.cwd(), 'resources', 'samples', 'clean-normal.png')])
    expect(recent()[0]).toBe(join(data, 'study'))
    const before = recent()
    await screen(['a', 'b', 'c', 'd'].map((folder) => join(data, folder, '1.dcm')))
    expect(recent()).toEqual(before)
  })

  it('do not hold what the engine refused', async () => {
    const asked = ask(electron, channels.call, 'jobs.start', { kind: 'scan', parameters: { paths: [join(data, 'a.dcm')] } })
    await settle()
    const child = electron.children[0]!
    child.emit('message', { type: 'error', id: child.posted.at(-1)!.id, error: { code: 'invalid-arguments', message: 'No.', facts: {} } })
    expect(await asked).toMatchObject({ ok: false })
    expect(recent()).toEqual([])
  })

  it('are opened on their page; one that is gone is said to be and leaves the list', async () => {
    writeFileSync(join(data, 'a.dcm'), '')
    await screen([join(data, 'gone.dcm')])
    await screen([join(data, 'a.dcm')])
    item('a.dcm').click!({})
    expect(commandsSent(electron)).toEqual([{ name: 'open', page: 'screen', paths: [join(data, 'a.dcm')] }])
    item('gone.dcm').click!({})
    await settle()
    expect(electron.module.dialog.showMessageBox.mock.calls[0]![1]).toMatchObject({ message: 'This is no longer where it was.' })
    expect(recent()).toEqual([join(data, 'a.dcm')])
  })

  it('are forgotten when they are cleared or no longer wanted, and stay so', async () => {
    await screen([join(data, 'a.dcm')])
    item('Clear List').click!({})
    expect(recent()).toEqual([])
    await screen([join(data, 'a.dcm')])
    item('Remember What Was Opened').click!({ checked: false })
    expect(recent()).toEqual([])
    expect(electron.module.app.clearRecentDocuments).toHaveBeenCalledTimes(2)
    expect(readFileSync(join(data, 'desktop', 'recent.json'), 'utf8')).not.toContain('a.dcm')
    electron = await startApplication({ data })
    await screen([join(data, 'a.dcm')])
    expect([recent(), item('Remember What Was Opened')['checked']]).toEqual([[], false])
    expect(electron.module.app.addRecentDocument).not.toHaveBeenCalled()
  })

  it('whose file is damaged are none', async () => {
    for (const damaged of ['{', '{"remember":"yes","paths":[]}', '{"remember":true,"paths":[1]}']) {
      await screen([join(data, 'a.dcm')])
      writeFileSync(join(data, 'desktop', 'recent.json'), damaged)
      electron = await startApplication({ data })
      expect(recent()).toEqual([])
    }
  })
})

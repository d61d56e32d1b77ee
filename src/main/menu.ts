/**
 * The native menu: what people expect of one, the page's own commands from the table that the page reads too, and
 * nothing that opens the inside of a packed application.
 */
import { basename } from 'node:path'
import { app, Menu, shell } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import { menuCommands } from '../shared/desktop'
import type { DesktopCommand, MenuCommand } from '../shared/desktop'
import type { RecentFiles } from './recent-files'

type Items = MenuItemConstructorOptions[]

export interface MenuActions {
  send(command: DesktopCommand): void
  openRecent(path: string): void
  recent: RecentFiles
  dataFolder: string
}

const separator: MenuItemConstructorOptions = { type: 'separator' }
const saves: MenuCommand[] = ['save-png', 'save-pdf', 'save-json', 'save-dicom', 'save-anonymised']

function recentMenu({ recent, openRecent }: MenuActions): Items {
  const paths = recent.list()
  return [
    // An ampersand in a name would become an underlined letter.
    ...paths.map((path) => ({ label: basename(path).replaceAll('&', '&&'), toolTip: path, click: () => openRecent(path) })),
    ...(paths.length > 0 ? [separator] : []),
    { label: 'Clear List', enabled: paths.length > 0, click: () => recent.clear() },
    { label: 'Remember What Was Opened', type: 'checkbox', checked: recent.remembers, click: ({ checked }) => recent.setRemember(checked) },
  ]
}

export function menuTemplate(platform: NodeJS.Platform, isPackaged: boolean, actions: MenuActions): Items {
  const mac = platform === 'darwin'
  const command = (id: MenuCommand): MenuItemConstructorOptions => {
    const { label, accelerator } = menuCommands[id]
    return { id, label, ...(accelerator !== null && { accelerator }), click: () => actions.send({ name: 'menu', command: id }) }
  }
  const file: Items = [
    command('open-files'),
    command('open-folder'),
    { label: 'Open Recent', submenu: recentMenu(actions) },
    separator,
    { label: 'Save Result As', submenu: saves.map(command) },
    separator,
    { role: mac ? 'close' : 'quit' },
  ]
  const view: Items = [
    ...(isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }, separator] satisfies Items)),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    separator,
    { role: 'togglefullscreen' },
  ]
  const help: Items = [
    command('guide'),
    command('shortcuts'),
    { label: 'Open Data Folder', click: () => void shell.openPath(actions.dataFolder) },
    ...(mac ? [] : [separator, { label: 'About Assay', click: () => app.showAboutPanel() }]),
  ]
  return [
    ...(mac ? ([{ role: 'appMenu' }] satisfies Items) : []),
    { label: '&File', submenu: file },
    { role: 'editMenu' },
    { label: '&View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', label: '&Help', submenu: help },
  ]
}

export function setMenu(actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged, actions)))
}

/**
 * What the desktop application tells its page unasked: what was chosen in the native menu, and files that were opened
 * from outside. The menu, the page and its list of shortcuts all read the one table.
 */

/** Entries of the native menu that the page carries out. Accelerators as Electron writes them. */
export const menuCommands = {
  'open-files': { label: 'Open Files…', accelerator: 'CmdOrCtrl+O' },
  'open-folder': { label: 'Open Folder…', accelerator: 'CmdOrCtrl+Shift+O' },
  'save-png': { label: 'Picture (PNG)…', accelerator: 'CmdOrCtrl+S' },
  'save-pdf': { label: 'Page (PDF)…', accelerator: 'CmdOrCtrl+Shift+S' },
  'save-json': { label: 'Numbers (JSON)…', accelerator: null },
  'save-dicom': { label: 'DICOM Secondary Capture…', accelerator: null },
  'save-anonymised': { label: 'Anonymised DICOM Copy…', accelerator: null },
  guide: { label: 'Guide', accelerator: null },
  shortcuts: { label: 'Keyboard and Mouse', accelerator: 'F1' },
} as const satisfies Record<string, { label: string; accelerator: string | null }>

export type MenuCommand = keyof typeof menuCommands

export type DesktopCommand =
  | { name: 'menu'; command: MenuCommand }
  /** Files or folders that the page of this id is to take, as if they were dropped on it. */
  | { name: 'open'; page: 'screen' | 'models'; paths: string[] }

/** "Ctrl + Shift + O", or with the Mac's signs. */
export function shownAccelerator(accelerator: string, mac: boolean): string {
  const parts = accelerator.split('+')
  return mac ? parts.map((part) => ({ CmdOrCtrl: '⌘', Shift: '⇧' })[part] ?? part).join('') : parts.map((part) => (part === 'CmdOrCtrl' ? 'Ctrl' : part)).join(' + ')
}

/** Native message boxes. They do not hold up this process, which also serves the page behind them. */
import { BrowserWindow, dialog } from 'electron'
import type { Job } from '../shared/types'

const ask = (options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> => {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows().find((each) => !each.isDestroyed())
  return window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options)
}

let crashShown = false

/** One box at a time: an engine that dies at every start would otherwise stack them. */
export function tellOfCrash(message: string): void {
  if (crashShown) return
  crashShown = true
  void ask({ type: 'error', title: 'Assay', message: 'The engine stopped.', detail: message, buttons: ['OK'] }).finally(() => {
    crashShown = false
  })
}

export const tellOfMissing = (path: string): Promise<unknown> =>
  ask({ type: 'warning', title: 'Assay', message: 'This is no longer where it was.', detail: `${path}\n\nIt was moved, renamed or deleted, or its disk is not connected.`, buttons: ['OK'] })

/** @returns true when Assay is to quit although jobs run */
export async function mayQuitDuring(jobs: readonly Job[]): Promise<boolean> {
  const { response } = await ask({
    type: 'question',
    title: 'Assay',
    message: jobs.length === 1 ? 'A job is still running.' : `${jobs.length} jobs are still running.`,
    detail: `${jobs.map(({ title }) => title).join('\n')}\n\nWhat is finished by now is kept.`,
    buttons: ['Keep working', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  return response === 1
}

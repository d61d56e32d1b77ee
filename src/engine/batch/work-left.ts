/** What of a scan's earlier results still counts when it is gone on with, and what is left to screen. */
import { resolve } from 'node:path'
import type { ScanResult } from '../../shared/types'
import { expandPaths } from './expand'
import type { Wanted } from './expand'
import { notOwnPictures } from './scan-folder'

export interface WorkLeft {
  kept: ScanResult[]
  wanted: Wanted[]
  /** Lines to append: they take back errors of folders that could be looked into this time. */
  withdrawn: ScanResult[]
}

/** @param earlier current results of the runs before */
export async function workLeft(paths: readonly string[], earlier: readonly ScanResult[], retryFailed: boolean): Promise<WorkLeft> {
  const looked = new Set(paths.map((path) => resolve(path)))
  const found = await expandPaths(paths, async (folder) => {
    const enters = await notOwnPictures(folder)
    if (enters) looked.add(folder)
    return enters
  })
  const offered = new Set(found.map(({ path }) => path))
  // An inbox that was empty, a share that was not mounted: no file ever gets a result in the place of that error.
  const isSettled = ({ path, status }: ScanResult): boolean => status === 'error' && looked.has(path) && !offered.has(path)
  const isTriedAgain = ({ path, status }: ScanResult): boolean => retryFailed && status === 'error' && offered.has(path)
  const kept = earlier.filter((result) => !isSettled(result) && !isTriedAgain(result))
  const finished = new Set(kept.map(({ path }) => path))
  return {
    kept,
    wanted: found.filter(({ path }) => !finished.has(path)),
    withdrawn: earlier.filter(isSettled).map((result) => ({ ...result, withdrawn: true })),
  }
}

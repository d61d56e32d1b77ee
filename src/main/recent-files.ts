/**
 * What was screened lately, for File › Open Recent and the system's own lists. Paths can name patients, so it can be
 * switched off, which also forgets what was kept.
 */
import { dirname, relative, isAbsolute } from 'node:path'
import { app } from 'electron'
import { z } from 'zod'
import type { Kept } from './kept'

export const recentSchema = z.object({ remember: z.boolean(), paths: z.array(z.string()) })
export type Recent = z.infer<typeof recentSchema>
export const nothingRecent: Recent = { remember: true, paths: [] }

const most = 10

const isInside = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

/** What stands for a selection in a short list: each path of a few, their folder where many lie in one. */
export function shortened(paths: readonly string[]): string[] {
  if (paths.length <= 3) return [...paths]
  const folders = [...new Set(paths.map((path) => dirname(path)))]
  return folders.length <= 3 ? folders : []
}

export interface RecentFiles {
  readonly remembers: boolean
  list(): string[]
  add(paths: readonly string[]): void
  drop(path: string): void
  clear(): void
  setRemember(remember: boolean): void
}

/**
 * @param ownFolder the application's own files, its samples among them, are not worth remembering
 * @param onChange told after every change
 */
export function recentFiles(kept: Kept<Recent>, ownFolder: string, onChange: () => void): RecentFiles {
  let state = kept.read()
  const change = (next: Recent): void => {
    state = next
    kept.write(state)
    onChange()
  }
  return {
    get remembers() {
      return state.remember
    },
    list: () => [...state.paths],
    add(paths) {
      const added = shortened(paths).filter((path) => isAbsolute(path) && !isInside(path, ownFolder))
      if (!state.remember || added.length === 0) return
      for (const path of added) app.addRecentDocument(path)
      change({ ...state, paths: [...added, ...state.paths.filter((path) => !added.includes(path))].slice(0, most) })
    },
    drop: (path) => change({ ...state, paths: state.paths.filter((each) => each !== path) }),
    clear() {
      app.clearRecentDocuments()
      change({ ...state, paths: [] })
    },
    setRemember(remember) {
      if (!remember) app.clearRecentDocuments()
      change({ remember, paths: remember ? state.paths : [] })
    },
  }
}

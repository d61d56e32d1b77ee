/** Scripts that are plain JavaScript, for the tests: those that make installers, and the experiment's. */
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Configuration } from 'electron-builder'

export const root = resolve(import.meta.dirname, '../..')

const load = (path: string): Promise<any> => import(/* @vite-ignore */ pathToFileURL(join(root, path)).href)

export const builderConfiguration = async (): Promise<Configuration> => (await load('electron-builder.config.js')).default
export const distScript = (name: string): Promise<any> => load(`scripts/dist/${name}.mjs`)
export const experimentScript = (name: string): Promise<any> => load(`scripts/experiment/${name}.mjs`)

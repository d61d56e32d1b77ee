/** The built pages and the real loopback host in front of the scripted engine. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import config from '../../../electron.vite.config'
import { startHost } from '../../../src/host/server'
import { createScriptedEngine } from './scripted-engine'
import type { ScriptedEngine } from './scripted-engine'

export interface ScriptedHost {
  engine: ScriptedEngine
  url: string
  /** The host ends and another one is started at its port, with another key. @returns the address of that one */
  restart(): Promise<string>
  close(): Promise<void>
}

export interface BuiltPages {
  folder: string
  remove(): void
}

/** The pages as the application builds them, in a folder of their own. */
export async function buildPages(): Promise<BuiltPages> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-pages-'))
  const { renderer } = config as { renderer: { build?: object } }
  await build({ ...renderer, configFile: false, logLevel: 'error', base: './', build: { ...renderer.build, outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 5000 } })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

export async function startScriptedHost(pages: BuiltPages): Promise<ScriptedHost> {
  const engine = createScriptedEngine(sizeOf)
  const start = (port = 0) => startHost({ client: engine, rendererFolder: pages.folder, port })
  let host = await start()
  let closed: Promise<void> | undefined
  return {
    engine,
    url: host.url,
    async restart() {
      await host.close()
      host = await start(host.port)
      return host.url
    },
    close: () => (closed ??= host.close()),
  }
}

/**
 * Where Assay lies and where it keeps things, per platform. The one place that knows folder conventions.
 */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '../../package.json'
import type { EnginePlaces } from './jobs/definition'

/** The folder of Assay's own package.json: the repository, or the packed application. */
export function applicationRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'assay') return folder
    if (dirname(folder) === folder) throw new Error(`No package.json of Assay above ${from}`)
  }
}

/**
 * The person's own folder for Assay: ASSAY_DATA, or what the platform prescribes (XDG base directories on Linux).
 */
export function dataFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform, home: string = homedir()): string {
  if (env.ASSAY_DATA) return resolve(env.ASSAY_DATA)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Assay')
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Assay')
  // The specification says that relative paths in the variable are to be ignored.
  const xdg = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(home, '.local', 'share')
  return join(xdg, 'assay')
}

/**
 * @param roots Folders that may hold `models/` and `resources/`; beside the application root, a packed Electron
 * application's resources folder, since models stay outside its archive.
 */
export function enginePlaces(roots: string[] = [applicationRoot()]): EnginePlaces {
  const data = dataFolder()
  const samples = roots.map((root) => join(root, 'resources', 'samples'))
  return {
    version,
    dataFolder: data,
    bundleFolders: [join(data, 'bundles'), ...roots.map((root) => join(root, 'models'))],
    samplesFolder: samples.find(existsSync) ?? samples[0] ?? join(data, 'samples'),
  }
}

export { version }

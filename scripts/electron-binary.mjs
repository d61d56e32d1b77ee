/**
 * Where Electron's binary is on this machine, without importing the package: outside Electron its entry point starts a
 * download.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

function packageFolder() {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return null
  }
}

const executable = process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'

/** The path of the binary, or null when it is not installed. */
export function electronBinary(env = process.env) {
  if (env.ELECTRON_OVERRIDE_DIST_PATH) {
    const chosen = join(env.ELECTRON_OVERRIDE_DIST_PATH, executable)
    return existsSync(chosen) ? chosen : null
  }
  const folder = packageFolder()
  if (folder === null) return null
  const named = join(folder, 'path.txt')
  const binary = join(folder, 'dist', existsSync(named) ? readFileSync(named, 'utf8').trim() : executable)
  return existsSync(binary) ? binary : null
}

/** Runs Electron's own download, which checks the hash. Returns the binary, or null when it did not come. */
export function downloadElectron(limitMilliseconds) {
  const folder = packageFolder()
  if (folder === null || !existsSync(join(folder, 'install.js'))) return null
  spawnSync(process.execPath, [join(folder, 'install.js')], { timeout: limitMilliseconds, stdio: 'ignore' })
  return electronBinary()
}

/** Null when a window can be shown here, else the reason why not in a few words. */
export function whyNoWindow(env = process.env, platform = process.platform) {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display'
  if (platform === 'linux' && process.getuid?.() === 0 && !env.ELECTRON_DISABLE_SANDBOX) return 'Electron does not run as root'
  return null
}

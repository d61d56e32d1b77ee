/** Paths of what is packed, with forward slashes on every system, as the archive and the patterns have them. */
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export const posix = (path) => path.split(sep).join('/')

/** Files below a folder, as paths in it. @throws Error `ENOENT` where there is no folder */
export const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => posix(relative(folder, join(parentPath, name))))

/** `node_modules/a/node_modules/b/file.js` → its innermost package's folder and name; null for files of ours. */
export function packageAround(path) {
  const [, folder, name] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))(?:\/|$)/.exec(path) ?? []
  return folder === undefined ? null : { folder, name }
}

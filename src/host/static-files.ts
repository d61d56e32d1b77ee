/**
 * The renderer's built files, and no other file of this machine.
 */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

export interface StaticFile {
  bytes: Uint8Array
  mediaType: string
}

/**
 * The file at a URL path below `folder`, `/` being index.html; null when there is none. Symbolic links are followed
 * before the check, so one cannot lead out of the folder.
 */
export async function readStaticFile(folder: string, urlPath: string): Promise<StaticFile | null> {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return null
  }
  if (path.includes('\0') || path.includes('\\')) return null
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, path.endsWith('/') ? `${path}index.html` : path))
    if (!file.startsWith(root + sep)) return null
    const mediaType = mediaTypes[extname(file)]
    return mediaType === undefined ? null : { bytes: await readFile(file), mediaType }
  } catch {
    return null
  }
}

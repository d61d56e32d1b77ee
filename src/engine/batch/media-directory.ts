/**
 * A DICOMDIR given in place of the files that it names: finds these on disk, inside its own folder and nowhere else.
 */
import { open, readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { AssayError, serializeError } from '../../shared/errors'
import { beginsAsDirectory, headLength, referencedImages } from '../image/dicom/dicomdir'
import type { Wanted } from './expand'

/** Looks at the first bytes, not at the name. False for what cannot be read: whoever opens it will say why. */
export async function isMediaDirectory(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const head = new Uint8Array(headLength)
      const { bytesRead } = await file.read(head, 0, headLength, 0)
      return beginsAsDirectory(head.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

/** @throws AssayError what reading the directory can meet; `data-set-invalid` where it names no image */
export async function mediaDirectoryFiles(path: string): Promise<Wanted[]> {
  const references = referencedImages(await readFile(path), path)
  if (references.length === 0) throw new AssayError('data-set-invalid', `The DICOMDIR ${path} names no images; choose the files themselves.`, { path })
  const root = await realpath(dirname(path))
  const folders = new FolderNames()
  const wanted = new Map<string, Wanted>()
  for (const components of references) {
    const found = await locate(root, components, folders, path)
    if (!wanted.has(found.path)) wanted.set(found.path, found)
  }
  return [...wanted.values()]
}

async function locate(root: string, components: readonly string[], folders: FolderNames, directory: string): Promise<Wanted> {
  const named = join(dirname(directory), ...components)
  const failed = (error: AssayError): Wanted => ({ path: named, error: serializeError(error) })
  const outside = () =>
    failed(new AssayError('invalid-arguments', `The DICOMDIR ${directory} names a file outside its own folder; scan that one by its path.`, { path: directory }))
  if (components.some((component) => !/^[^/\\:\0]+$/.test(component) || component === '.' || component === '..')) return { ...outside(), path: directory }
  let at = root
  for (const component of components) {
    const name = await folders.find(at, component)
    if (name === undefined)
      return failed(new AssayError('file-not-found', `${named} is named by the DICOMDIR and not there; copy the medium again from where it came.`, { path: named }))
    at = join(at, name)
  }
  // Links may lead anywhere.
  const real = await realpath(at).catch(() => at)
  return real.startsWith(root.endsWith(sep) ? root : root + sep) ? { path: join(dirname(directory), at.slice(root.length)) } : outside()
}

/** Names in folders, each folder read once. Media are written in capitals and copied in whatever the system prefers. */
class FolderNames {
  private readonly names = new Map<string, Promise<Map<string, string>>>()

  async find(folder: string, name: string): Promise<string | undefined> {
    let listed = this.names.get(folder)
    if (!listed) this.names.set(folder, (listed = this.list(folder)))
    const names = await listed
    return names.get(name) ?? names.get(name.toLowerCase())
  }

  private async list(folder: string): Promise<Map<string, string>> {
    const names = await readdir(folder).catch((): string[] => [])
    // Exact names last, so that they win over others' small letters.
    return new Map([...names.map((name): [string, string] => [name.toLowerCase(), name]), ...names.map((name): [string, string] => [name, name])])
  }
}

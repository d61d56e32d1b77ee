/**
 * The bundles in the person's own folder: taken in, put aside, and taken back. Nothing is deleted: what is removed goes
 * to a hidden folder beside the others, where no list looks.
 */
import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { makeFolder, writeError } from '../bundle/atomic'
import { openContent } from '../bundle/content'
import { bundleCandidates, loadBundle, readManifest, resolveBundle } from '../bundle/load'
import { formatManifest, manifestName } from '../bundle/manifest'
import { cardName } from '../bundle/write'
import type { EnginePlaces } from '../jobs/definition'

type Places = Pick<EnginePlaces, 'dataFolder' | 'bundleFolders'>

const removedFolder = '.removed'

export const ownFolder = ({ dataFolder }: Pick<EnginePlaces, 'dataFolder'>): string => join(dataFolder, 'bundles')

const writable = (error: unknown): never => {
  throw toAssayError(error)
}

/** The id that a bundle is listed under. */
const idAt = (path: string): Promise<string> => openContent(path).then(readManifest).then((manifest) => manifest.id, () => basename(path))

/** @throws AssayError `invalid-arguments` where an installed bundle has the id already */
export async function assertFree(id: string, { bundleFolders }: Places): Promise<void> {
  for (const candidate of await bundleCandidates(bundleFolders)) {
    if ((await idAt(candidate)) === id) throw new AssayError('invalid-arguments', `There is a bundle with the id ${id} already; choose another id, or remove that one first.`, { id })
  }
}

/**
 * Copies a bundle folder or zip, hashes verified, into the person's own folder; a zip is unpacked, since training and
 * calibrating need a folder. A path of a `bundle.json` means its folder.
 * @returns the bundle's id
 * @throws AssayError `bundle-*`, `invalid-arguments`, `output-not-writable`, `disk-full`
 */
export async function takeIn(path: string, places: Places): Promise<string> {
  const source = basename(path) === manifestName ? dirname(path) : path
  const { manifest, classifier, purifier } = await loadBundle(source)
  await assertFree(manifest.id, places)
  const card = await (await openContent(source)).read(cardName)
  const files: [string, Uint8Array | string][] = [
    [manifest.classifier.file, classifier],
    ...(manifest.purifier && purifier ? [[manifest.purifier.file, purifier] as [string, Uint8Array]] : []),
    ...(card ? [[cardName, card] as [string, Uint8Array]] : []),
    [manifestName, formatManifest(manifest)],
  ]
  const home = ownFolder(places)
  // Whole or not at all: lists pass hidden folders over.
  const draft = join(home, `.taking-in-${randomUUID()}`)
  try {
    for (const [name, bytes] of files) {
      await makeFolder(dirname(join(draft, name)), home)
      await writeFile(join(draft, name), bytes)
    }
    await rename(draft, join(home, manifest.id))
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined)
    if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY' || (error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new AssayError('output-not-writable', `${join(home, manifest.id)} is there already and holds something else; rename it first.`, { path: join(home, manifest.id) })
    throw writeError(error, home)
  }
  return manifest.id
}

/** Work that waits or is under way, as it was asked for. */
export interface Work {
  title: string
  parameters: Readonly<Record<string, unknown>>
}

/** Whether work reads a bundle, or writes into it. */
async function uses({ parameters }: Work, path: string, { bundleFolders }: Places): Promise<boolean> {
  const { bundle, from, source, compare, out } = parameters
  const names = [bundle, from, source, ...(Array.isArray(compare) ? (compare as unknown[]) : [])].filter((name) => typeof name === 'string')
  const real = await realpath(path)
  for (const name of names) if ((await resolveBundle(name, bundleFolders).catch(() => null)) === real || resolve(name) === path) return true
  return typeof out === 'string' && resolve(out) === path
}

/**
 * @param bundle by id or path
 * @param works whatever waits or is under way: hours of it would end in a folder that is gone
 * @returns what `takeBack` wants
 * @throws AssayError `bundle-not-found`, `invalid-arguments` for a bundle that Assay came with, or that something works with
 */
export async function putAside(bundle: string, places: Places, works: readonly Work[] = []): Promise<string> {
  const home = ownFolder(places)
  for (const path of await bundleCandidates([home])) {
    if (path !== bundle && (await idAt(path)) !== bundle) continue
    for (const work of works)
      if (await uses(work, path, places)) throw new AssayError('invalid-arguments', `The bundle ${basename(path)} is in use (${work.title}); wait for the end of that, or stop it, then remove the bundle.`, { bundle })
    const token = `${randomUUID()}/${basename(path)}`
    const target = join(home, removedFolder, token)
    await makeFolder(dirname(target))
    await rename(path, target).catch(writable)
    return token
  }
  await resolveBundle(bundle, places.bundleFolders)
  throw new AssayError('invalid-arguments', `The bundle ${basename(bundle)} came with Assay and cannot be removed here; only bundles in ${home} can.`, { bundle })
}

/** @throws AssayError `bundle-not-found`; `output-not-writable` where something lies in its place by now */
export async function takeBack(token: string, places: Places): Promise<void> {
  const match = /^[0-9a-f-]{36}\/([^/\\]+)$/.exec(token)
  const from = join(ownFolder(places), removedFolder, token)
  const found = match ? (await bundleCandidates([dirname(from)])).includes(from) : false
  if (!match || !found) throw new AssayError('bundle-not-found', 'The removed bundle is no longer there; import it again.')
  await assertFree(await idAt(from), places)
  await rename(from, join(ownFolder(places), match[1]!)).catch(writable)
  await rm(dirname(from), { recursive: true, force: true })
}

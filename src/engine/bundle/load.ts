/**
 * From a name to verified bytes: finds a bundle, reads it, and checks every hash before anything is run.
 */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, isAbsolute, join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { BundleManifest, Detector } from '../../shared/bundle'
import { openContent, sha256 } from './content'
import type { BundleContent } from './content'
import { manifestName, parseManifest } from './manifest'

export interface LoadedBundle {
  /** Absolute path of the folder or zip. */
  readonly folder: string
  readonly manifest: BundleManifest
  /** ONNX, verified against the manifest's hash. */
  readonly classifier: Uint8Array
  /** ONNX, verified; null when the bundle has none yet. */
  readonly purifier: Uint8Array | null
}

/** A bundle that has all that screening needs. */
export interface ScreeningBundle extends LoadedBundle {
  readonly purifier: Uint8Array
  readonly manifest: BundleManifest & { detector: Detector; purifier: NonNullable<BundleManifest['purifier']> }
}

/** @throws AssayError bundle-not-found when there is no manifest; bundle-invalid */
export async function readManifest(content: BundleContent): Promise<BundleManifest> {
  const bytes = await content.read(manifestName)
  if (!bytes)
    throw new AssayError('bundle-not-found', `${content.path} is not a bundle: it has no ${manifestName}; choose another folder.`, { path: content.path })
  return parseManifest(new TextDecoder().decode(bytes), join(content.path, manifestName))
}

/** While a model is being replaced, its predecessor waits under this name: see write.ts. */
export const previousName = (file: string): string => `${file}.previous`

/**
 * An inner file whose content has the expected hash.
 * @throws AssayError bundle-incomplete when it is not there, bundle-hash-mismatch when it is another
 */
export async function readVerified(content: BundleContent, file: string, expected: string): Promise<Uint8Array> {
  let found: string | null = null
  for (const name of [file, previousName(file)]) {
    const bytes = await content.read(name)
    if (!bytes) continue
    const hash = sha256(bytes)
    if (hash === expected) return bytes
    found ??= hash
  }
  if (found === null)
    throw new AssayError('bundle-incomplete', `The file ${file} is missing from the bundle ${content.path}; copy the bundle again.`, { path: content.path, file })
  throw new AssayError('bundle-hash-mismatch', `The file ${file} in the bundle ${content.path} is not the one that its manifest was written for; copy the bundle again or make a new one.`, {
    path: content.path,
    file,
    expected,
    found,
  })
}

/**
 * Reads a bundle folder or zip and verifies the hashes of both models.
 * @throws AssayError bundle-not-found, bundle-invalid, bundle-incomplete, bundle-hash-mismatch
 */
export async function loadBundle(folder: string): Promise<LoadedBundle> {
  const content = await openContent(folder)
  const manifest = await readManifest(content)
  const classifier = await readVerified(content, manifest.classifier.file, manifest.classifier.sha256)
  const purifier = manifest.purifier ? await readVerified(content, manifest.purifier.file, manifest.purifier.sha256) : null
  return { folder: content.path, manifest, classifier, purifier }
}

/** The detector of a bundle that has one. @throws AssayError bundle-incomplete */
export function requireDetector({ id, detector }: Pick<BundleManifest, 'id' | 'detector'>): Detector {
  if (detector) return detector
  throw new AssayError('bundle-incomplete', `The bundle ${id} is not calibrated yet; calibrate it on untouched scans, on the Models page or with "assay calibrate".`, { bundle: id })
}

/** The same bundle, known to be able to screen. @throws AssayError bundle-incomplete */
export function requireScreening(bundle: LoadedBundle): ScreeningBundle {
  const { manifest, purifier } = bundle
  if (!manifest.purifier || !purifier)
    throw new AssayError('bundle-incomplete', `The bundle ${manifest.id} has no purifier yet; train one with "assay train purifier".`, { bundle: manifest.id })
  requireDetector(manifest)
  return bundle as ScreeningBundle
}

/** Paths of what may be bundles in the folders: subfolders with a manifest, and zips. In order, sorted within each. */
export async function bundleCandidates(bundleFolders: readonly string[]): Promise<string[]> {
  const candidates: string[] = []
  for (const home of bundleFolders) {
    const entries = await readdir(home, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const path = join(home, entry.name)
      if (extname(entry.name).toLowerCase() === '.zip') candidates.push(path)
      else if (!entry.isFile() && (await readdir(path).catch(() => [] as string[])).includes(manifestName)) candidates.push(path)
    }
  }
  return candidates
}

/**
 * Absolute path of the bundle that a person names: an id among the bundle folders, or a path of a folder or zip.
 * An id wins over a folder of the same name in the working directory; write `./name` for that one.
 * @throws AssayError bundle-not-found, naming the ids that there are
 */
export async function resolveBundle(idOrFolder: string, bundleFolders: readonly string[]): Promise<string> {
  const ids: string[] = []
  const isPath = isAbsolute(idOrFolder) || /[\\/]/.test(idOrFolder) || idOrFolder.startsWith('.')
  if (!isPath)
    for (const candidate of await bundleCandidates(bundleFolders)) {
      const id = await openContent(candidate).then(readManifest).then((manifest) => manifest.id, () => null)
      if (id === idOrFolder || (id === null && basename(candidate, '.zip') === idOrFolder)) return candidate
      if (id !== null) ids.push(id)
    }
  const path = await realpath(resolve(idOrFolder)).catch(() => null)
  if (path !== null) return path
  const known = ids.length > 0 ? `known are ${[...new Set(ids)].join(', ')}` : 'no bundle is installed'
  throw new AssayError('bundle-not-found', isPath ? `There is no bundle at ${idOrFolder}; check the path.` : `There is no bundle ${idOrFolder}; ${known}, or give the path of a bundle folder.`, {
    bundle: idOrFolder,
  })
}

/**
 * The same for work that will change the bundle, so that hours of it are not spent on one that cannot be written.
 * @throws AssayError bundle-not-found; bundle-invalid for a zip
 */
export async function resolveBundleFolder(idOrFolder: string, bundleFolders: readonly string[]): Promise<string> {
  const path = await resolveBundle(idOrFolder, bundleFolders)
  if (!(await stat(path)).isDirectory()) throw new AssayError('bundle-invalid', `${path} is a zipped bundle, which cannot be changed; unpack it and name the folder.`, { path })
  return path
}

/**
 * Writing bundles so that, whenever it is interrupted, what lies on the disk is a bundle whose hashes match.
 *
 * Each file is replaced in one rename, the manifest last. Between a model's rename and the manifest's, the model that
 * the old manifest speaks of waits as `<file>.previous`, where the loader looks for it.
 */
import { readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { BundleManifest, BundleManifestInput } from '../../shared/bundle'
import { makeFolder, writeFileAtomic } from './atomic'
import { openContent, sha256 } from './content'
import type { BundleContent } from './content'
import { previousName, readManifest } from './load'
import type { LoadedBundle } from './load'
import { formatManifest, manifestName, validateManifest } from './manifest'

export const cardName = 'MODEL_CARD.md'
const [classifierName, purifierName] = ['classifier.onnx', 'purifier.onnx']

/** A manifest as its maker knows it: `writeBundle` fills in the hashes and may be left the file names. */
export type ManifestDraft = Omit<BundleManifestInput, 'format' | 'classifier' | 'purifier'> & {
  classifier: Omit<BundleManifestInput['classifier'], 'sha256' | 'file'> & { file?: string }
  purifier?: { loss: NonNullable<BundleManifestInput['purifier']>['loss']; file?: string }
}

export interface BundleFiles {
  /** ONNX. */
  classifier: Uint8Array
  /** ONNX; needed exactly when the draft has a purifier. */
  purifier?: Uint8Array
  /** Text of MODEL_CARD.md; the one that is there stays when absent. */
  card?: string
}

/** Puts a model in place, its predecessor kept for as long as the manifest on disk still speaks of that one. */
async function replaceModel(content: BundleContent, old: BundleManifest | null, file: string, bytes: Uint8Array): Promise<void> {
  const there = await content.read(file)
  const hash = there && sha256(there)
  if (hash === sha256(bytes)) return
  const path = join(content.path, file)
  await makeFolder(dirname(path))
  if (there && old && [old.classifier, old.purifier].some((model) => model?.file === file && model.sha256 === hash))
    await writeFileAtomic(join(content.path, previousName(file)), there)
  await writeFileAtomic(path, bytes)
}

/**
 * A bundle as it would be loaded once it is written; nothing is.
 * @throws AssayError bundle-invalid
 */
export function bundleOf(folder: string, draft: ManifestDraft, { classifier, purifier }: BundleFiles): LoadedBundle {
  const home = resolve(folder)
  if ((draft.purifier === undefined) !== (purifier === undefined))
    throw new AssayError('bundle-invalid', 'A bundle needs its purifier and the description of it together; give both or none.', { path: home })
  const manifest = validateManifest(
    {
      format: 'assay-bundle/1',
      ...draft,
      classifier: { ...draft.classifier, file: draft.classifier.file ?? classifierName, sha256: sha256(classifier) },
      purifier: draft.purifier && purifier && { ...draft.purifier, file: draft.purifier.file ?? purifierName, sha256: sha256(purifier) },
    },
    join(home, manifestName),
  )
  return { folder: home, manifest, classifier, purifier: purifier ?? null }
}

/**
 * A folder that is no bundle and holds files of a bundle's names: they are somebody's, and a new bundle would replace them.
 * @throws AssayError output-not-writable
 */
export async function refuseStrangers(folder: string): Promise<void> {
  const there: string[] = await readdir(folder).catch(() => [])
  const stranger = there.includes(manifestName) ? undefined : [classifierName, purifierName, cardName].find((name) => there.includes(name))
  if (stranger !== undefined) throw new AssayError('output-not-writable', `${folder} holds a ${stranger} that belongs to no bundle and would be replaced; choose another folder, or move that file.`, { path: folder, file: stranger })
}

/**
 * Writes a bundle folder, new or over an older version of it.
 * @returns the manifest with its hashes
 * @throws AssayError bundle-invalid, output-not-writable, disk-full
 */
export async function writeBundle(folder: string, draft: ManifestDraft, files: BundleFiles): Promise<BundleManifest> {
  const { folder: home, manifest } = bundleOf(folder, draft, files)
  await makeFolder(home)
  const content = await openContent(home)
  const old = await readManifest(content).catch(() => null)
  const { classifier, purifier } = manifest
  await replaceModel(content, old, classifier.file, files.classifier)
  if (purifier && files.purifier) await replaceModel(content, old, purifier.file, files.purifier)
  if (files.card !== undefined) await writeFileAtomic(join(content.path, cardName), files.card)
  await writeFileAtomic(join(content.path, manifestName), formatManifest(manifest))
  for (const file of [classifier.file, purifier?.file ?? purifierName]) await rm(join(content.path, previousName(file)), { force: true }).catch(() => undefined)
  return manifest
}

/**
 * Changes what a bundle's manifest says without touching its models.
 * @returns the manifest as written
 * @throws AssayError bundle-not-found, bundle-invalid (zips cannot be changed), output-not-writable, disk-full
 */
export async function updateManifest(folder: string, change: (manifest: BundleManifest) => BundleManifest): Promise<BundleManifest> {
  const content = await openContent(folder)
  const manifest = validateManifest(change(await readManifest(content)), join(content.path, manifestName))
  await writeFileAtomic(join(content.path, manifestName), formatManifest(manifest))
  return manifest
}

/**
 * What bundles there are, for lists: broken ones appear with what is wrong with them, and nothing throws.
 */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { serializeError } from '../../shared/errors'
import type { BundleManifest } from '../../shared/bundle'
import type { BundleSummary } from '../../shared/types'
import { openContent } from './content'
import { bundleCandidates, loadBundle, readManifest } from './load'

const summaryOf = (manifest: BundleManifest, path: string): BundleSummary => ({
  path,
  id: manifest.id,
  name: manifest.name,
  description: manifest.description,
  modality: manifest.modality,
  bodyPart: manifest.bodyPart,
  classes: manifest.classes,
  inputWidth: manifest.input.width,
  inputHeight: manifest.input.height,
  channels: manifest.input.channels,
  canScreen: manifest.purifier !== undefined && manifest.detector !== undefined,
  calibrationCount: manifest.detector?.calibration.scores.length ?? 0,
})

const nothingKnown = (path: string): BundleSummary => ({
  path,
  id: basename(path),
  name: basename(path),
  description: '',
  modality: '',
  bodyPart: '',
  classes: [],
  inputWidth: 0,
  inputHeight: 0,
  channels: 0,
  canScreen: false,
  calibrationCount: 0,
})

/** One bundle's summary, its hashes verified; `error` is set where it cannot be used. */
export async function summarise(path: string): Promise<BundleSummary> {
  let summary = nothingKnown(path)
  try {
    summary = summaryOf(await readManifest(await openContent(path)), path)
    await loadBundle(path)
    return summary
  } catch (error) {
    return { ...summary, canScreen: false, error: serializeError(error) }
  }
}

/** Verifying means hashing whole models, so a summary is kept until the manifest's time or size changes. */
const verified = new Map<string, { stamp: string; summary: BundleSummary }>()

async function stampOf(path: string): Promise<string> {
  const home = await stat(path)
  const manifest = home.isDirectory() ? await stat(`${path}/bundle.json`) : home
  return `${home.mtimeMs} ${manifest.mtimeMs} ${manifest.size}`
}

/** All bundles in the folders, in search order; of two with one id the first is the one that the id names. */
export async function listBundles(places: { bundleFolders: readonly string[] }): Promise<BundleSummary[]> {
  const summaries: BundleSummary[] = []
  const ids = new Set<string>()
  for (const path of await bundleCandidates(places.bundleFolders)) {
    const stamp = await stampOf(path).catch(() => '')
    let entry = verified.get(path)
    if (!entry || stamp === '' || entry.stamp !== stamp) {
      entry = { stamp, summary: await summarise(path) }
      if (!entry.summary.error) verified.set(path, entry)
      else verified.delete(path)
    }
    if (ids.has(entry.summary.id)) continue
    ids.add(entry.summary.id)
    summaries.push(entry.summary)
  }
  return summaries
}

/** Puts a calibration into its bundle, or into a copy of it. */
import { join } from 'node:path'
import type { BundleManifest, Detector } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import { ensureWritable, writeFileAtomic } from '../bundle/atomic'
import { openContent } from '../bundle/content'
import { loadBundle, readManifest } from '../bundle/load'
import type { LoadedBundle } from '../bundle/load'
import { answersFingerprint } from '../bundle/manifest'
import { cardName, updateManifest, writeBundle } from '../bundle/write'
import { calibrationOf } from './calibrate'
import type { Calibration, CalibrationOptions, Scans } from './calibrate'
import { withDetectorSection } from './card-section'

/** A bundle's card with this detector in it; undefined where it has none. */
async function cardWith(folder: string, detector: Detector): Promise<string | undefined> {
  const bytes = await (await openContent(folder)).read(cardName)
  const card = bytes && new TextDecoder().decode(bytes)
  return card ? (withDetectorSection(card, detector) ?? card) : undefined
}

/** A calibration is of the models that it was made with, and somebody may have trained others meanwhile. @throws AssayError bundle-hash-mismatch */
function assertSameModels(now: BundleManifest, calibrated: BundleManifest, folder: string): void {
  if (answersFingerprint(now) === answersFingerprint(calibrated) && now.purifier?.sha256 === calibrated.purifier?.sha256) return
  throw new AssayError('bundle-hash-mismatch', `The models in ${folder} were replaced while they were being calibrated, and nothing was written; calibrate the bundle again.`, { path: folder })
}

/**
 * Calibrates the bundle in `folder` on untouched scans and writes the result into its bundle.json, atomically, and into
 * its card where it has one.
 * @throws AssayError like calibrationOf; output-not-writable, disk-full; bundle-hash-mismatch where other models have taken the place of those that were calibrated
 */
export async function calibrateBundle(folder: string, scans: Scans, options: CalibrationOptions): Promise<Calibration> {
  const bundle = await loadBundle(folder)
  await ensureWritable(folder)
  const calibration = await calibrationOf(bundle, scans, options)
  const { detector } = calibration
  const content = await openContent(folder)
  assertSameModels(await readManifest(content), bundle.manifest, content.path)
  const card = await cardWith(folder, detector)
  if (card !== undefined) await writeFileAtomic(join(folder, cardName), card)
  await updateManifest(folder, (manifest) => {
    assertSameModels(manifest, bundle.manifest, content.path)
    return { ...manifest, detector }
  })
  return calibration
}

/**
 * Writes a copy of a bundle that has this calibration; the bundle itself stays as it is.
 * @throws AssayError output-not-writable, disk-full
 */
export async function writeCalibrated({ folder, manifest, classifier, purifier }: LoadedBundle, { detector }: Calibration, copy: { folder: string; id: string; name: string }): Promise<void> {
  const { id, name } = copy
  const card = (await cardWith(folder, detector))?.replace(`# ${manifest.name}\n`, () => `# ${name}\n`)
  await writeBundle(
    copy.folder,
    { ...manifest, id, name, detector, training: { ...manifest.training, calibrated: { bundle: manifest.id, name: manifest.name } } },
    { classifier, ...(purifier && { purifier }), ...(card !== undefined && { card }) },
  )
}

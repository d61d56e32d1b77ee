/** What calibrating on a folder of scans would do, told before anything is computed. */
import type { CalibrationPlan } from '../../shared/calibration'
import { openContent } from '../bundle/content'
import { readManifest, resolveBundle } from '../bundle/load'
import { readImages } from '../dataset/labelled'
import { falseAlarms, scansNeeded, usualAlpha } from '../screening/conformal'
import { scansFor, scansToChoose, setAside } from './aside'
import { fewestScans } from './calibrate'

/**
 * @param keepScores the bundle's scores are kept, and no scans are wanted to choose them
 * @throws AssayError bundle-*, file-not-found, data-set-invalid for a folder without images
 */
export async function planCalibration({ bundle, data, keepScores }: { bundle: string; data: string; keepScores: boolean }, bundleFolders: readonly string[]): Promise<CalibrationPlan> {
  const { classes } = await readManifest(await openContent(await resolveBundle(bundle, bundleFolders)))
  const images = (await readImages(data, classes)).items.length
  const { count, choose } = setAside(images, !keepScores)
  const behind = Math.max(0, images - count)
  const lacks: CalibrationPlan['lacks'] = []
  if (images < fewestScans) lacks.push({ code: 'too-few', atLeast: scansFor(usualAlpha) })
  else if (behind < scansNeeded(usualAlpha)) lacks.push({ code: 'nothing-flagged', atLeast: scansFor(usualAlpha) })
  if (!keepScores && !choose) lacks.push({ code: 'no-choice', atLeast: scansToChoose })
  return { images, choosing: choose ? count : 0, behind, falseAlarms: falseAlarms(behind, usualAlpha), lacks }
}

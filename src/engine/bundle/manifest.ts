/**
 * `bundle.json`: parsed, and held to what its schema alone cannot say.
 */
import { createHash } from 'node:crypto'
import { AssayError } from '../../shared/errors'
import { bundleManifestSchema } from '../../shared/bundle'
import type { BundleManifest } from '../../shared/bundle'
import type { z } from 'zod'

export const manifestName = 'bundle.json'

/** The first complaint of zod, with the place it is about: "input.mean: expected array". */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  if (!issue) return 'unknown problem'
  const place = issue.path.join('.')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}

/** What the schema cannot express; the sentence, or null when all is well. */
function inconsistency(manifest: BundleManifest): string | null {
  const { channels, mean, std, intensity } = manifest.input
  if (mean.length !== channels || std.length !== channels)
    return `input.mean and input.std need ${channels} values each, one per channel`
  if (intensity.kind === 'fixed' && !(intensity.low < intensity.high)) return 'input.intensity.low must be below high'
  if (intensity.kind === 'data-range' && !(intensity.lowPercentile < intensity.highPercentile))
    return 'input.intensity.lowPercentile must be below highPercentile'
  if (new Set(manifest.classes).size !== manifest.classes.length) return 'classes must differ from each other'
  if (manifest.purifier && manifest.purifier.file === manifest.classifier.file) return 'purifier.file and classifier.file must differ'
  const { detector } = manifest
  if (detector) {
    const names = detector.scores.map((score) => score.name)
    if (new Set(names).size !== names.length) return 'detector.scores must name each score once'
    const { scores } = detector.calibration
    if (scores.some((score, i) => i > 0 && score < (scores[i - 1] ?? score))) return 'detector.calibration.scores must ascend'
    for (const part of ['appearance', 'trainedOn'] as const) {
      const { features, precision } = detector[part] ?? { features: [], precision: [] }
      const n = features.length
      if (precision.length !== n || precision.some((row) => row.length !== n)) return `detector.${part}.precision needs ${n} rows of ${n} numbers, one for each feature`
    }
  }
  return null
}

/**
 * A manifest from any value. `where` names it in the message.
 * @throws AssayError bundle-invalid
 */
export function validateManifest(value: unknown, where: string): BundleManifest {
  const parsed = bundleManifestSchema.safeParse(value)
  const problem = parsed.success ? inconsistency(parsed.data) : firstIssue(parsed.error)
  if (!parsed.success || problem !== null)
    throw new AssayError('bundle-invalid', `${where} is not a valid bundle manifest (${problem}); correct it or make the bundle again.`, { path: where })
  return parsed.data
}

/** @throws AssayError bundle-invalid */
export function parseManifest(text: string, where: string): BundleManifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AssayError('bundle-invalid', `${where} is not JSON; correct it or make the bundle again.`, { path: where })
  }
  return validateManifest(value, where)
}

export const formatManifest = (manifest: BundleManifest): string => `${JSON.stringify(manifest, null, 2)}\n`

/** One hash over everything that the classifier's answers depend on: one file answers otherwise where its images are scaled otherwise. */
export function answersFingerprint({ classes, input, classifier }: BundleManifest): string {
  return createHash('sha256').update(JSON.stringify([classes, input, classifier.sha256, classifier.output, classifier.layout])).digest('hex')
}

/**
 * One hash over everything that a verdict depends on: models, input, classes, calibration. Names and cards may change, and
 * `devices` decide nothing: bundles without them would have another hash than the scans and audits that were made with them.
 */
export function verdictFingerprint({ classes, input, classifier, purifier, detector }: BundleManifest): string {
  const decides = [classes, input, classifier.sha256, classifier.output, classifier.layout, purifier?.sha256, detector]
  return createHash('sha256').update(JSON.stringify(decides, (key, value: unknown) => (key === 'devices' ? undefined : value))).digest('hex')
}

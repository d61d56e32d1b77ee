/** What is written down when an audit begins, and compared when it goes on or lends its attacked images. */
import { resolve } from 'node:path'
import type { LoadedBundle } from '../bundle/load'
import { answersFingerprint, verdictFingerprint } from '../bundle/manifest'
import type { AuditJob } from './audit-folder'
import { comparedName } from './defences'
import type { Prepared } from './prepare'
import { radiiOf } from './runs'

const referenceOf = ({ manifest, folder }: LoadedBundle) => ({
  id: manifest.id,
  path: folder,
  name: manifest.name,
  classifier: manifest.classifier.sha256,
  purifier: manifest.purifier?.sha256 ?? null,
  fingerprint: verdictFingerprint(manifest),
  answers: answersFingerprint(manifest),
})

/** All but how fast this machine is. */
export type Beginning = Omit<AuditJob, 'pace'>

/**
 * What an audit that begins now is: what is attacked, with what, on which images. Reads the data through for its hash.
 * @throws AssayError like the data's own reader
 */
export async function beginningOf(prepared: Prepared, provider: string, version: string, signal?: AbortSignal): Promise<Beginning> {
  const { parameters, asked, bundle, compare, source, set } = prepared
  const { manifest } = bundle
  const { width, height, channels } = manifest.input
  const query = { asked, parameters, pixels: width * height * channels }
  const radii = asked.attacks.map((attack) => radiiOf(attack, query)).find(({ norm }) => norm !== asked.norm)
  return {
    format: 'assay-audit-job/1',
    versions: { assay: version, node: process.versions.node, platform: `${process.platform}-${process.arch}` },
    bundle: { ...referenceOf(bundle), input: { width, height, channels } },
    compare: compare.map((other) => ({ ...referenceOf(other), defence: comparedName(other, compare) })),
    source: source ? referenceOf(source) : null,
    data: { path: resolve(parameters.data), sha256: await set.hash(signal), chosen: set.labels.length },
    classes: [...prepared.classes],
    finding: parameters.finding ?? null,
    defences: [...prepared.defences],
    threats: [...asked.threats],
    norm: asked.norm,
    eps: [...asked.eps],
    other: [...(radii?.eps ?? [])],
    runs: [...prepared.runs],
    warnings: [...prepared.warnings],
    seed: parameters.seed,
    alpha: parameters.alpha,
    calibrated: bundle.purifier ? (manifest.detector?.calibration.scores.length ?? null) : null,
    provider,
    keep: parameters.keep,
    attacked: parameters.attacked === undefined ? null : resolve(parameters.attacked),
    started: new Date().toISOString(),
  }
}

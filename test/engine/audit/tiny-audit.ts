/** Audits of the tiny bundle in a second: smooth scans and noisy ones, and what runs the job on them. */
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { auditJob } from '../../../src/engine/audit/audit-job'
import { writeBundle, type ManifestDraft } from '../../../src/engine/bundle/write'
import { jobFolder } from '../../../src/engine/jobs/records'
import { GraphBuilder, type Value } from '../../../src/engine/onnx/builder'
import { mul } from '../../../src/engine/onnx/ops'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { encodeNpz } from '../../../src/engine/tensor/npz'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import type { AuditReport } from '../../../src/shared/audit'
import type { AnyEvent } from '../../../src/shared/contract'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { JobParametersInput } from '../../../src/shared/job-parameters'
import { classifierModel, draft, scanValues, side, tampered, unit, writeTinyBundle } from '../screening/tiny-bundle'

export interface Workplace {
  home: string
  bundle: string
  /** An .npz of images, the classes in turn. */
  data: string
}

export function writeImages(path: string, count: number): void {
  const x = new Float32Array(count * side * side)
  for (let i = 0; i < count; i++) x.set(unit(i % 2 ? tampered(scanValues(i), 12, i) : scanValues(i)), i * side * side)
  writeFileSync(path, encodeNpz({ x: float32([count, 1, side, side], x), y: int64([count], Array.from({ length: count }, (_, i) => i % 2)) }))
}

export async function workplace(home: string, count = 40): Promise<Workplace> {
  const bundle = await writeTinyBundle(join(home, 'bundles'), 60)
  const data = join(home, 'images.npz')
  writeImages(data, count)
  return { home, bundle, data }
}

/** A model with another end. @param input shape of one image, [1, C, H, W] */
export function modelWith(model: Uint8Array, input: readonly number[], end: (g: GraphBuilder, logits: Value, x: Value) => Value): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('x', input)
  const net = readModel(model)
  const logits = g.inline(net, { [net.graph.inputs[0]!.name]: x })[net.graph.outputs[0]!.name]!
  g.output('answers', end(g, logits, x))
  const made = g.toModel()
  for (const info of [...made.graph.inputs, ...made.graph.outputs]) if (info.shape) info.shape[0] = 'N'
  return writeModel(made)
}

/** Logits multiplied: as good as before, with gradients that vanish. */
export const scaledBy = (scale: number) => (g: GraphBuilder, logits: Value): Value => mul(g, logits, scale)

/** The tiny classifier with another end and without a purifier. */
export async function writeMaskedBundle(folder: string, end: Parameters<typeof modelWith>[2], output: ManifestDraft['classifier']['output'] = 'logits'): Promise<string> {
  const { purifier: _, ...bare } = draft
  await writeBundle(folder, { ...bare, id: 'masked', classifier: { ...bare.classifier, output } }, { classifier: modelWith(classifierModel(), [1, 1, side, side], end) })
  return folder
}

export interface Ran {
  report: AuditReport
  exitCode: number
  events: AnyEvent[]
}

export async function audit(
  { home, bundle, data }: Workplace,
  out: string,
  more: Partial<JobParametersInput['audit']> = {},
  { signal = new AbortController().signal, jobId = 'job-1', onEvent = (_: AnyEvent): void => undefined, onProgress = (_: { done?: number; total?: number; message?: string }): void => undefined } = {},
): Promise<Ran> {
  const dataFolder = join(home, 'data')
  const folder = jobFolder(dataFolder, jobId)
  await mkdir(folder, { recursive: true })
  const events: AnyEvent[] = []
  const parameters = jobParameters.audit.parse({
    bundle, data, attacks: ['fgsm', 'pgd'], eps: [2 / 255, 6 / 255], options: { pgd: { steps: 5 } }, seed: 3, provider: 'cpu', out: join(home, out), ...more,
  })
  const { result, exitCode } = await auditJob.run(parameters, {
    jobId, signal, folder,
    places: { version: 'test', dataFolder, bundleFolders: [join(home, 'bundles')], samplesFolder: '' },
    progress: onProgress,
    emit: (event) => {
      events.push(event)
      onEvent(event)
    },
  })
  return { report: result as AuditReport, exitCode, events }
}

/** The report without what differs between two runs of the same audit. */
export function withoutTimes(report: AuditReport): AuditReport {
  return { ...report, seconds: 0, runs: report.runs.map((row) => ({ ...row, seconds: 0, imagesPerSecond: 0 })) }
}

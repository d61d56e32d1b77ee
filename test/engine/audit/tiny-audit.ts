/** Audits of the tiny bundle in a second: smooth scans and noisy ones, and what runs the job on them. */
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { auditJob } from '../../../src/engine/audit/audit-job'
import { writeBundle } from '../../../src/engine/bundle/write'
import { jobFolder } from '../../../src/engine/jobs/records'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
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

/** A model with its logits multiplied: as good as before, with gradients that vanish. */
export function scaledModel(model: Uint8Array, scale: number, input: readonly number[]): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('x', input)
  const net = readModel(model)
  const logits = g.inline(net, { [net.graph.inputs[0]!.name]: x })[net.graph.outputs[0]!.name]!
  g.output('logits', g.op('Mul', [logits, g.scalar(scale)]))
  const made = g.toModel()
  for (const info of [...made.graph.inputs, ...made.graph.outputs]) if (info.shape) info.shape[0] = 'N'
  return writeModel(made)
}

/** The tiny classifier without a purifier, its logits multiplied. */
export async function writeMaskedBundle(folder: string, scale: number): Promise<string> {
  const { purifier: _, ...bare } = draft
  await writeBundle(folder, { ...bare, id: 'masked' }, { classifier: scaledModel(classifierModel(), scale, [1, 1, side, side]) })
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

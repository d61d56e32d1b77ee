/**
 * An engine that answers by script, behind the real host: for the states of the interface that the real engine cannot be
 * brought into on demand (a slow job, thousands of rows, planes that were pushed out). Its numbers are drawn, not computed.
 */
import type { AnyEvent, CallInput, CallName, EngineClient } from '../../../src/shared/contract'
import { AssayError } from '../../../src/shared/errors'
import type { EngineConnection } from '../../../src/shared/rpc'
import type { BundleSummary, DeviceReport, DicomTag, Job, PixelPlane, Sample, ScanResult, ScreenedView } from '../../../src/shared/types'
import { defaultSettings } from '../../../src/shared/settings'
import type { ExpiredJobs, Settings, SettingsChange } from '../../../src/shared/settings'
import { bars, barsStored, seriesDamaged, seriesFrames, seriesGrey, seriesListed } from './scripted-pictures'
import type { Bars } from './scripted-pictures'
import { scriptedTags } from './scripted-tags'
import { createScriptedTrainings } from './scripted-trainings'
import type { ScriptedTrainings } from './scripted-trainings'

const bundle: BundleSummary = {
  id: 'scripted',
  name: 'Chest phantom',
  description: 'Drawn by the tests',
  modality: 'DX',
  bodyPart: 'CHEST',
  classes: ['clear', 'opacity'],
  inputWidth: 128,
  inputHeight: 128,
  channels: 1,
  canScreen: true,
  calibrationCount: 240,
}

export const scriptedBundles: BundleSummary[] = [
  bundle,
  { ...bundle, id: 'bare', name: 'Bare classifier', canScreen: false, calibrationCount: 0 },
  {
    ...bundle,
    id: 'broken',
    name: 'broken',
    canScreen: false,
    error: { code: 'bundle-hash-mismatch', message: 'purifier.onnx is not the file that this bundle was made with; get the bundle again.', facts: {} },
  },
]

export const scriptedSamples: Sample[] = (
  [
    ['attacked-grey16', 'Attacked phantom, 16-bit DICOM', 'PGD at 4/255 against the classifier'],
    ['clean-grey8', 'Clean phantom, PNG', 'As it was made'],
    ['clean-mono1', 'Clean phantom, MONOCHROME1', 'Small values are white'],
    ['clean-colour', 'Clean colour picture', 'Three samples per pixel'],
    ['clean-oblong', 'Clean phantom, pixels twice as tall', 'Spacing of 0.4 by 0.2 mm'],
  ] as const
).map(([id, title, description]) => ({ id, title, description, path: `/samples/${id}`, bundleId: 'scripted' }))

/** A machine whose graphics agree by one driver and not by another. */
export const scriptedDevices: DeviceReport = {
  machine: 'win32-x64 10.0.26100; 8 × Processor; Graphics 30.0.101; webgpu, dml, cpu; ONNX Runtime 1.30.0; Assay 0.1.0',
  checkedAt: Date.UTC(2026, 0, 2, 3, 4),
  devices: [
    { provider: 'webgpu', state: 'agrees', forward: 2.3e-7, backward: 5.9e-7, milliseconds: 7.84, onCpu: ['Cast', 'MaxPool'] },
    { provider: 'dml', state: 'disagrees', forward: 3e-5, backward: 0.0213, reason: "its gradients differ from the CPU's by 2.1e-2 of the largest value (allowed 1.0e-3)", onCpu: [] },
    { provider: 'cpu', state: 'reference', milliseconds: 65.7 },
  ],
  auto: 'webgpu',
}

/** A drawn chest between 0 and 1: two dark lungs in a lighter body. */
function chest(u: number, v: number): number {
  const lung = (cx: number): number => Math.exp(-((((u - cx) / 0.13) ** 2 + ((v - 0.5) / 0.26) ** 2) ** 2))
  const body = 1 / (1 + Math.exp((Math.hypot((u - 0.5) / 0.46, (v - 0.56) / 0.52) - 1) * 14))
  const rib = 0.06 * Math.max(0, Math.sin(v * 42 + (u - 0.5) ** 2 * 20))
  return Math.max(0.02, 0.78 * body * (1 - 0.72 * Math.max(lung(0.32), lung(0.68))) + rib * body)
}

interface Drawn {
  view: Omit<ScreenedView, 'resultId' | 'result' | 'alpha'>
  bytes: Map<string, Uint8Array>
}

const asBytes = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer)

const aboutBundle = { id: bundle.id, name: bundle.name, classes: bundle.classes, inputWidth: 128, inputHeight: 128 }
const scriptedScale = { hot: 5 / 255, usual: 0.9 / 255 }

const verdictFor = (attacked: boolean): ScreenedView['verdict'] =>
  attacked
    ? { headline: 'Suspicious', detail: 'An untouched scan looks this unusual 4 times in 1,000. The purifier removed more than usual, and the classifier then answers otherwise.' }
    : { headline: 'No perturbation found', detail: '63 in 100 untouched scans look at least this unusual. This does not say that the scan is authentic.' }

const extremes = (data: ArrayLike<number>): { min: number; max: number } => {
  let [min, max] = [Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) [min, max] = [Math.min(min, data[i]!), Math.max(max, data[i]!)]
  return { min, max }
}

/** Known bars: the purified scan has the same modality values, and nothing was removed. */
function drawBars(id: string, name: string, of: Bars): Drawn {
  const { stored, width } = barsStored(of)
  const { padding } = of.plane
  const image = Array.from(stored).filter((value) => !padding || value < padding.low || value > padding.high)
  const plane: PixelPlane = {
    id: `${id}-scan`, width, height: of.height, samples: 1, dtype: of.dtype, slope: 1, intercept: 0, ...extremes(image), invert: false, unit: '', ...of.plane,
  }
  const values = Float32Array.from(stored, (value) => value * plane.slope + plane.intercept)
  const heat = new Float32Array(stored.length)
  const tables = of.tables?.map(({ values: entries, ...table }, i) => ({ ...table, id: `${id}-table-${i}`, length: entries.length }))
  return {
    view: {
      fileName: name,
      format: 'dicom',
      frame: 1,
      frames: 1,
      bundle: aboutBundle,
      scan: { ...plane, ...(tables && { tables }) },
      purified: { ...plane, id: `${id}-purified`, dtype: 'float32', slope: 1, intercept: 0, min: plane.min * plane.slope + plane.intercept, max: plane.max * plane.slope + plane.intercept },
      heatmap: { id: `${id}-heatmap`, width, height: of.height, samples: 1, dtype: 'float32', slope: 1, intercept: 0, min: 0, max: 0, invert: false, unit: 'share of full range', windows: [{ center: 0.02, width: 0.04 }] },
      heatmapScale: scriptedScale,
      verdict: verdictFor(false),
      facts: [{ label: 'Format', value: 'DICOM' }],
    },
    bytes: new Map([
      [`${id}-scan`, asBytes(stored)],
      [`${id}-purified`, asBytes(values)],
      [`${id}-heatmap`, asBytes(heat)],
      ...(of.tables ?? []).map(({ values: entries }, i) => [`${id}-table-${i}`, asBytes(Uint16Array.from(entries))] as const),
    ]),
  }
}

/** One frame of the series: a single grey, brighter from frame to frame. */
function drawFrame(id: string, name: string, frame: number): Drawn {
  const grey: Bars = { dtype: 'uint8', values: [seriesGrey(frame)], barWidth: 96, height: 96, plane: { min: 0, max: 255, windows: [{ center: 127.5, width: 255 }] } }
  const drawn = drawBars(`${id}-${frame}`, name, grey)
  return { ...drawn, view: { ...drawn.view, modality: 'MR', frame, frames: seriesFrames, verdict: verdictFor(frame !== seriesListed) } }
}

const noise = (i: number): number => ((Math.imul(i ^ 0x9e3779b9, 0x85ebca6b) >>> 8) % 2048) / 1024 - 1

function draw(resultId: string, name: string, frame: number): Drawn {
  const known = bars[name]
  if (known) return drawBars(resultId, name, known)
  if (name.includes('series')) return drawFrame(resultId, name, frame)
  const attacked = name.includes('attacked')
  const colour = name.includes('colour')
  const oblong = name.includes('oblong')
  const [width, height] = oblong ? [512, 256] : name.includes('grey8') ? [480, 600] : [768, 768]
  const samples = colour ? 3 : 1
  const full = name.includes('grey16') ? 4095 : 255
  const stored = full > 255 ? new Int16Array(width * height * samples) : new Uint8Array(width * height * samples)
  const purified = new Float32Array(stored.length)
  const heat = new Float32Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const [u, v] = [x / width, y / height]
      const value = chest(u, v)
      const strength = attacked ? (4 / 255) * Math.exp(-(((u - 0.66) / 0.2) ** 2 + ((v - 0.55) / 0.22) ** 2)) : 0.3 / 255
      heat[i] = Math.abs(strength * (1 + 0.4 * noise(i >> 4)))
      for (let s = 0; s < samples; s++) {
        const tinted = value * [1, 0.62, 0.5][samples === 3 ? s : 0]!
        purified[i * samples + s] = tinted * full
        stored[i * samples + s] = Math.min(full, Math.max(0, Math.round((tinted + strength * Math.sign(noise(i))) * full)))
      }
    }
  const spacing = oblong ? { row: 0.4, column: 0.2 } : { row: 0.2, column: 0.2 }
  const plane = (kind: string, dtype: PixelPlane['dtype'], count: 1 | 3, data: ArrayLike<number>): PixelPlane => {
    const windows = [{ center: full / 2, width: full }, ...(full > 255 ? [{ center: 1200, width: 1600, explanation: 'Lung' }] : [])]
    return { id: `${resultId}-${kind}`, width, height, samples: count, dtype, slope: 1, intercept: 0, ...extremes(data), invert: name.includes('mono1'), windows, unit: '', spacing }
  }
  const scan = plane('scan', full > 255 ? 'int16' : 'uint8', samples, stored)
  const pure = plane('purified', 'float32', samples, purified)
  const heatmap = { ...plane('heatmap', 'float32', 1, heat), unit: 'share of full range', windows: [{ center: 0.02, width: 0.04 }] }
  return {
    view: {
      fileName: name,
      format: full > 255 || name.endsWith('.dcm') ? 'dicom' : 'png',
      frame: 1,
      frames: 1,
      bundle: aboutBundle,
      scan,
      purified: pure,
      heatmap,
      heatmapScale: scriptedScale,
      verdict: verdictFor(attacked),
      facts: [
        { label: 'Format', value: full > 255 ? 'DICOM' : 'PNG' },
        { label: 'Size', value: `${width} × ${height}` },
        { label: 'Bits', value: full > 255 ? '12 of 16' : '8' },
        { label: 'Photometric', value: 'MONOCHROME2' },
      ],
    },
    bytes: new Map([
      [scan.id, asBytes(stored)],
      [pure.id, asBytes(purified)],
      [heatmap.id, asBytes(heat)],
    ]),
  }
}

function judge(path: string, size: number | undefined): ScanResult {
  const empty = { score: null, pValue: null, before: null, after: null, heatmap: null }
  if (size === 0 || path.includes('empty'))
    return { path, status: 'error', ...empty, error: { code: 'file-empty', message: 'The file is empty; copy or export it again.', facts: { path } } }
  return verdictOn(path, path.includes('attacked'), path.includes('series') ? seriesListed : undefined)
}

function verdictOn(path: string, attacked: boolean, frame: number | undefined): ScanResult {
  return {
    path,
    ...(frame !== undefined && { frame, frames: seriesFrames }),
    status: attacked ? 'suspicious' : 'clean',
    score: attacked ? 9.1 : 0.4,
    pValue: attacked ? 0.00415 : 0.634,
    before: attacked ? { label: 'opacity', probabilities: [0.0004, 0.9996] } : { label: 'clear', probabilities: [0.931, 0.069] },
    after: { label: 'clear', probabilities: [0.952, 0.048] },
    heatmap: null,
  }
}

export interface ScriptedEngine extends EngineConnection {
  /** Milliseconds that each file takes. */
  pace: number
  /** Milliseconds that opening takes. */
  openPace: number
  readonly trainings: ScriptedTrainings
  /** What was asked of the engine. */
  readonly asked: { opened: { resultId: string; frame: number }[]; openingAtOnce: number; exported: CallInput<'scan.export'>[]; tags: { patientData: boolean }[]; providers: (string | undefined)[] }
  /** What `settings.get` answers with. */
  settings: Settings
  settingsWarning: string | null
  /** What a retention would delete. */
  expired: ExpiredJobs
  /** The next calls of this name fail so, once each. */
  failNext(name: CallName, error: AssayError): void
  /** The next that many fetches of bytes find nothing. */
  loseBytes(times: number): void
}

export function createScriptedEngine(sizeOf: (path: string) => number | undefined): ScriptedEngine {
  const listeners = new Set<(event: AnyEvent) => void>()
  const jobs = new Map<string, Job>()
  const results = new Map<string, { jobId: string; result: ScanResult; alpha: number }>()
  const stored = new Map<string, { bytes: Uint8Array; mediaType: string; fileName?: string }>()
  const failures: { name: CallName; error: AssayError }[] = []
  let lost = 0
  let opening = 0
  let devicesChecked = false
  const emit = (event: AnyEvent): void => listeners.forEach((listener) => listener(event))
  const update = (job: Job): Job => {
    jobs.set(job.id, job)
    emit({ name: 'job', payload: job })
    return job
  }

  const trainings = createScriptedTrainings({ bundle, jobs, update, emit, store: (id, bytes) => void stored.set(id, { bytes, mediaType: 'application/octet-stream' }) })

  const engine: ScriptedEngine = {
    pace: 0,
    openPace: 0,
    settings: defaultSettings,
    settingsWarning: null,
    expired: { count: 0, bytes: 0, kinds: {}, oldest: null },
    trainings,
    asked: { opened: [], openingAtOnce: 0, exported: [], tags: [], providers: [] },
    failNext: (name, error) => void failures.push({ name, error }),
    loseBytes: (times) => void (lost = times),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    bytes(id) {
      const entry = stored.get(id)
      if (!entry || lost-- > 0) return Promise.reject(new AssayError('result-not-found', 'This is no longer kept; open the scan again.'))
      return Promise.resolve(entry)
    },
    call: (async (name: CallName, input: Record<string, never>) => {
      const failing = failures.findIndex((failure) => failure.name === name)
      if (failing >= 0) throw failures.splice(failing, 1)[0]!.error
      return answers[name]?.(input)
    }) as EngineClient['call'],
  }

  async function run(jobId: string, paths: string[], alpha: number): Promise<void> {
    for (const [i, path] of paths.entries()) {
      if (engine.pace > 0) await new Promise((resolve) => setTimeout(resolve, engine.pace))
      if (jobs.get(jobId)?.state === 'cancelled') return
      const resultId = `${jobId}-${i}`
      const result = judge(path, sizeOf(path))
      results.set(resultId, { jobId, result, alpha })
      emit({ name: 'scan.result', payload: { jobId, resultId, result } })
      const left = ((paths.length - i - 1) * engine.pace) / 1000
      update({ ...jobs.get(jobId)!, done: i + 1, remainingSeconds: engine.pace > 0 ? left : null })
    }
    update({ ...jobs.get(jobId)!, state: 'done', endedAt: Date.now(), remainingSeconds: 0 })
  }

  function startCheck(): Job {
    const id = `job${jobs.size + 1}`
    const job = update({ id, kind: 'devices', state: 'running', title: 'Check where models can run', done: 0, total: 3, message: 'checking cpu', startedAt: Date.now(), endedAt: null, remainingSeconds: null })
    setTimeout(() => {
      if (jobs.get(id)!.state !== 'running') return
      devicesChecked = true
      update({ ...job, state: 'done', done: 3, endedAt: Date.now() })
    }, engine.pace)
    return job
  }

  const answers: Partial<Record<CallName, (input: any) => unknown>> = {
    'app.info': () => ({ version: '0.1.0', providers: ['webgpu', 'dml', 'cpu'], dataFolder: '/data' }),
    'settings.get': () => ({ settings: engine.settings, warning: engine.settingsWarning }),
    'settings.set': (change: SettingsChange) => {
      engine.settings = { ...engine.settings, ...change }
      emit({ name: 'settings', payload: engine.settings })
      return engine.settings
    },
    'settings.expired': () => engine.expired,
    'devices.list': () => (devicesChecked ? scriptedDevices : null),
    'attacks.list': () => [],
    'batch.list': () => [],
    'history.list': () => ({ total: 0, matched: 0, rows: [], bundles: [], file: '/data/history.jsonl' }),
    'audit.list': () => [],
    ...trainings.answers,
    'bundles.list': () => [...scriptedBundles, ...(trainings.made ? [trainings.bundle] : [])],
    'samples.list': () => scriptedSamples,
    'jobs.list': () => [...jobs.values()],
    'jobs.start': ({ kind, parameters }: CallInput<'jobs.start'>) => {
      if (kind === 'devices') return startCheck()
      if (kind === 'check-data' || kind === 'train-classifier' || kind === 'train-purifier') return trainings.start(kind, parameters)
      const { paths, alpha, provider } = parameters as { paths: string[]; alpha: number; provider?: string }
      engine.asked.providers.push(provider)
      const id = `job${jobs.size + 1}`
      const title = paths.length === 1 ? 'Screening 1 file' : `Screening ${paths.length} files`
      const job = update({ id, kind: 'scan', state: 'running', title, done: 0, total: paths.length, message: '', startedAt: Date.now(), endedAt: null, remainingSeconds: null })
      setImmediate(() => void run(id, paths, alpha))
      return job
    },
    'jobs.cancel': ({ jobId }: { jobId: string }) => update({ ...jobs.get(jobId)!, state: 'cancelled', endedAt: Date.now() }),
    'scan.results': ({ jobId }: { jobId: string }) =>
      [...results].filter(([, entry]) => entry.jobId === jobId).map(([resultId, { result }]) => ({ resultId, result })),
    'scan.open': async ({ resultId, frame }: { resultId: string; frame?: number }) => {
      const entry = results.get(resultId)
      if (!entry) throw new AssayError('result-not-found', 'This result is no longer known; screen the file again.')
      const { result, alpha } = entry
      const wanted = frame ?? result.frame ?? 1
      engine.asked.opened.push({ resultId, frame: wanted })
      engine.asked.openingAtOnce = Math.max(engine.asked.openingAtOnce, ++opening)
      if (engine.openPace > 0) await new Promise((resolve) => setTimeout(resolve, engine.openPace))
      opening--
      if (result.frames && wanted === seriesDamaged) throw new AssayError('image-corrupt', `${result.path} is damaged: frame ${wanted} cannot be decoded; copy it again from where it came.`)
      const { view, bytes } = draw(resultId, result.path.split('/').at(-1)!, wanted)
      for (const [id, data] of bytes) stored.set(id, { bytes: data, mediaType: 'application/octet-stream' })
      return { ...view, resultId, result: wanted === (result.frame ?? 1) ? result : verdictOn(result.path, true, wanted), alpha }
    },
    'scan.tags': ({ resultId, patientData }: { resultId: string; patientData: boolean }): DicomTag[] => {
      engine.asked.tags.push({ patientData })
      return scriptedTags(results.get(resultId)!.result.path, patientData)
    },
    'scan.export': (request: CallInput<'scan.export'>) => {
      const { resultId, format } = request
      engine.asked.exported.push(request)
      const id = `artifact-${resultId}-${format}`
      const bytes = new TextEncoder().encode(JSON.stringify(results.get(resultId)))
      stored.set(id, { bytes, mediaType: 'application/json', fileName: `result.${format}` })
      return { id, fileName: `result.${format}`, mediaType: 'application/json', bytes: bytes.length }
    },
  }
  return engine
}

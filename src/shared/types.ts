/**
 * Domain types that more than one process speaks of, with their units. Parsed with zod wherever they cross a border.
 */
import { z } from 'zod'
import { serializedErrorSchema } from './error-schema'

/** Execution providers of ONNX Runtime, and `auto` for the fastest that agrees with the CPU. */
export const providerNames = ['auto', 'cpu', 'webgpu', 'dml', 'coreml', 'cuda'] as const
export const providerSchema = z.enum(providerNames)
export type ProviderChoice = (typeof providerNames)[number]
export type Provider = Exclude<ProviderChoice, 'auto'>

export const providerNameSchema = providerSchema.exclude(['auto'])

/** A provider that was asked for before the one in use, and why it is not used. */
export const fallbackSchema = z.object({
  provider: providerNameSchema,
  reason: z.string(),
  /** The machine has nothing for it, so that it was not tried. */
  absent: z.literal(true).optional(),
})

export type Fallback = z.infer<typeof fallbackSchema>

/** What the check of a provider came to, on one graph. Differences are shares of the CPU's largest value. */
export const deviceSchema = z.object({
  provider: providerNameSchema,
  /** `reference`: the CPU, which the others are held against. `absent`: not tried. */
  state: z.enum(['reference', 'agrees', 'disagrees', 'failed', 'absent']),
  /** Why it is refused, or why it has no time. */
  reason: z.string().optional(),
  /** Largest difference of answers, and of gradients. Null where it is no number. */
  forward: z.number().nullable().optional(),
  backward: z.number().nullable().optional(),
  /** Per step, forward and backward. */
  milliseconds: z.number().optional(),
  /** Operators of the graph that run on the CPU all the same. */
  onCpu: z.array(z.string()).optional(),
})
export type Device = z.infer<typeof deviceSchema>

/** `assay devices --json`. */
export const deviceReportSchema = z.object({
  /** What the check was made on: processor, graphics, versions. */
  machine: z.string(),
  /** Milliseconds since 1970. */
  checkedAt: z.number(),
  devices: z.array(deviceSchema),
  /** What `auto` comes to on the check's own graph. */
  auto: providerNameSchema,
  /** The same on a model's own forward-and-backward graph, where one was named. */
  model: z
    .object({
      name: z.string(),
      devices: z.array(deviceSchema),
      /** What `auto` takes for each of its files. */
      auto: z.array(z.object({ file: z.string(), provider: providerNameSchema, onCpu: z.array(z.string()) })),
    })
    .optional(),
})
export type DeviceReport = z.infer<typeof deviceReportSchema>

/** A classifier's answer. `probabilities` are in the order of the bundle's classes and sum to 1. */
export const answerSchema = z.object({
  label: z.string(),
  probabilities: z.array(z.number()),
})
export type Answer = z.infer<typeof answerSchema>

/** One file's verdict: a line of results.jsonl and an element of `scan --json`'s `files`. */
export const scanResultSchema = z.object({
  path: z.string(),
  /** Of the file's bytes as they were screened. Absent where they could not be read, and in results of older versions. */
  sha256: z.string().optional(),
  status: z.enum(['clean', 'suspicious', 'error']),
  /** Detector score; larger is less like an untouched scan. Null where the file could not be read. */
  score: z.number().nullable(),
  /** Conformal p-value in (0, 1]: the share of untouched scans that look at least this unusual. */
  pValue: z.number().nullable(),
  /** The classifier's answer on the scan as it is. */
  before: answerSchema.nullable(),
  /** The classifier's answer on the purified scan. */
  after: answerSchema.nullable(),
  /** Path of the heatmap picture, relative to the output folder; null where there is none. */
  heatmap: z.string().nullable(),
  /** Path of the DICOM secondary capture, relative to the output folder; set where one was written. */
  capture: z.string().optional(),
  /** Set for files of several frames or slices: the one that was screened, counted from 1 as DICOM counts, and how many there are. */
  frame: z.number().int().positive().optional(),
  frames: z.number().int().positive().optional(),
  /** Set where the verdict may not apply: the file is of another kind than the bundle was made for. */
  warning: z.string().optional(),
  /** Set where the image looks unlike those that the bundle was calibrated on, so that its verdict is not to be relied on. */
  unfamiliar: z.literal(true).optional(),
  error: serializedErrorSchema.optional(),
  /** When it was screened, milliseconds since 1970. */
  at: z.number().optional(),
  /** Only in lines of results.jsonl: what earlier lines say of this folder counts no more, and this one is no result. */
  withdrawn: z.literal(true).optional(),
})
export type ScanResult = z.infer<typeof scanResultSchema>

export const scanCountsSchema = z.object({
  total: z.number().int(),
  clean: z.number().int(),
  suspicious: z.number().int(),
  error: z.number().int(),
})
export type ScanCounts = z.infer<typeof scanCountsSchema>

/** `scan --json`. */
export const scanReportSchema = z.object({
  bundle: z.string(),
  provider: z.string(),
  /** Set where providers were asked for first, or where the one in use leaves operators to the CPU. */
  fallbacks: z.array(fallbackSchema).optional(),
  onCpu: z.array(z.string()).optional(),
  alpha: z.number(),
  files: z.array(scanResultSchema),
  counts: scanCountsSchema,
})
export type ScanReport = z.infer<typeof scanReportSchema>

export const windowSchema = z.object({
  center: z.number(),
  /** Full width; values outside center ± width / 2 are black or white. */
  width: z.number().positive(),
  explanation: z.string().optional(),
})
export type VoiWindow = z.infer<typeof windowSchema>

/**
 * A plane of pixels that waits behind a handle (`app://pixels/<id>`, or the same route on the loopback host).
 * The bytes are little endian, rows top to bottom, samples interleaved. value = stored × slope + intercept.
 */
export const pixelPlaneSchema = z.object({
  id: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  samples: z.union([z.literal(1), z.literal(3)]),
  dtype: z.enum(['uint8', 'uint16', 'int16', 'float32']),
  slope: z.number(),
  intercept: z.number(),
  /** Smallest and largest stored value; padding and what is no number are left out. */
  min: z.number(),
  max: z.number(),
  /** True when small values are to be shown white (MONOCHROME1). */
  invert: z.boolean(),
  /** Windows in modality values; the first is the default. */
  windows: z.array(windowSchema).min(1),
  /** What the values are: '' (plain grey), 'HU', 'share of full range', ... */
  unit: z.string(),
  /** Millimetres between pixel centres, where the file says so. */
  spacing: z.object({ row: z.number().positive(), column: z.number().positive() }).optional(),
  /** Height of a pixel divided by its width, where it is not 1 and there is no spacing. */
  aspect: z.number().positive().optional(),
  /** Stored values from low to high (inclusive) are padding: no image, shown black. */
  padding: z.object({ low: z.number(), high: z.number() }).optional(),
  /** The file's VOI lookup tables: modality value − first is the place in the table; the bytes behind `id` are uint16. */
  tables: z
    .array(z.object({ id: z.string(), explanation: z.string(), first: z.number(), bits: z.number().int().positive(), length: z.number().int().positive() }))
    .optional(),
})
export type PixelPlane = z.infer<typeof pixelPlaneSchema>

/** How the heatmap's colours are to be read. Values are shares of the model's full intensity range [0, 1]. */
export const heatmapScaleSchema = z.object({
  /** Value at the hot end of the colour bar; hotter values are clamped. */
  hot: z.number().positive(),
  /** 99th percentile of the heatmap on untouched calibration scans: below it nothing is remarkable. */
  usual: z.number().nonnegative(),
})
export type HeatmapScale = z.infer<typeof heatmapScaleSchema>

/** All that the viewer needs for one screened file. The three planes have the same width and height. */
export const screenedViewSchema = z.object({
  resultId: z.string(),
  fileName: z.string(),
  /** What the file is, whatever it is called. */
  format: z.enum(['png', 'jpeg', 'tiff', 'bmp', 'webp', 'dicom', 'nifti']),
  /** DICOM modality, where the file says one: 'CT', 'US', ... */
  modality: z.string().optional(),
  /** The frame that is shown, counted from 1, and how many the file has. */
  frame: z.number().int().positive(),
  frames: z.number().int().positive(),
  /** Of the frame that is shown: another frame than the one of the scan is screened when it is opened. */
  result: scanResultSchema,
  bundle: z.object({ id: z.string(), name: z.string(), classes: z.array(z.string()), inputWidth: z.number(), inputHeight: z.number() }),
  alpha: z.number(),
  scan: pixelPlaneSchema,
  purified: pixelPlaneSchema,
  /** |scan − purified| smoothed, at the scan's own size; float32, share of full range. */
  heatmap: pixelPlaneSchema,
  heatmapScale: heatmapScaleSchema,
  /** The verdict in words: a headline and a sentence that says what the number means. */
  verdict: z.object({ headline: z.string(), detail: z.string() }),
  /** Plain facts about the file for the side panel, no patient data: format, size, bits, transfer syntax. */
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
})
export type ScreenedView = z.infer<typeof screenedViewSchema>

/** One element of a DICOM data set, as a person reads it. */
export const dicomTagSchema = z.object({
  /** "(0010,0010)". */
  tag: z.string(),
  vr: z.string(),
  /** Name by the standard's dictionary; the creator's name for private elements. */
  name: z.string(),
  /** Long values are cut; binary ones are told by their length. Empty where hidden. */
  value: z.string(),
  /** 0 at top level, one more in each sequence. */
  depth: z.number().int().nonnegative(),
  /** Odd group: known to its maker only. */
  private: z.boolean(),
  /** Tells of a person, and was not asked for. */
  hidden: z.boolean(),
})
export type DicomTag = z.infer<typeof dicomTagSchema>

/** Something made for saving (a picture, a JSON file), fetched by handle like pixels. */
export const artifactSchema = z.object({
  id: z.string(),
  fileName: z.string(),
  mediaType: z.string(),
  bytes: z.number().int(),
})
export type Artifact = z.infer<typeof artifactSchema>

export const bundleSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  modality: z.string(),
  bodyPart: z.string(),
  classes: z.array(z.string()),
  inputWidth: z.number().int(),
  inputHeight: z.number().int(),
  channels: z.number().int(),
  /** True when it has a purifier and a calibration, so that it can screen. */
  canScreen: z.boolean(),
  /** Number of untouched scans behind the calibration. */
  calibrationCount: z.number().int(),
  /** Where it lies; names it also where its manifest cannot be read. */
  path: z.string().optional(),
  /** Set where it lies in the person's own folder, so that it may be removed. */
  removable: z.boolean().optional(),
  /** Set where the folder is there but the bundle cannot be used. */
  error: serializedErrorSchema.optional(),
})
export type BundleSummary = z.infer<typeof bundleSummarySchema>

export const sampleSchema = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  path: z.string(),
  bundleId: z.string(),
})
export type Sample = z.infer<typeof sampleSchema>

export const jobStateSchema = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])
export type JobState = z.infer<typeof jobStateSchema>

export const jobKindSchema = z.enum([
  'scan',
  'attack',
  'audit',
  'check-data',
  'train-classifier',
  'train-purifier',
  'calibrate',
  'devices',
])
export type JobKind = z.infer<typeof jobKindSchema>

/** A job as fronts see it. Times are milliseconds since 1970. */
export const jobSchema = z.object({
  id: z.string(),
  kind: jobKindSchema,
  state: jobStateSchema,
  title: z.string(),
  done: z.number(),
  total: z.number(),
  /** One line on what is happening now. */
  message: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  /** Honest guess from the pace so far; null until there is a pace. */
  remainingSeconds: z.number().nullable(),
  error: serializedErrorSchema.optional(),
  /** A scan whose results are not told one by one: they are read in pages (`batch.rows`). */
  quiet: z.literal(true).optional(),
})
export type Job = z.infer<typeof jobSchema>

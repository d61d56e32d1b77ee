/**
 * `bundle.json`, format "assay-bundle/1": what a model bundle declares about itself.
 */
import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** A file name inside the bundle's folder; no way out of it. */
const innerFile = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)

/**
 * How modality values become the model's [0, 1]:
 * - `declared-range`: from the smallest to the largest value that the file's bits can store (0..255 for 8-bit pictures);
 * - `data-range`: between two percentiles of the image itself;
 * - `fixed`: between two modality values (HU for CT).
 */
export const intensitySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('declared-range') }),
  z.object({ kind: z.literal('data-range'), lowPercentile: z.number().min(0).max(100), highPercentile: z.number().min(0).max(100) }),
  z.object({ kind: z.literal('fixed'), low: z.number(), high: z.number() }),
])
export type Intensity = z.infer<typeof intensitySchema>

export const modelInputSchema = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Per channel, applied to [0, 1] values by whoever runs the classifier; the purifier sees plain [0, 1]. */
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  intensity: intensitySchema,
})
export type ModelInput = z.infer<typeof modelInputSchema>

/** What the detector can look at; `screening/scores` says how each is computed. */
export const scoreNames = [
  'residual',
  'disagreement',
  'relative',
  'divergence',
  'residual-fine',
  'residual-middle',
  'residual-coarse',
  'fineness',
  'local',
  'flatness',
  'second-pass',
  'novelty',
  'embedding',
] as const
export type ScoreName = (typeof scoreNames)[number]

/** A detector score is standardised on untouched scans: (value − median) / scale. */
export const detectorScoreSchema = z.object({
  name: z.enum(scoreNames),
  median: z.number(),
  scale: z.number().positive(),
})

/**
 * How standardised scores become one:
 * - `max`: the largest decides;
 * - `sum`: those above the median are added up.
 */
export const combineSchema = z.enum(['max', 'sum'])
export type Combine = z.infer<typeof combineSchema>

/** How well something separates attacked scans from untouched ones. Shares in [0, 1]. */
export const separationSchema = z.object({
  /** Area under the ROC curve, and share found at a false-alarm rate of 5 %, both as means over all attacks. */
  auc: z.number(),
  found: z.number(),
  /** The same under the strength of 2/255. */
  aucAt2of255: z.number(),
  foundAt2of255: z.number(),
  /** Share of merely noisy scans that it flags at that rate: the control. */
  noise: z.number(),
})
export type Separation = z.infer<typeof separationSchema>

/** What was measured when the scores were chosen. */
export const choiceSchema = z.object({
  /** Untouched scans that the choice was made on; none of them stands behind the p-values of the calibration that made it. */
  scans: z.number().int().positive(),
  /** The models learned from these scans, since too few others could be spared. */
  learned: z.literal(true).optional(),
  /** An earlier calibration made the choice, on scans of its own: its label and date. The present one kept it. */
  kept: z.object({ label: z.string(), date: z.string() }).optional(),
  attacks: z.array(z.string()),
  /** Of the chosen scores together. */
  together: separationSchema,
  /** Of each candidate alone, the best first. */
  candidates: z.array(separationSchema.extend({ name: z.enum(scoreNames) })),
})
export type Choice = z.infer<typeof choiceSchema>

/** What image files say of the devices that made them, in capitals and sorted; empty where they say nothing. */
export const originsSchema = z.object({
  /** DICOM modalities. */
  modalities: z.array(z.string()).default([]),
  manufacturers: z.array(z.string()).default([]),
  /** Maker and model. */
  devices: z.array(z.string()).default([]),
})
export type Origins = z.infer<typeof originsSchema>

/** What images look like at large, on purified model inputs: see `screening/appearance.ts`. */
export const appearanceSchema = z.object({
  features: z.array(z.object({ name: z.string(), mean: z.number(), scale: z.number().positive() })).min(1),
  /** Inverse of the covariance of the features, each standardised. */
  precision: z.array(z.array(z.number())),
  /** Distance beyond which an image is called unfamiliar. */
  threshold: z.number().positive(),
  /** Images behind it. */
  images: z.number().int().positive(),
  ...originsSchema.shape,
})
export type Appearance = z.infer<typeof appearanceSchema>

export const detectorSchema = z.object({
  combine: combineSchema,
  scores: z.array(detectorScoreSchema).min(1),
  /** Absent where the scores were not chosen by measuring. */
  choice: choiceSchema.optional(),
  /** How the calibration scans look, and how the data looked that the models learned from. */
  appearance: appearanceSchema.optional(),
  trainedOn: appearanceSchema.optional(),
  calibration: z.object({
    /** Combined scores of the untouched calibration scans, ascending. */
    scores: z.array(z.number()).min(1),
    /** 99th percentile of heatmap values on the same scans. */
    heatmapUsual: z.number().nonnegative(),
    /** Says which scans: a label and the hash over their contents. */
    data: z.object({ label: z.string(), sha256 }),
    date: z.string(),
  }),
})
export type Detector = z.infer<typeof detectorSchema>

/** What a bundle may be called. */
export const bundleIdPattern = /^[a-z0-9][a-z0-9-]*$/

export const bundleManifestSchema = z.object({
  format: z.literal('assay-bundle/1'),
  id: z.string().regex(bundleIdPattern),
  name: z.string().min(1),
  description: z.string().default(''),
  modality: z.string(),
  bodyPart: z.string(),
  classes: z.array(z.string().min(1)).min(2),
  input: modelInputSchema,
  classifier: z.object({
    file: innerFile,
    sha256,
    output: z.enum(['logits', 'softmax', 'sigmoid']),
    layout: z.enum(['nchw', 'nhwc']),
  }),
  purifier: z.object({ file: innerFile, sha256, loss: z.enum(['siamese', 'hgd', 'dae']) }).optional(),
  detector: detectorSchema.optional(),
  /** What trained it: commands, seeds, data hashes, results. Free form, shown on the card. */
  training: z.record(z.string(), z.unknown()).default({}),
})
export type BundleManifest = z.infer<typeof bundleManifestSchema>
export type BundleManifestInput = z.input<typeof bundleManifestSchema>

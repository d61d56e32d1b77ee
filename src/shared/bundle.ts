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

/** A detector score is standardised on untouched scans, (value − median) / scale, and the largest of them decides. */
export const detectorScoreSchema = z.object({
  name: z.enum(['residual', 'disagreement']),
  median: z.number(),
  scale: z.number().positive(),
})

export const detectorSchema = z.object({
  combine: z.literal('max'),
  scores: z.array(detectorScoreSchema).min(1),
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

export const bundleManifestSchema = z.object({
  format: z.literal('assay-bundle/1'),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
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

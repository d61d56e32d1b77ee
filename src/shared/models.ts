/**
 * What is said of models before and after they become bundles: facts about an ONNX file, and how images are made into
 * its input. Parsed wherever it crosses a border.
 */
import { z } from 'zod'
import { bundleManifestSchema, intensitySchema } from './bundle'
import { serializedErrorSchema } from './error-schema'
import { answerSchema } from './types'

const valueInfoSchema = z.object({
  name: z.string(),
  dtype: z.string(),
  /** A dimension is a number, or a name where it is open; null when the file does not declare it. */
  shape: z.array(z.union([z.number(), z.string()])).nullable(),
})

export const inspectedModelSchema = z.object({
  producer: z.string(),
  /** Operator set versions by domain. */
  opsets: z.record(z.string(), z.number()),
  inputs: z.array(valueInfoSchema),
  outputs: z.array(valueInfoSchema),
  parameters: z.number().int(),
  operators: z.array(z.object({ operator: z.string(), domain: z.string(), count: z.number().int(), differentiable: z.boolean() })),
  /** Whether a gradient with respect to the input can be built, found out by building it. */
  inputGradient: z.union([z.object({ possible: z.literal(true) }), z.object({ possible: z.literal(false), error: serializedErrorSchema })]),
  /** What to know before trusting a gradient of it. */
  warnings: z.array(z.object({ code: z.enum(['straight-through', 'half-precision', 'whole-numbers', 'no-gradient']), message: z.string() })),
})
export type InspectedModel = z.infer<typeof inspectedModelSchema>

/** How an image becomes a foreign model's input, and what its outputs mean. */
export const modelSettingsSchema = z.object({
  /** In the order of the outputs. */
  classes: z.array(z.string().min(1)).min(2).max(5000),
  width: z.number().int().min(1).max(4096),
  height: z.number().int().min(1).max(4096),
  channels: z.union([z.literal(1), z.literal(3)]),
  layout: z.enum(['nchw', 'nhwc']),
  output: z.enum(['logits', 'softmax', 'sigmoid']),
  /** (x − mean) / std of x in [0, 1]; one number, or one per channel in the model's order. 0 and 1/255 make 0 to 255 of it. */
  mean: z.array(z.number()).min(1).max(3),
  std: z.array(z.number().positive()).min(1).max(3),
  intensity: intensitySchema,
  /** Which colour the model's first channel is. */
  channelOrder: z.enum(['rgb', 'bgr']),
  /** Set where the model takes dark for light: 1 − x before anything else. */
  inverted: z.boolean(),
})
export type ModelSettings = z.infer<typeof modelSettingsSchema>

/** Settings as far as the file says them. */
export const guessedSettingsSchema = modelSettingsSchema.omit({ classes: true }).extend({
  /** Names where the file has them; as many as the model has outputs, 0 where that cannot be found out. */
  classCount: z.number().int(),
  classes: z.array(z.string()).nullable(),
  /** False where the file leaves rows and columns open. */
  sizeKnown: z.boolean(),
})
export type GuessedSettings = z.infer<typeof guessedSettingsSchema>

export const foundModelSchema = z.object({
  path: z.string(),
  fileName: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  model: inspectedModelSchema,
  /** Null where it cannot be a classifier of images; `problem` says why. */
  guess: guessedSettingsSchema.nullable(),
  problem: serializedErrorSchema.optional(),
  /** What was noticed, one sentence each. */
  hints: z.array(z.string()),
})
export type FoundModel = z.infer<typeof foundModelSchema>

export const describedBundleSchema = z.object({
  path: z.string(),
  manifest: bundleManifestSchema,
  /** MODEL_CARD.md, Markdown; null where there is none. */
  card: z.string().nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
  models: z.object({ classifier: inspectedModelSchema, purifier: inspectedModelSchema.optional() }),
})
export type DescribedBundle = z.infer<typeof describedBundleSchema>

/** One image as a model with some settings sees it. */
export const previewedImageSchema = z.object({
  path: z.string(),
  /** Handle of a PNG of the model's input before normalisation; null where the image could not be read. */
  thumbnail: z.string().nullable(),
  answer: answerSchema.nullable(),
  error: serializedErrorSchema.optional(),
})
export type PreviewedImage = z.infer<typeof previewedImageSchema>

/** An image to try a model on, and the folder that it lies in: by many people's custom the name of its class. */
export const trialImageSchema = z.object({ path: z.string(), folder: z.string() })
export type TrialImage = z.infer<typeof trialImageSchema>

/** How many images a model is tried on at most. */
export const mostTrialImages = 24

/**
 * A few of many paths, the same number of every folder as far as it has them, from all parts of it, in the order given.
 */
export function spread(paths: readonly string[], most: number): string[] {
  const folders = new Map<string, number[]>()
  paths.forEach((path, i) => {
    const folder = path.replace(/[^/\\]*$/, '')
    folders.set(folder, [...(folders.get(folder) ?? []), i])
  })
  const taken = new Set<number>()
  let open = [...folders.values()].sort((a, b) => a.length - b.length)
  // Small folders first: what they cannot fill is left to the large ones.
  while (open.length > 0 && taken.size < most) {
    const [smallest, ...others] = open as [number[], ...number[][]]
    const share = Math.min(smallest.length, Math.max(1, Math.floor((most - taken.size) / open.length)))
    for (let k = 0; k < share && taken.size < most; k++) taken.add(smallest[Math.floor((k * smallest.length) / share)]!)
    open = others
  }
  return paths.filter((_, i) => taken.has(i))
}

/** A bundle's id from a name: "Vendor Model v2" as "vendor-model-v2". */
export const idOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'bundle'

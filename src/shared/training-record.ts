/**
 * What a training leaves behind and the Train page shows: its learning curves line by line, its sample images, and how
 * the model stood before and after.
 *
 * The lines of `training.jsonl` in the job's folder are the truth; a page that was reloaded reads them again.
 */
import { z } from 'zod'
import { jobKindSchema, jobStateSchema, pixelPlaneSchema } from './types'

export const trainingKindSchema = jobKindSchema.extract(['train-classifier', 'train-purifier'])
export type TrainingKind = z.infer<typeof trainingKindSchema>

/** First line: what the epochs are made of. */
export const beginLineSchema = z.object({
  kind: z.literal('begin'),
  epochs: z.number().int().positive(),
  stepsPerEpoch: z.number().int().positive(),
  /** Learned from, and measured on after each epoch. */
  images: z.number().int(),
  validationImages: z.number().int(),
  input: z.object({ width: z.number().int(), height: z.number().int(), channels: z.union([z.literal(1), z.literal(3)]) }),
  classes: z.array(z.string()),
  /** Measures that no epoch changes, to hold the curves against. */
  reference: z.record(z.string(), z.number()),
  /** The sample images: their true classes, and the strength of the attack on them in units of [0, 1]; null where none is made. */
  samples: z.object({ labels: z.array(z.number().int()), epsilon: z.number().nullable() }),
  /** Sentences for the person, known before the first step; absent in older records. */
  warnings: z.array(z.string()).optional(),
})
export type BeginLine = z.infer<typeof beginLineSchema>

/** Now and then within an epoch. */
export const stepLineSchema = z.object({
  kind: z.literal('step'),
  /** Steps done in all. */
  step: z.number().int(),
  loss: z.number(),
})
export type StepLine = z.infer<typeof stepLineSchema>

/** After each epoch. */
export const epochLineSchema = z.object({
  kind: z.literal('epoch'),
  /** Counted from 1. */
  epoch: z.number().int().positive(),
  /** Steps done in all. */
  step: z.number().int(),
  /** Of computing, without pauses. */
  seconds: z.number(),
  /** The best so far, by what the training chooses by. */
  best: z.boolean(),
  /** Mean loss over the epoch, and what was measured on the validation part; accuracies from 0 to 1. */
  metrics: z.record(z.string(), z.number()),
  /** What the classifier answers on the sample images: one entry per way they are shown, one class and its probability per image. */
  answers: z.record(z.string(), z.array(z.object({ label: z.number().int(), probability: z.number() }))),
  /** There are sample images of this epoch to look at. */
  pictures: z.boolean(),
})
export type EpochLine = z.infer<typeof epochLineSchema>

export const trainingLineSchema = z.discriminatedUnion('kind', [beginLineSchema, stepLineSchema, epochLineSchema])
export type TrainingLine = z.infer<typeof trainingLineSchema>

/** `count` of `of` images. */
const counted = z.object({ count: z.number().int(), of: z.number().int() })
export type Counted = z.infer<typeof counted>

/** One way to ask the classifier, measured. Every row of a table is measured on the same images. */
export const measuredRowSchema = z.object({
  /** `before` and `after` the training; `both` where the training left it alone. */
  when: z.enum(['before', 'after', 'both']),
  purified: z.boolean(),
  clean: counted,
  /** Mean of the classes' own accuracies on untouched images. */
  balancedAccuracy: z.number(),
  /** Under PGD against the bare classifier, and where a purifier stands before it, against both together. ε in units of [0, 1]. */
  attacked: z.array(z.object({ epsilon: z.number(), oblivious: counted, adaptive: counted.nullable() })),
  /** Share of the images that the detector flags; null without a calibration. `clean` is null where it was calibrated on these images. */
  flagged: z.object({ alpha: z.number(), clean: counted.nullable(), attacked: z.array(z.object({ epsilon: z.number(), flagged: counted })) }).nullable(),
})
export type MeasuredRow = z.infer<typeof measuredRowSchema>

export const beforeAfterSchema = z.object({
  /** What the images are: held back from training, or of the test folder that no choice is made on. */
  part: z.enum(['validation', 'test']),
  images: z.number().int(),
  /** Steps of PGD. */
  steps: z.number().int(),
  rows: z.array(measuredRowSchema),
})
export type BeforeAfter = z.infer<typeof beforeAfterSchema>

/** A training in the list. */
export const trainingSummarySchema = z.object({
  jobId: z.string(),
  kind: trainingKindSchema,
  state: jobStateSchema,
  /** Name or id of the bundle that is made. */
  name: z.string(),
  /** The bundle that it started from; null for a new classifier. */
  from: z.string().nullable(),
  /** Folder of the bundle that is made; null where it is made of the one that it started from. */
  out: z.string().nullable(),
  data: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  epochs: z.number().int(),
  epochsDone: z.number().int(),
  /** Median seconds per epoch, and what the epochs were made of; null before the first is done. For estimates. `group` as `paceGroup` says it. */
  pace: z.object({ secondsPerEpoch: z.number(), images: z.number().int(), pixels: z.number().int(), group: z.string() }).nullable(),
})
export type TrainingSummary = z.infer<typeof trainingSummarySchema>

/** How far a training has been read. One that goes on is told of by the record before until it has lines of its own. */
export const trainingReadSchema = z.object({
  /** Job whose record it is. */
  record: z.string(),
  /** Lines of it. */
  lines: z.number().int().nonnegative(),
})
export type TrainingRead = z.infer<typeof trainingReadSchema>

export const openedTrainingSchema = z.object({
  summary: trainingSummarySchema,
  /** As the job was asked. */
  parameters: z.record(z.string(), z.unknown()),
  /** To ask from next time. */
  read: trainingReadSchema,
  /** Steps and epochs are what came since it was read before; else they are all that there are. */
  follows: z.boolean(),
  /** Null until the images are read. */
  begin: beginLineSchema.nullable(),
  steps: z.array(stepLineSchema),
  epochs: z.array(epochLineSchema),
  /** Id of the bundle that was made; null until it is there. */
  bundle: z.string().nullable(),
  beforeAfter: beforeAfterSchema.nullable(),
  /** Sentences on what to keep in mind: about the images from the start, about the result in the end. */
  warnings: z.array(z.string()),
  /** Files that could not be read. */
  unreadable: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
})
export type OpenedTraining = z.infer<typeof openedTrainingSchema>

/** The sample images as they were after an epoch. */
export const trainingSamplesSchema = z.object({
  epoch: z.number().int().positive(),
  images: z.array(
    z.object({
      label: z.number().int(),
      clean: pixelPlaneSchema,
      /** Null where the training makes no attacks. */
      attacked: pixelPlaneSchema.nullable(),
      /** The attacked image as the purifier leaves it; null where no purifier is trained. */
      purified: pixelPlaneSchema.nullable(),
      /** What is left of the attack: purified − clean; attacked − clean where nothing purifies. Share of full range. */
      difference: pixelPlaneSchema.nullable(),
    }),
  ),
})
export type TrainingSamples = z.infer<typeof trainingSamplesSchema>

/**
 * What the check of training data found: the result of a job of the kind `check-data`, and in part of every training.
 */
import { z } from 'zod'

/** What can be said about a data set. New ones go here first. */
export const dataFindingCodes = [
  'unreadable',
  'class-missing',
  'class-tiny',
  'class-imbalance',
  'too-few',
  'other-classes',
  'duplicates',
  'duplicates-across-classes',
  'duplicates-across-parts',
  'patients-unknown',
  'patients-across-parts',
  'patients-across-classes',
  'giveaway',
  'giveaway-tone',
  'mixed-modalities',
  'mixed-body-parts',
  'mixed-photometric',
  'other-modality',
  'colour',
  'upsampled',
  'blank',
  'narrow-range',
  'several-frames',
] as const

export const dataFindingSchema = z.object({
  /** `error`: training would be refused or its figures would mean nothing. `warning`: look before you train. `note`: good to know. */
  level: z.enum(['error', 'warning', 'note']),
  code: z.enum(dataFindingCodes),
  /** One sentence that says what is there and what to do. */
  message: z.string(),
  /** Paths, a few of them; of pictures that are alike two in one line, joined by ` = ` or ` ~ ` (nearly the same). */
  examples: z.array(z.string()),
  /** How many images, pairs, patients or classes it is about. */
  count: z.number().int().nonnegative(),
})
export type DataFinding = z.infer<typeof dataFindingSchema>

/** How well the class can be told from features that are none of disease; cross-validated, patients kept together. */
export const giveawaySchema = z.object({
  balancedAccuracy: z.number().min(0).max(1),
  /** 1 / number of classes. */
  chance: z.number().min(0).max(1),
  /** The same of each feature alone, best first; without those that come to no more than chance. */
  features: z.array(z.object({ name: z.string(), balancedAccuracy: z.number() })),
})
export type Giveaway = z.infer<typeof giveawaySchema>

/** `assay train check --json`. */
export const dataCheckSchema = z.object({
  /** Images that could be read, of each class in each part. */
  classes: z.array(z.object({ name: z.string(), training: z.number().int(), test: z.number().int() })),
  images: z.object({ training: z.number().int(), test: z.number().int() }),
  /** Of the first image that can be read, as a new classifier takes them where nobody says otherwise; null where none can. */
  channels: z.union([z.literal(1), z.literal(3)]).nullable(),
  unreadable: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  /** `known`: something says which images are of one patient. Else every image counts for a patient of its own. */
  patients: z.object({ known: z.boolean(), training: z.number().int(), test: z.number().int(), inBoth: z.number().int() }),
  /** Errors first. */
  findings: z.array(dataFindingSchema),
  /** From the file and its header alone: size, bytes, bits, format, device. Null where there are too few images. */
  giveaway: giveawaySchema.nullable(),
  /** From brightness and border of the picture alone. */
  tone: giveawaySchema.nullable(),
  seconds: z.number().nonnegative(),
})
export type DataCheck = z.infer<typeof dataCheckSchema>

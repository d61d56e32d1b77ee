/**
 * What an audit is asked, what it writes line by line, and what it reports: parsed wherever it crosses a border.
 *
 * The lines of `results.jsonl` are the truth; every number of the report is computed from them (see docs/AUDIT.md).
 */
import { z } from 'zod'
import { jobStateSchema, pixelPlaneSchema, providerNameSchema } from './types'

/** The attacks by the names that the command line and the records use; the registry of attacks holds one of each. */
export const attackNames = ['noise', 'fgsm', 'bim', 'mifgsm', 'pgd', 'apgd', 'apgd-dlr', 'apgdt', 'deepfool', 'cw', 'fab', 'joint', 'spsa', 'square', 'autoattack', 'autoattack-rand'] as const
export const attackNameSchema = z.enum(attackNames)
export type AttackName = z.infer<typeof attackNameSchema>

/** In which norm the size of a change is measured. */
export const normSchema = z.enum(['linf', 'l2'])
export type Norm = z.infer<typeof normSchema>

/**
 * What the attacker knows: `oblivious` the classifier, not the purifier; `adaptive` both, and their gradients;
 * `blackbox` answers of the whole pipeline only; `transfer` another bundle's classifier instead of this one.
 */
export const threatSchema = z.enum(['oblivious', 'adaptive', 'blackbox', 'transfer'])
export type Threat = z.infer<typeof threatSchema>

/** What stands before the classifier: nothing, the bundle's purifier, a simple filter, or another bundle's purifier (`bundle:<id>`). */
export const defenceSchema = z.union([z.enum(['none', 'purifier', 'median', 'jpeg', 'bits']), z.string().regex(/^bundle:[a-z0-9][a-z0-9-]*$/)])
export type Defence = z.infer<typeof defenceSchema>

/**
 * Runs that look for masked gradients and stand in no row: `noise` of the attack's size, an attack by `queries`, twice
 * the iterations (`doubling`), and strengths beyond those asked for until accuracy reaches guessing (`reach`).
 */
export const auditCheckSchema = z.enum(['noise', 'queries', 'doubling', 'reach'])
export type AuditCheck = z.infer<typeof auditCheckSchema>

/** One attack at one strength (a minimum-norm attack: at the largest) under one threat. */
export const auditRunSchema = z.object({
  /**
   * `<threat>/<attack>/<norm>/<ε>`, ε in 255ths for L∞, for instance `oblivious/pgd/linf/4`; names the run in records and
   * files. The attack of a variant is `pgd-bpda`; checks begin with `check/<check>/`.
   */
  id: z.string(),
  threat: threatSchema,
  attack: z.string(),
  norm: normSchema,
  /** In units of [0, 1]. */
  epsilon: z.number().positive(),
  /** One run of it speaks for every ε. */
  minimumNorm: z.boolean(),
  options: z.record(z.string(), z.number()),
  /** The bundle that a transfer attack was made on. */
  source: z.string().optional(),
  /** `bpda`: with the identity in the purifier's backward pass. */
  variant: z.literal('bpda').optional(),
  check: auditCheckSchema.optional(),
  /** Runs that speak for a part of the images only: every so many-th image, by its number. */
  every: z.number().int().positive().optional(),
})
export type AuditRun = z.infer<typeof auditRunSchema>

/** The answers on one image: predicted class by defence, and the detector's score where the bundle has one. */
export const judgementSchema = z.object({
  /** Class index by defence. */
  predicted: z.record(z.string(), z.number().int()),
  /** Probability of the true class, bare and purified. */
  confidence: z.object({ none: z.number(), purifier: z.number().optional() }),
  score: z.number().nullable(),
  pValue: z.number().nullable(),
})
export type Judgement = z.infer<typeof judgementSchema>

/** A line for each image before any attack. */
export const imageRecordSchema = z.object({
  kind: z.literal('image'),
  /** Number within the audit, from 0. */
  image: z.number().int(),
  /** Relative to the data folder, or `#<row>` of an archive. */
  path: z.string(),
  label: z.number().int(),
  clean: judgementSchema,
})
export type ImageRecord = z.infer<typeof imageRecordSchema>

/** A line for each file that could not be read. */
export const unreadableRecordSchema = z.object({ kind: z.literal('unreadable'), path: z.string(), code: z.string(), message: z.string() })
export type UnreadableRecord = z.infer<typeof unreadableRecordSchema>

/** A line for each image that a run attacked: those that the classifier gets right, bare or behind the purifier. */
export const attackedRecordSchema = z.object({
  kind: z.literal('attacked'),
  run: z.string(),
  image: z.number().int(),
  attacked: judgementSchema,
  /** Class index by defence after rounding to 8 bits, as a saved picture has them. */
  predictedAt8Bits: z.record(z.string(), z.number().int()),
  linf: z.number(),
  l2: z.number(),
  queries: z.number().int().optional(),
  /** Of an attack made of several: the one that got it; empty where none did. */
  brokenBy: z.string().optional(),
})
export type AttackedRecord = z.infer<typeof attackedRecordSchema>

/** Ends the lines of a chunk; lines behind the last one are dropped when an audit is resumed. Times stand nowhere else. */
export const chunkRecordSchema = z.object({ kind: z.literal('chunk'), run: z.string(), chunk: z.number().int(), seconds: z.number() })
export type ChunkRecord = z.infer<typeof chunkRecordSchema>

/** What was found out about the model itself, to tell masked gradients from robustness. */
export const checkRecordSchema = z.object({ kind: z.literal('check'), run: z.string(), name: z.string(), values: z.record(z.string(), z.number()) })
export type CheckRecord = z.infer<typeof checkRecordSchema>

export const auditRecordSchema = z.discriminatedUnion('kind', [imageRecordSchema, unreadableRecordSchema, attackedRecordSchema, chunkRecordSchema, checkRecordSchema])
export type AuditRecord = z.infer<typeof auditRecordSchema>

/** A share of images, with its 95 % confidence interval (Wilson). */
export const shareSchema = z.object({ value: z.number(), low: z.number(), high: z.number(), count: z.number().int(), of: z.number().int() })
export type Share = z.infer<typeof shareSchema>

export const rocPointSchema = z.object({ falseAlarmRate: z.number(), detectionRate: z.number() })

export const auditRowSchema = z.object({
  attack: z.string(),
  title: z.string(),
  norm: normSchema,
  eps: z.number(),
  threat: threatSchema,
  /** The run behind the row; rows of a minimum-norm attack share one. */
  run: z.string(),
  minimumNorm: z.boolean(),
  variant: z.literal('bpda').optional(),
  source: z.string().optional(),
  /** Of the attack; reports of earlier versions lack them. */
  options: z.record(z.string(), z.number()).optional(),
  /** Images attacked. */
  attacked: z.number().int(),
  robustAccuracy: z.number(),
  robustAccuracyPurified: z.number().nullable(),
  detectionAuc: z.number().nullable(),
  /** Share of the attacked images that the detector flags at α. */
  detectedAtAlpha: z.number().nullable(),
  /** Median size of the change among the images that the attack broke within this ε, bare or behind the purifier as its target is; 0 where it broke none. */
  medianL2: z.number(),
  medianLinf: z.number(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  /** Robust accuracy with its interval, by defence. */
  robust: z.record(z.string(), shareSchema),
  /** The same after rounding to 8 bits. */
  robustAt8Bits: z.record(z.string(), shareSchema),
  /** Of all images: those that are wrong behind the purifier and not flagged at α, so that nobody is warned. */
  evaded: shareSchema.nullable(),
  /** Share detected where at most 1 % and 5 % of clean images are. */
  detectedAtFalseAlarms: z.object({ onePercent: z.number(), fivePercent: z.number() }).nullable(),
  roc: z.array(rocPointSchema).nullable(),
  medianQueries: z.number().nullable(),
  /** Of an attack made of several: images that each of them got. */
  brokenBy: z.record(z.string(), z.number().int()).optional(),
  /**
   * Of an attack that looks for the smallest change: the median over the changes of any size that broke an image, and how
   * many those are.
   */
  smallest: z.object({ medianL2: z.number(), medianLinf: z.number(), broken: z.number().int() }).optional(),
})
export type AuditRow = z.infer<typeof auditRowSchema>

/**
 * Images that none of the attacks of a threat at an ε (and below) broke. The adaptive attacker also has what the
 * oblivious and the black-box attacker found.
 */
export const worstCaseSchema = z.object({
  threat: threatSchema,
  norm: normSchema,
  eps: z.number(),
  attacks: z.array(z.string()),
  robust: z.record(z.string(), shareSchema),
  robustAt8Bits: z.record(z.string(), shareSchema),
  /** Images that some attack made wrong behind the purifier without being flagged at α. */
  evaded: shareSchema.nullable(),
})
export type WorstCase = z.infer<typeof worstCaseSchema>

/** Accuracy against ε, from 0 on; `of` says how many images stand behind a point. `attack` is `worst` for the worst case of a threat. */
export const curveSchema = z.object({ threat: threatSchema, attack: z.string(), norm: normSchema, defence: z.string(), points: z.array(z.object({ eps: z.number(), accuracy: z.number(), of: z.number().int() })) })
export type Curve = z.infer<typeof curveSchema>

/** Rows are true classes, columns predicted ones. */
export const confusionSchema = z.object({ title: z.string(), defence: z.string(), run: z.string().nullable(), counts: z.array(z.array(z.number().int())) })
export type Confusion = z.infer<typeof confusionSchema>

export const auditWarningSchema = z.object({ code: z.string(), message: z.string() })
export type AuditWarning = z.infer<typeof auditWarningSchema>

/** `audit.json`, and what `audit --json` prints. */
export const auditReportSchema = z.object({
  format: z.literal('assay-audit/1'),
  model: z.object({
    id: z.string(),
    name: z.string(),
    classes: z.array(z.string()),
    /** The finding that was attacked, of a model that answers several. */
    finding: z.string().nullable(),
    classifier: z.string(),
    purifier: z.string().nullable(),
    input: z.object({ width: z.number(), height: z.number(), channels: z.number() }),
  }),
  /** Other bundles' purifiers in the columns `defence`, by the hash of their file; absent in older audits. */
  compared: z.array(z.object({ defence: z.string(), id: z.string(), name: z.string(), purifier: z.string().nullable() })).optional(),
  /** The bundle that transfer attacks were made on, by the hash of its classifier; absent without one. */
  source: z.object({ id: z.string(), name: z.string(), classifier: z.string() }).optional(),
  /** `counts`: images of each class. */
  data: z.object({ path: z.string(), sha256: z.string(), unreadable: z.number().int(), counts: z.array(z.number().int()) }),
  n: z.number().int(),
  alpha: z.number(),
  seed: z.number().int(),
  provider: z.string(),
  versions: z.record(z.string(), z.string()),
  cleanAccuracy: z.number(),
  cleanAccuracyPurified: z.number().nullable(),
  /** What stood before the classifier, in the order of columns. */
  defences: z.array(z.string()),
  threats: z.array(threatSchema),
  /** Clean accuracy with its interval, by defence. */
  clean: z.record(z.string(), shareSchema),
  /** Share of clean images that the detector flags at α. */
  falseAlarms: shareSchema.nullable(),
  runs: z.array(auditRowSchema),
  worstCase: z.array(worstCaseSchema),
  curves: z.array(curveSchema),
  confusion: z.array(confusionSchema),
  warnings: z.array(auditWarningSchema),
  /** Files that could not be read; no number counts them. */
  unreadable: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
  /** True while the audit is under way or was cut off: the numbers are those of the runs that are complete. */
  partial: z.boolean(),
  /** Sentences on what this audit does not show. */
  limits: z.array(z.string()),
  /** Seconds spent attacking; the only thing that differs between two audits with the same seed. */
  seconds: z.number(),
})
export type AuditReport = z.infer<typeof auditReportSchema>

/** An attack as forms and lists show it. */
export const attackDescriptionSchema = z.object({
  name: attackNameSchema,
  title: z.string(),
  norms: z.array(normSchema),
  access: z.enum(['gradients', 'queries', 'none']),
  minimumNorm: z.boolean(),
  random: z.boolean(),
  reference: z.string(),
  /** `standard` is the value at the ε that was asked about. */
  parameters: z.array(z.object({ name: z.string(), label: z.string(), minimum: z.number(), maximum: z.number(), integer: z.boolean(), standard: z.number() })),
})
export type AttackDescription = z.infer<typeof attackDescriptionSchema>

/** What an audit would do and how long it would take, before it is started. */
export const auditPlanSchema = z.object({
  bundle: z.string(),
  classes: z.array(z.string()),
  /** Images chosen; some of them may turn out to be unreadable. */
  images: z.number().int(),
  counts: z.array(z.number().int()),
  defences: z.array(z.string()),
  /** Passes per image at most, images that an earlier audit has attacked already, and the seconds that the others and the judging would take. */
  runs: z.array(z.object({ run: auditRunSchema, title: z.string(), forward: z.number(), gradient: z.number(), taken: z.number().int(), seconds: z.number() })),
  /** Passes in all, at most. */
  passes: z.number(),
  /** From a short measurement of one batch; attacks that end early make it less. */
  seconds: z.number(),
  /** The same where of AutoAttack the first attack breaks every image, as it does of most bare classifiers. */
  secondsIfBroken: z.number(),
  provider: providerNameSchema,
  warnings: z.array(auditWarningSchema),
})
export type AuditPlan = z.infer<typeof auditPlanSchema>

/** Whether AutoAttack may take so much less than at most that it is worth telling. */
export const mayEndEarly = ({ seconds, secondsIfBroken }: Pick<AuditPlan, 'seconds' | 'secondsIfBroken'>): boolean => secondsIfBroken < 0.8 * seconds

/**
 * What became of an image under a run at a strength, behind the purifier where there is one: `wrong` before any attack;
 * `untried` where the run did not attack it; `beyond`: made wrong by a change larger than the strength, which counts as
 * resisted; `evaded`: broken, and not flagged at α.
 */
export const imageFateSchema = z.enum(['wrong', 'untried', 'resisted', 'beyond', 'broken', 'evaded'])
export type ImageFate = z.infer<typeof imageFateSchema>

/** An image of a run, as the table lists it. */
export const auditImageSchema = z.object({
  image: z.number().int(),
  path: z.string(),
  label: z.number().int(),
  clean: judgementSchema,
  fate: imageFateSchema,
  /** Null where the run did not attack the image. */
  attacked: judgementSchema.nullable(),
  linf: z.number().nullable(),
  l2: z.number().nullable(),
  queries: z.number().int().nullable(),
})
export type AuditImage = z.infer<typeof auditImageSchema>

/** One image of a run for the viewer, at the model's size. */
export const auditViewSchema = z.object({
  run: auditRunSchema,
  title: z.string(),
  classes: z.array(z.string()),
  record: auditImageSchema,
  clean: pixelPlaneSchema,
  /** Null where the run did not attack the image. */
  attacked: pixelPlaneSchema.nullable(),
  /** The attacked image after the purifier, or the clean one where there is none; null where the bundle has no purifier. */
  purified: pixelPlaneSchema.nullable(),
  /** attacked − clean, share of full range, mean over the channels; float32. */
  difference: pixelPlaneSchema.nullable(),
})
export type AuditView = z.infer<typeof auditViewSchema>

/** An audit that was run on this machine. */
export const auditSummarySchema = z.object({ jobId: z.string(), folder: z.string(), title: z.string(), state: jobStateSchema, bundle: z.string(), data: z.string(), startedAt: z.number(), endedAt: z.number().nullable() })
export type AuditSummary = z.infer<typeof auditSummarySchema>

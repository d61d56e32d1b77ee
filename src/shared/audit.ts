/**
 * What an audit is asked, what it writes line by line, and what it reports: parsed wherever it crosses a border.
 *
 * The lines of `results.jsonl` are the truth; every number of the report is computed from them (see docs/AUDIT.md).
 */
import { z } from 'zod'

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

/** One attack at one strength (a minimum-norm attack: at the largest) under one threat. */
export const auditRunSchema = z.object({
  /** `<threat>/<attack>/<norm>/<ε·255>`, for instance `oblivious/pgd/linf/4`; names the run in records and files. */
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

/** A line for each image that a run attacked: those that its target classified right. */
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
  /** Images attacked. */
  attacked: z.number().int(),
  robustAccuracy: z.number(),
  robustAccuracyPurified: z.number().nullable(),
  detectionAuc: z.number().nullable(),
  /** Share of the attacked images that the detector flags at α. */
  detectedAtAlpha: z.number().nullable(),
  medianL2: z.number(),
  medianLinf: z.number(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  /** Robust accuracy with its interval, by defence. */
  robust: z.record(z.string(), shareSchema),
  /** The same after rounding to 8 bits. */
  robustAt8Bits: z.record(z.string(), shareSchema),
  /** Share detected where at most 1 % and 5 % of clean images are. */
  detectedAtFalseAlarms: z.object({ onePercent: z.number(), fivePercent: z.number() }).nullable(),
  roc: z.array(rocPointSchema).nullable(),
  medianQueries: z.number().nullable(),
  /** Of an attack made of several: images that each of them got. */
  brokenBy: z.record(z.string(), z.number().int()).optional(),
})
export type AuditRow = z.infer<typeof auditRowSchema>

/** Images that none of the attacks of a threat at an ε (and below) broke. */
export const worstCaseSchema = z.object({ threat: threatSchema, norm: normSchema, eps: z.number(), attacks: z.array(z.string()), robust: z.record(z.string(), shareSchema) })
export type WorstCase = z.infer<typeof worstCaseSchema>

/** Accuracy against ε, from 0 on. */
export const curveSchema = z.object({ threat: threatSchema, attack: z.string(), norm: normSchema, defence: z.string(), points: z.array(z.object({ eps: z.number(), accuracy: z.number() })) })
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
  data: z.object({ path: z.string(), sha256: z.string(), unreadable: z.number().int() }),
  n: z.number().int(),
  alpha: z.number(),
  seed: z.number().int(),
  provider: z.string(),
  versions: z.record(z.string(), z.string()),
  cleanAccuracy: z.number(),
  cleanAccuracyPurified: z.number().nullable(),
  /** Clean accuracy with its interval, by defence. */
  clean: z.record(z.string(), shareSchema),
  /** Share of clean images that the detector flags at α. */
  falseAlarms: shareSchema.nullable(),
  runs: z.array(auditRowSchema),
  worstCase: z.array(worstCaseSchema),
  curves: z.array(curveSchema),
  confusion: z.array(confusionSchema),
  warnings: z.array(auditWarningSchema),
  /** Sentences on what this audit does not show. */
  limits: z.array(z.string()),
  /** Seconds spent attacking; the only thing that differs between two audits with the same seed. */
  seconds: z.number(),
})
export type AuditReport = z.infer<typeof auditReportSchema>

/**
 * The contract between every front (renderer, host, command line) and the engine: one map of calls, one map of events.
 * A transport (electron IPC, loopback HTTP, a worker's message port) carries them; `engine/` answers them.
 * Pixels and artifacts never travel in here: they are fetched by handle.
 */
import { z } from 'zod'
import { attackDescriptionSchema, auditImageSchema, auditPlanSchema, auditReportSchema, auditRowSchema, auditRunSchema, auditSummarySchema, auditViewSchema, normSchema } from './audit'
import { artifactSchema, bundleSummarySchema, deviceReportSchema, dicomTagSchema, jobKindSchema, jobSchema, providerNameSchema, sampleSchema, scanResultSchema, screenedViewSchema } from './types'
import { batchCountSchema, batchExportSchema, batchRowsSchema, batchSummarySchema } from './batch'
import { bundleManifestSchema } from './bundle'
import { calibrationPlanSchema } from './calibration'
import { heatLookSchema } from './heat-colours'
import { historyCheckSchema, historyFilterSchema, historyPageSchema } from './history'
import { jobParameters } from './job-parameters'
import { orientationSchema } from './orientation'
import { expiredJobsSchema, heldSettingsSchema, retentionDaysSchema, settingsChangeSchema, settingsSchema } from './settings'
import { openedTrainingSchema, trainingReadSchema, trainingSamplesSchema, trainingSummarySchema } from './training-record'
import { describedBundleSchema, foundModelSchema, modelSettingsSchema, mostTrialImages, previewedImageSchema, trialImageSchema } from './models'

const none = z.object({}).strict()
/** An audit: its job, or the folder that it was written into. */
const auditPlace = z.object({ jobId: z.string().optional(), folder: z.string().optional() })
/** A run as a row counts it: one of a minimum-norm attack at `eps`, or at its largest strength; others at their own. */
const auditRunAt = auditPlace.extend({ run: z.string(), eps: z.number().positive().optional() })

export const calls = {
  'app.info': {
    input: none,
    output: z.object({ version: z.string(), providers: z.array(providerNameSchema), dataFolder: z.string() }),
  },
  'settings.get': { input: none, output: heldSettingsSchema },
  /** Changes the settings that are named; a `settings` event follows. */
  'settings.set': { input: settingsChangeSchema, output: settingsSchema },
  /** What keeping job folders for so many days would delete. */
  'settings.expired': { input: z.object({ days: retentionDaysSchema }), output: expiredJobsSchema },

  /** What is remembered of the providers' check; null before the first. A job of the kind `devices` checks. */
  'devices.list': { input: none, output: deviceReportSchema.nullable() },
  'bundles.list': { input: none, output: z.array(bundleSummarySchema) },
  'samples.list': { input: none, output: z.array(sampleSchema) },

  /** All about an installed bundle, its hashes verified: manifest, card, what its models are made of. */
  'models.describe': { input: z.object({ bundle: z.string() }), output: describedBundleSchema },
  /** An ONNX file before it is imported: what is in it, and settings as far as it says them. */
  'models.inspect': { input: z.object({ path: z.string() }), output: foundModelSchema },
  /** A few images of files and folders, the same number of every folder, to try a model on. */
  'models.images': { input: z.object({ paths: z.array(z.string()).min(1) }), output: z.array(trialImageSchema) },
  /** What the model answers with these settings. Ask once for each way that is to be compared. */
  'models.preview': {
    input: z.object({ path: z.string(), settings: modelSettingsSchema, images: z.array(z.string()).max(mostTrialImages) }),
    output: z.array(previewedImageSchema),
  },
  /** Makes a bundle in the data folder of an ONNX file; never over another. */
  'models.import': {
    input: z.object({
      path: z.string(),
      settings: modelSettingsSchema,
      ...bundleManifestSchema.pick({ id: true, name: true, modality: true, bodyPart: true }).shape,
    }),
    output: z.object({ id: z.string(), warnings: z.array(z.string()) }),
  },
  /** Copies a bundle (a folder, its bundle.json, or a zip), hashes verified, into the data folder. */
  'models.importBundle': { input: z.object({ path: z.string() }), output: z.object({ id: z.string() }) },
  /** Puts a bundle of the data folder aside; `models.restore` brings it back. */
  'models.remove': { input: z.object({ bundle: z.string() }), output: z.object({ removed: z.string() }) },
  'models.restore': { input: z.object({ removed: z.string() }), output: none },
  /** What calibrating a bundle on these scans would do. A job of the kind `calibrate` does it. */
  'models.planCalibration': { input: jobParameters.calibrate.pick({ bundle: true, data: true, keepScores: true }), output: calibrationPlanSchema },

  /** Starts a job and answers at once; `job` events follow, and `scan.result` events for scans. */
  'jobs.start': {
    input: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('scan'), parameters: jobParameters.scan }),
      z.object({ kind: z.literal('attack'), parameters: jobParameters.attack }),
      z.object({ kind: z.literal('audit'), parameters: jobParameters.audit }),
      z.object({ kind: z.literal('check-data'), parameters: jobParameters['check-data'] }),
      z.object({ kind: z.literal('train-classifier'), parameters: jobParameters['train-classifier'] }),
      z.object({ kind: z.literal('train-purifier'), parameters: jobParameters['train-purifier'] }),
      z.object({ kind: z.literal('calibrate'), parameters: jobParameters.calibrate }),
      z.object({ kind: z.literal('devices'), parameters: jobParameters.devices }),
    ]),
    output: jobSchema,
  },
  'jobs.list': { input: none, output: z.array(jobSchema) },
  'jobs.cancel': { input: z.object({ jobId: z.string() }), output: jobSchema },
  /** Asks a training to end now with the best it has; other jobs go on to their end. */
  'jobs.finish': { input: z.object({ jobId: z.string() }), output: jobSchema },
  /** Waits for the end. `result` is the object that the command line prints with --json, null unless the job is done. */
  'jobs.wait': {
    input: z.object({ jobId: z.string() }),
    output: z.object({
      job: jobSchema,
      result: z.unknown(),
      /** 1 failed or cancelled, 3 done but some inputs could not be read. */
      exitCode: z.union([z.literal(0), z.literal(1), z.literal(3)]),
    }),
  },

  /** All results of a scan job so far, for a page that was reloaded. */
  'scan.results': {
    input: z.object({ jobId: z.string() }),
    output: z.array(z.object({ resultId: z.string(), result: scanResultSchema })),
  },
  /** Decodes and purifies one screened file again for the viewer; the planes stay until others push them out. */
  'scan.open': {
    input: z.object({
      resultId: z.string(),
      /** Counted from 1; the frame that the scan screened when absent. */
      frame: z.number().int().positive().optional(),
    }),
    output: screenedViewSchema,
  },
  /** The elements of a DICOM file; none for other formats. */
  'scan.tags': {
    input: z.object({
      resultId: z.string(),
      /** Without it the values that tell of a person stay in the engine. */
      patientData: z.boolean().default(false),
    }),
    output: z.array(dicomTagSchema),
  },
  'scan.export': {
    input: z.object({
      resultId: z.string(),
      /** `pdf`: one page with the verdict, the pictures and the facts. `dicom`: a secondary capture of the sheet, in the study of the scan. `anonymised`: a copy of a DICOM file without what tells of a person. */
      format: z.enum(['png', 'json', 'pdf', 'dicom', 'anonymised']),
      /** Like `scan.open`. */
      frame: z.number().int().positive().optional(),
      /** Opacity of the heatmap over the scan in the picture, 0 to 1. */
      opacity: z.number().min(0).max(1).default(0.6),
      /** Window of the scan in the picture; the plane's default when absent. */
      window: z.object({ center: z.number(), width: z.number().positive() }).optional(),
      /** Place of a VOI lookup table among the plane's `tables`: in the picture it stands for the window. */
      table: z.number().int().nonnegative().optional(),
      invert: z.boolean().default(false),
      /** Colours of the heat in the picture; the usual ones when absent. */
      heatLook: heatLookSchema.optional(),
      /** How the pictures are turned; as the file has them when absent. */
      orientation: orientationSchema.optional(),
    }),
    output: artifactSchema,
  },

  /** How many files a scan of these files and folders would screen. */
  'batch.count': { input: z.object({ paths: z.array(z.string()).min(1) }), output: batchCountSchema },
  /** Scans of many files that were run here, newest first, those of the command line among them. */
  'batch.list': { input: none, output: z.array(batchSummarySchema) },
  /** One scan, of whichever page. */
  'batch.open': { input: z.object({ jobId: z.string() }), output: batchSummarySchema },
  /** Results from a line on, in a page of at most `mostRows`; while the scan runs too. */
  'batch.rows': { input: z.object({ jobId: z.string(), from: z.number().int().nonnegative() }), output: batchRowsSchema },
  /** Goes on with a scan that was stopped or cut off, or tries again what could not be screened. */
  'batch.resume': { input: z.object({ jobId: z.string(), retryFailed: z.boolean().default(false) }), output: jobSchema },
  /** The results that are shown, as a file. */
  'batch.export': { input: batchExportSchema, output: artifactSchema },

  /** Records of what was screened, newest first. */
  'history.list': { input: historyFilterSchema.extend({ offset: z.number().int().nonnegative().default(0), limit: z.number().int().positive().max(500).default(200) }), output: historyPageSchema },
  /** Whether the chain of records is as it was written. */
  'history.verify': { input: none, output: historyCheckSchema },
  'history.export': { input: historyFilterSchema.extend({ format: z.enum(['csv', 'json']) }), output: artifactSchema },

  /** All attacks, for forms; standard values of their options at `epsilon` in `norm`. */
  'attacks.list': {
    input: z.object({ norm: normSchema.default('linf'), epsilon: z.number().positive().default(4 / 255) }),
    output: z.array(attackDescriptionSchema),
  },
  /** What an audit would do and how long it would take. */
  'audit.plan': { input: jobParameters.audit, output: auditPlanSchema },
  /** Audits that were run here, newest first. */
  'audit.list': { input: none, output: z.array(auditSummarySchema) },
  /** The report of an audit; while it runs, of what is complete. Null before it has begun. */
  'audit.report': { input: auditPlace, output: auditReportSchema.nullable() },
  /** Goes on with an audit that was stopped or cut off: the same audit again, without what is finished. */
  'audit.resume': { input: z.object({ jobId: z.string() }), output: jobSchema },
  /** A file of a finished audit, for saving. */
  'audit.export': { input: auditPlace.extend({ file: z.enum(['report.html', 'report.pdf', 'results.csv', 'audit.json']) }), output: artifactSchema },
  /** The images of one run. */
  'audit.images': { input: auditRunAt, output: z.array(auditImageSchema) },
  /** One image of a run for the viewer; attacked ones of audits that kept their adversarial images. */
  'audit.image': { input: auditRunAt.extend({ image: z.number().int().nonnegative() }), output: auditViewSchema },

  /** Trainings that were run here, newest first. */
  'train.list': { input: none, output: z.array(trainingSummarySchema) },
  /** One of them, as far as it has come; of its curves only what is new to who has read it before. */
  'train.open': { input: z.object({ jobId: z.string(), read: trainingReadSchema.optional() }), output: openedTrainingSchema },
  /** The sample images as they were after an epoch; the planes stay until others push them out. */
  'train.samples': { input: z.object({ jobId: z.string(), epoch: z.number().int().positive() }), output: trainingSamplesSchema },
  /** Goes on with a training that was paused or cut off, from its checkpoint. */
  'train.resume': { input: z.object({ jobId: z.string() }), output: jobSchema },
} as const

export const events = {
  job: jobSchema,
  /** All settings, after one was changed by any front of this engine. */
  settings: settingsSchema,
  'scan.result': z.object({ jobId: z.string(), resultId: z.string(), result: scanResultSchema }),
  /** A run of an audit: what it came to so far, after each chunk of images. `row` is null for checks. */
  'audit.run': z.object({ jobId: z.string(), run: auditRunSchema, done: z.number().int(), total: z.number().int(), row: auditRowSchema.nullable() }),
  /** What speaks against the data of a training, before its first step. */
  'train.warnings': z.object({ jobId: z.string(), warnings: z.array(z.string()) }),
  /** Learning curves: what each epoch came to, and the loss now and then in between, where `epoch` is null. `step` counts from the beginning. */
  'train.metrics': z.object({ jobId: z.string(), epoch: z.number().int().positive().nullable(), step: z.number(), metrics: z.record(z.string(), z.number()) }),
} as const

export type CallName = keyof typeof calls
export type CallInput<K extends CallName> = z.input<(typeof calls)[K]['input']>
export type CallOutput<K extends CallName> = z.output<(typeof calls)[K]['output']>
export type EventName = keyof typeof events
export type EventPayload<K extends EventName> = z.output<(typeof events)[K]>
export type AnyEvent = { [K in EventName]: { name: K; payload: EventPayload<K> } }[EventName]

/** What every front offers to the code behind it. */
export interface EngineClient {
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>>
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: AnyEvent) => void): () => void
}

/** Bytes behind a handle, as a front serves them. */
export interface StoredBytes {
  bytes: Uint8Array
  mediaType: string
  /** Set for artifacts: the name to save under. */
  fileName?: string
}

export { jobKindSchema, jobParameters }

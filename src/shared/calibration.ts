/**
 * What a calibration would do with a folder of scans, and what it came to: `--json` prints the report whole, the terminal
 * its summary, the Models page both.
 */
import { z } from 'zod'
import { choiceSchema, combineSchema, detectorScoreSchema, originsSchema, scoreNames } from './bundle'
import { serializedErrorSchema } from './error-schema'

const counted = z.object({ count: z.number().int(), of: z.number().int() })

/** Share of untouched scans that are flagged at α: on average over calibrations of so many scans, and for 19 in 20 of them. */
export const falseAlarmsSchema = z.object({ alpha: z.number(), mean: z.number(), low: z.number(), high: z.number() })
export type FalseAlarms = z.infer<typeof falseAlarmsSchema>

/** A calibration that was replaced, judged on the scans of the new one. */
export const earlierCalibrationSchema = z.object({
  label: z.string(),
  date: z.string(),
  calibrationCount: z.number().int(),
  scores: z.array(z.enum(scoreNames)),
  heatmapUsual: z.number(),
  /** Of the new scans: those that it flags at α, and those that look unlike its own; null where it does not know how those look. */
  flagged: counted,
  unfamiliar: counted.nullable(),
})
export type EarlierCalibration = z.infer<typeof earlierCalibrationSchema>

export const calibrationPlanSchema = z.object({
  /** Files that would be read. */
  images: z.number().int(),
  /** Those of them that choose the scores; 0 where the bundle's are kept. */
  choosing: z.number().int(),
  /** Those of them that stand behind the p-values. */
  behind: z.number().int(),
  /** Null where nothing could be flagged. */
  falseAlarms: falseAlarmsSchema.nullable(),
  /** What stands against it, worst first: nothing comes of it, nothing can be flagged, the scores cannot be chosen. */
  lacks: z.array(z.object({ code: z.enum(['too-few', 'nothing-flagged', 'no-choice']), atLeast: z.number().int() })),
})
export type CalibrationPlan = z.infer<typeof calibrationPlanSchema>

export const calibrationReportSchema = z.object({
  /** Id of the bundle that has the calibration. */
  bundle: z.string(),
  /** Scans that were read, and those of them behind the p-values. */
  scans: z.number().int(),
  calibrationCount: z.number().int(),
  /** What the detector looks at, how that becomes one number, and both in a sentence. */
  scores: z.array(detectorScoreSchema),
  combine: combineSchema,
  sentence: z.string(),
  /** What was measured on these scans to choose the scores; null where the scores are those of before. */
  choice: choiceSchema.nullable(),
  heatmapUsual: z.number(),
  date: z.string(),
  /** What false alarms are told for. */
  alpha: z.number(),
  /** Null where nothing can be flagged at so small an α. */
  falseAlarms: falseAlarmsSchema.nullable(),
  /** Which devices the scans come from, as far as their files say. */
  origins: originsSchema,
  /** Null where there was none, where it cannot be asked, and where it was made on these very scans. */
  earlier: earlierCalibrationSchema.nullable(),
  warnings: z.array(z.string()),
  failures: z.array(z.object({ path: z.string(), error: serializedErrorSchema })),
})
export type CalibrationReport = z.infer<typeof calibrationReportSchema>

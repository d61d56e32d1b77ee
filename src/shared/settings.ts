/**
 * What the person chose for good: kept by the engine in `settings.json` of the data folder, the same for every front.
 * What belongs to one window (which page, which row) is not in here.
 */
import { z } from 'zod'
import { providerSchema } from './types'

export const languages = ['en', 'de'] as const
export const languageSchema = z.enum(languages)
export type Language = z.infer<typeof languageSchema>

export const themes = ['dark', 'light', 'system'] as const
export const themeSchema = z.enum(themes)
export type Theme = z.infer<typeof themeSchema>

/** Job folders are kept for at least a day: one that has just ended is still being looked at. */
export const retentionDaysSchema = z.number().int().min(1).max(36_500)

/** Without defaults: those of a schema would come back in a change that does not speak of them. */
export const settingsSchema = z.object({
  provider: providerSchema,
  /** Share of untouched scans that may be flagged, for what is screened next. */
  alpha: z.number().gt(0).lt(1),
  language: languageSchema,
  theme: themeSchema,
  /** Whether values of a DICOM file that tell of a person are shown without asking. */
  showPatientData: z.boolean(),
  /** Days that the folders of ended jobs are kept; null keeps them for ever. */
  retentionDays: retentionDaysSchema.nullable(),
  /** Whether the history records where a file lay, beside its hash. */
  pathsInHistory: z.boolean(),
  /** Keys that stand for a shortcut's own, by the shortcut's id; keys as `shortcuts/table.ts` writes them. */
  shortcuts: z.record(z.string(), z.array(z.string().min(1).max(40)).max(8)),
  /** The first-start note was read and acknowledged. */
  acknowledged: z.boolean(),
  /** Id of the bundle that was last worked with. */
  bundle: z.string().nullable(),
})
export type Settings = z.infer<typeof settingsSchema>

export const settingsChangeSchema = settingsSchema.partial().strict()
export type SettingsChange = z.infer<typeof settingsChangeSchema>

export const defaultSettings: Settings = {
  provider: 'auto',
  alpha: 0.05,
  language: 'en',
  theme: 'dark',
  showPatientData: false,
  retentionDays: null,
  pathsInHistory: false,
  shortcuts: {},
  acknowledged: false,
  bundle: null,
}

/** `settings.get`. */
export const heldSettingsSchema = z.object({
  settings: settingsSchema,
  /** What was wrong with the file since this engine started; null where it could be read. */
  warning: z.string().nullable(),
})
export type HeldSettings = z.infer<typeof heldSettingsSchema>

/** What a retention would delete. */
export const expiredJobsSchema = z.object({
  count: z.number().int().nonnegative(),
  bytes: z.number().nonnegative(),
  /** By the kind of the job. */
  kinds: z.record(z.string(), z.number().int()),
  /** When the oldest of them ended, in milliseconds since 1970; null without any. */
  oldest: z.number().nullable(),
})
export type ExpiredJobs = z.infer<typeof expiredJobsSchema>

/**
 * Errors that come from another process, checked.
 */
import { z } from 'zod'
import type { SerializedError } from './errors'
import { errorCodes } from './errors'

export const serializedErrorSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
}) satisfies z.ZodType<SerializedError>

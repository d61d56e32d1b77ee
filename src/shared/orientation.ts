/** How a picture is turned to be looked at, in the viewer and in what is saved from it. */
import { z } from 'zod'

/** Mirrored left to right first, then turned clockwise. Every order of turning and mirroring comes to one of these. */
export const orientationSchema = z.object({
  quarterTurns: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  mirrored: z.boolean(),
})
export type Orientation = z.infer<typeof orientationSchema>

export const upright: Orientation = { quarterTurns: 0, mirrored: false }

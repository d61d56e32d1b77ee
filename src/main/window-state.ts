/**
 * Where the window was and how large, and what of that still makes sense: the screen it lay on may be gone, or smaller
 * than it was.
 */
import { z } from 'zod'

export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export const windowStateSchema = z.object({
  /** Of the window when it is neither maximised nor full screen. Null before the first start. */
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().positive(), height: z.number().int().positive() }).nullable(),
  maximised: z.boolean(),
  fullScreen: z.boolean(),
})
export type WindowState = z.infer<typeof windowStateSchema>

export const firstWindow: WindowState = { bounds: null, maximised: false, fullScreen: false }
const usual = { width: 1440, height: 920 }
export const smallest = { width: 960, height: 640 }
/** So much of the title bar has to be on a screen for a hand to catch it, in pixels. */
const graspWidth = 120
const graspHeight = 32

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))

/** Width and height of the part that two rectangles share, zero or less where they share none. */
const overlap = (a: Rectangle, b: Rectangle): [number, number] => [
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
]

/**
 * Bounds for the window, in the coordinates of all screens.
 * @param workAreas of the screens that are there now, the primary one first. Without a place on one of them the window
 * goes to the middle of the primary one.
 */
export function placeOnScreens(bounds: WindowState['bounds'], workAreas: readonly Rectangle[]): Partial<Rectangle> & { width: number; height: number } {
  const home = bounds && workAreas.find((area) => {
    const [width, height] = overlap({ ...bounds, height: graspHeight }, area)
    return width >= graspWidth && height >= graspHeight
  })
  const area = home ?? workAreas[0]
  if (!area) return usual
  // The smallest window may be larger than a small screen; it is then cut off, not squeezed.
  const width = clamp(bounds?.width ?? usual.width, smallest.width, Math.max(smallest.width, area.width))
  const height = clamp(bounds?.height ?? usual.height, smallest.height, Math.max(smallest.height, area.height))
  return bounds && home ? { x: bounds.x, y: bounds.y, width, height } : { width, height }
}

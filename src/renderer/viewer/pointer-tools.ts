/**
 * What a drag does, by button and modifier: a table, so that help text and behaviour cannot part ways.
 * cornerstone-tools would do the same and a hundred things more; it is frozen and heavy.
 */
import type { PlainKey } from '../language'

export type Tool = 'window' | 'pan' | 'zoom' | 'measure'

interface Gesture {
  button: 0 | 1 | 2
  /** With Space or Alt held. */
  held: boolean
  tool: Tool
}

const gestures: readonly Gesture[] = [
  { button: 0, held: true, tool: 'pan' },
  { button: 0, held: false, tool: 'window' },
  { button: 1, held: false, tool: 'pan' },
  { button: 1, held: true, tool: 'pan' },
  { button: 2, held: false, tool: 'zoom' },
  { button: 2, held: true, tool: 'zoom' },
]

/** @param measuring the ruler is out: it takes the place of the window */
export function toolFor(button: number, held: boolean, measuring = false): Tool | null {
  const tool = gestures.find((gesture) => gesture.button === button && gesture.held === held)?.tool ?? null
  return tool === 'window' && measuring ? 'measure' : tool
}

/** Zoom factor of a vertical drag: up is nearer, 200 pixels double. */
export const dragZoom = (dy: number): number => 2 ** (-dy / 200)

/** Zoom factor of a wheel event in its own units (pixels, lines or pages). */
export function wheelZoom(deltaY: number, deltaMode: number): number {
  const pixels = deltaY * (deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1)
  return 2 ** (-Math.max(-240, Math.min(240, pixels)) / 400)
}

/** Pixels of slow turning (touch pads, smooth wheels) that make one frame. */
const pixelsPerFrame = 60
/** From here on an event is a notch of a mouse wheel: 100 or 120 pixels, by the system. */
const notch = 100

/**
 * Frames that a wheel event goes on by: one for a notch of a mouse wheel, while slow turning is added up.
 * @param carried what slow turning has left over so far
 */
export function wheelFrames(carried: number, deltaY: number, deltaMode: number): { frames: number; carried: number } {
  if (deltaMode !== 0) return { frames: Math.sign(deltaY), carried: 0 }
  if (Math.abs(deltaY) >= notch) return { frames: Math.sign(deltaY) * Math.round(Math.abs(deltaY) / 120), carried: 0 }
  const sum = Math.sign(carried) === -Math.sign(deltaY) ? deltaY : carried + deltaY
  const frames = Math.trunc(sum / pixelsPerFrame) || 0
  return { frames, carried: sum - frames * pixelsPerFrame }
}

export const pointerHelp: readonly { keys: PlainKey; label: PlainKey }[] = [
  { keys: 'pointer.drag', label: 'pointer.window' },
  { keys: 'pointer.shiftDrag', label: 'pointer.fine' },
  { keys: 'pointer.ctrlDrag', label: 'pointer.coarse' },
  { keys: 'pointer.panDrag', label: 'pointer.pan' },
  { keys: 'pointer.zoomDrag', label: 'pointer.zoom' },
  { keys: 'pointer.wheel', label: 'pointer.frames' },
  { keys: 'pointer.double', label: 'pointer.alone' },
]

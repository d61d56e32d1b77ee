/**
 * What a drag does, by button and modifier: a table, so that help text and behaviour cannot part ways.
 * cornerstone-tools would do the same and a hundred things more; it is frozen and heavy.
 */
export type Tool = 'window' | 'pan' | 'zoom'

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

export const toolFor = (button: number, held: boolean): Tool | null =>
  gestures.find((gesture) => gesture.button === button && gesture.held === held)?.tool ?? null

/** Zoom factor of a vertical drag: up is nearer, 200 pixels double. */
export const dragZoom = (dy: number): number => 2 ** (-dy / 200)

/** Zoom factor of a wheel event in its own units (pixels, lines or pages). */
export function wheelZoom(deltaY: number, deltaMode: number): number {
  const pixels = deltaY * (deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1)
  return 2 ** (-Math.max(-240, Math.min(240, pixels)) / 400)
}

export const pointerHelp: readonly { keys: string; label: string }[] = [
  { keys: 'Drag', label: 'Window and level (right: wider, down: darker)' },
  { keys: 'Shift + drag', label: 'The same, fine' },
  { keys: 'Ctrl + drag', label: 'The same, coarse' },
  { keys: 'Middle drag, Space or Alt + drag', label: 'Pan' },
  { keys: 'Right drag, wheel', label: 'Zoom' },
  { keys: 'Double click', label: 'One view full, and back' },
]

/** Every keyboard shortcut as a record: the list behind `?` and the behaviour come from the same place. */
export type ShortcutId =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'open'
  | 'preset'
  | 'invert'
  | 'reset'
  | 'zoom-in'
  | 'zoom-out'
  | 'heat'
  | 'less-heat'
  | 'more-heat'
  | 'alone'
  | 'next-frame'
  | 'previous-frame'
  | 'ten-frames-on'
  | 'ten-frames-back'
  | 'play'
  | 'tags'
  | 'save-picture'
  | 'help'
  | 'go'

export interface Shortcut {
  id: ShortcutId
  /** `KeyboardEvent.key` values, lower case. */
  keys: readonly string[]
  /** What is printed on the key. */
  shown: string
  /** Set where Shift makes another shortcut of the same key. */
  shift?: boolean
  label: string
  /** All but those of 'Everywhere' act where the viewer is. */
  group: 'List' | 'Views' | 'Slices' | 'Result' | 'Everywhere'
}

export const shortcuts: readonly Shortcut[] = [
  { id: 'previous', keys: ['arrowup', 'k'], shown: '↑', label: 'Previous scan', group: 'List' },
  { id: 'next', keys: ['arrowdown', 'j'], shown: '↓', label: 'Next scan', group: 'List' },
  { id: 'first', keys: ['home'], shown: 'Home', label: 'First scan', group: 'List' },
  { id: 'last', keys: ['end'], shown: 'End', label: 'Last scan', group: 'List' },
  { id: 'open', keys: ['enter'], shown: 'Enter', label: 'Open the selected scan', group: 'List' },
  { id: 'preset', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], shown: '1 – 9', label: "The file's windows and tables, its full range, HU windows", group: 'Views' },
  { id: 'invert', keys: ['i'], shown: 'I', label: 'Invert', group: 'Views' },
  { id: 'reset', keys: ['r'], shown: 'R or Space', label: 'Reset window, zoom and pan', group: 'Views' },
  { id: 'zoom-in', keys: ['+', '='], shown: '+', label: 'Zoom in', group: 'Views' },
  { id: 'zoom-out', keys: ['-'], shown: '−', label: 'Zoom out', group: 'Views' },
  { id: 'heat', keys: ['h'], shown: 'H', label: 'Heat map on and off', group: 'Views' },
  { id: 'less-heat', keys: ['['], shown: '[', label: 'Heat map fainter', group: 'Views' },
  { id: 'more-heat', keys: [']'], shown: ']', label: 'Heat map stronger', group: 'Views' },
  { id: 'alone', keys: ['f'], shown: 'F', label: 'One view full, and back', group: 'Views' },
  { id: 'previous-frame', keys: ['arrowleft', 'pageup'], shift: false, shown: '← or Page Up', label: 'Previous slice or frame', group: 'Slices' },
  { id: 'next-frame', keys: ['arrowright', 'pagedown'], shift: false, shown: '→ or Page Down', label: 'Next slice or frame', group: 'Slices' },
  { id: 'ten-frames-back', keys: ['arrowleft', 'pageup'], shift: true, shown: 'Shift + ←', label: 'Ten back', group: 'Slices' },
  { id: 'ten-frames-on', keys: ['arrowright', 'pagedown'], shift: true, shown: 'Shift + →', label: 'Ten on', group: 'Slices' },
  { id: 'play', keys: ['c'], shown: 'C', label: 'Play as a film, and stop', group: 'Slices' },
  { id: 'tags', keys: ['t'], shown: 'T', label: 'Tags of the file', group: 'Result' },
  { id: 'save-picture', keys: ['s'], shown: 'S', label: 'Save the result as a picture', group: 'Result' },
  { id: 'help', keys: ['?'], shown: '?', label: 'This list', group: 'Everywhere' },
  { id: 'go', keys: ['g'], shown: 'G, then its letter', label: 'Another page', group: 'Everywhere' },
]

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/**
 * The shortcut of a key press; none with Ctrl, Alt or Meta, which belong to the browser and the system.
 * @param screening whether a page with the viewer is shown
 */
export function shortcutFor({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyPress, screening: boolean): ShortcutId | null {
  if (ctrlKey || metaKey || altKey) return null
  const fits = (each: Shortcut): boolean => each.keys.includes(key.toLowerCase()) && (each.shift === undefined || each.shift === shiftKey)
  return shortcuts.find((each) => fits(each) && (screening || each.group === 'Everywhere'))?.id ?? null
}

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
  | 'save-picture'
  | 'help'

export interface Shortcut {
  id: ShortcutId
  /** `KeyboardEvent.key` values, lower case. */
  keys: readonly string[]
  /** What is printed on the key. */
  shown: string
  label: string
  group: 'List' | 'Views' | 'Result'
}

export const shortcuts: readonly Shortcut[] = [
  { id: 'previous', keys: ['arrowup', 'k'], shown: '↑', label: 'Previous scan', group: 'List' },
  { id: 'next', keys: ['arrowdown', 'j'], shown: '↓', label: 'Next scan', group: 'List' },
  { id: 'first', keys: ['home'], shown: 'Home', label: 'First scan', group: 'List' },
  { id: 'last', keys: ['end'], shown: 'End', label: 'Last scan', group: 'List' },
  { id: 'open', keys: ['enter'], shown: 'Enter', label: 'Open the selected scan', group: 'List' },
  { id: 'preset', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], shown: '1 – 9', label: "The file's windows, then its full range", group: 'Views' },
  { id: 'invert', keys: ['i'], shown: 'I', label: 'Invert', group: 'Views' },
  { id: 'reset', keys: ['r'], shown: 'R or Space', label: 'Reset window, zoom and pan', group: 'Views' },
  { id: 'zoom-in', keys: ['+', '='], shown: '+', label: 'Zoom in', group: 'Views' },
  { id: 'zoom-out', keys: ['-'], shown: '−', label: 'Zoom out', group: 'Views' },
  { id: 'heat', keys: ['h'], shown: 'H', label: 'Heat map on and off', group: 'Views' },
  { id: 'less-heat', keys: ['['], shown: '[', label: 'Heat map fainter', group: 'Views' },
  { id: 'more-heat', keys: [']'], shown: ']', label: 'Heat map stronger', group: 'Views' },
  { id: 'alone', keys: ['f'], shown: 'F', label: 'One view full, and back', group: 'Views' },
  { id: 'save-picture', keys: ['s'], shown: 'S', label: 'Save the result as a picture', group: 'Result' },
  { id: 'help', keys: ['?'], shown: '?', label: 'This list', group: 'Result' },
]

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** The shortcut of a key press; none with Ctrl, Alt or Meta, which belong to the browser and the system. */
export function shortcutFor({ key, ctrlKey, metaKey, altKey }: KeyPress): ShortcutId | null {
  if (ctrlKey || metaKey || altKey) return null
  return shortcuts.find((each) => each.keys.includes(key.toLowerCase()))?.id ?? null
}

/**
 * Every keyboard shortcut as a record: the list behind `?`, the Settings page and the behaviour come from the same place.
 * A key is a `KeyboardEvent.key` in lower case, after `shift+` where Shift makes another shortcut of it.
 */
export const shortcutIds = [
  'previous', 'next', 'first', 'last', 'open',
  'preset', 'invert', 'turn-right', 'turn-left', 'mirror-across', 'mirror-down', 'reset', 'zoom-in', 'zoom-out', 'magnifier', 'ruler', 'flicker', 'heat', 'less-heat', 'more-heat', 'alone',
  'previous-frame', 'next-frame', 'ten-frames-back', 'ten-frames-on', 'play',
  'tags', 'save-picture',
  'help', 'go',
] as const
export type ShortcutId = (typeof shortcutIds)[number]

/** All but those of 'everywhere' act on the Screen page alone. */
export type ShortcutGroup = 'list' | 'views' | 'slices' | 'result' | 'everywhere'

export interface Shortcut {
  id: ShortcutId
  keys: readonly string[]
  group: ShortcutGroup
  /** Its keys cannot be changed: other things hang on them. */
  fixed?: true
  /** Printed instead of the keys. */
  shown?: string
}

export const shortcuts: readonly Shortcut[] = [
  { id: 'previous', keys: ['arrowup', 'k'], group: 'list' },
  { id: 'next', keys: ['arrowdown', 'j'], group: 'list' },
  { id: 'first', keys: ['home'], group: 'list' },
  { id: 'last', keys: ['end'], group: 'list' },
  { id: 'open', keys: ['enter'], group: 'list', fixed: true },
  { id: 'preset', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], group: 'views', fixed: true, shown: '1 – 9' },
  { id: 'invert', keys: ['i'], group: 'views' },
  { id: 'turn-right', keys: ['r'], group: 'views' },
  { id: 'turn-left', keys: ['l'], group: 'views' },
  { id: 'mirror-across', keys: ['h'], group: 'views' },
  { id: 'mirror-down', keys: ['v'], group: 'views' },
  // Space is told apart from panning by how it is let go (space-key.ts).
  { id: 'reset', keys: [' '], group: 'views', fixed: true },
  { id: 'zoom-in', keys: ['+', '='], group: 'views' },
  { id: 'zoom-out', keys: ['-'], group: 'views' },
  { id: 'magnifier', keys: ['m'], group: 'views' },
  { id: 'ruler', keys: ['d'], group: 'views' },
  { id: 'flicker', keys: ['x'], group: 'views' },
  { id: 'heat', keys: ['o'], group: 'views' },
  { id: 'less-heat', keys: ['['], group: 'views' },
  { id: 'more-heat', keys: [']'], group: 'views' },
  { id: 'alone', keys: ['f'], group: 'views' },
  { id: 'previous-frame', keys: ['arrowleft', 'pageup'], group: 'slices' },
  { id: 'next-frame', keys: ['arrowright', 'pagedown'], group: 'slices' },
  { id: 'ten-frames-back', keys: ['shift+arrowleft', 'shift+pageup'], group: 'slices' },
  { id: 'ten-frames-on', keys: ['shift+arrowright', 'shift+pagedown'], group: 'slices' },
  { id: 'play', keys: ['c'], group: 'slices' },
  { id: 'tags', keys: ['t'], group: 'result' },
  { id: 'save-picture', keys: ['s'], group: 'result' },
  { id: 'help', keys: ['?'], group: 'everywhere' },
  { id: 'go', keys: ['g'], group: 'everywhere' },
]

/** Keys that a person chose, by the shortcut's id. */
export type KeyChoices = Readonly<Record<string, readonly string[]>>

/** The table with the person's own keys in it. */
export const withChoices = (choices: KeyChoices): Shortcut[] =>
  shortcuts.map((each) => {
    const chosen = each.fixed ? undefined : choices[each.id]
    return chosen && chosen.length > 0 ? { ...each, keys: chosen } : each
  })

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

const isSign = (key: string): boolean => /^[^\p{L}\p{N}\s]$/u.test(key)

/**
 * Whether a press belongs to the browser and the system, as those with Ctrl, Alt or Meta do. A Mac calls its Option key
 * Alt, and German and many other keyboards write "[" and "]" with it: a sign is a sign, however it is written.
 */
export const isCommand = ({ key, ctrlKey, metaKey, altKey }: KeyPress): boolean => ctrlKey || metaKey || (altKey && !isSign(key))

/**
 * The shortcut of a key press; none of a command.
 * @param screening whether a page with the viewer is shown
 */
export function shortcutFor(press: KeyPress, screening: boolean, table: readonly Shortcut[] = shortcuts): ShortcutId | null {
  if (isCommand(press)) return null
  const { key, shiftKey } = press
  const name = key.toLowerCase()
  const find = (wanted: string): ShortcutId | null => table.find((each) => each.keys.includes(wanted) && (screening || each.group === 'everywhere'))?.id ?? null
  // Where Shift has no meaning of its own for a key, it changes nothing: capitals, and signs that need it.
  return (shiftKey ? find(`shift+${name}`) : null) ?? find(name)
}

/** A key for a shortcut, as the person presses it: which it is, whether it may be had, and what it is called. */
import { t } from '../language'
import type { PlainKey } from '../language'
import type { KeyChoices, KeyPress, ShortcutId } from './table'
import { isCommand, shortcuts, withChoices } from './table'

const modifiers = new Set(['shift', 'control', 'alt', 'altgraph', 'meta', 'capslock', 'numlock', 'fn', 'dead', 'unidentified', 'process'])
/** What the focus, dialogs, panning and the windows of the file hang on, and what browsers do not give away. */
const isReserved = (key: string): boolean => /^(?:tab|escape|enter| |contextmenu|[0-9]|f\d+)$/.test(key)

export type ChosenKey =
  | { outcome: 'waiting' }
  | { outcome: 'modifier' }
  | { outcome: 'reserved'; key: string }
  | { outcome: 'taken'; key: string; by: ShortcutId }
  | { outcome: 'free'; key: string }

/**
 * What becomes of a key that was pressed for a shortcut. Keys that only act on the Screen page and those that act
 * everywhere do not share either: help must not turn the picture.
 */
export function chosenKey(press: KeyPress, id: ShortcutId, choices: KeyChoices): ChosenKey {
  const { key, shiftKey } = press
  const name = key.toLowerCase()
  if (modifiers.has(name)) return { outcome: 'waiting' }
  if (isCommand(press)) return { outcome: 'modifier' }
  if (isReserved(name)) return { outcome: 'reserved', key: name }
  // A sign that Shift makes is a key of its own; a letter or a named key stays the same key with Shift.
  const written = shiftKey && (name.length > 1 || name !== key) ? `shift+${name}` : name
  const by = withChoices(choices).find((each) => each.id !== id && each.keys.includes(written))
  return by ? { outcome: 'taken', key: written, by: by.id } : { outcome: 'free', key: written }
}

/** The choices with one more; a shortcut that has its own keys again is not among them. */
export function withChoice(choices: KeyChoices, id: ShortcutId, keys: readonly string[]): Record<string, string[]> {
  const { [id]: _before, ...others } = choices
  const own = shortcuts.find((each) => each.id === id)?.keys ?? []
  const same = keys.length === own.length && keys.every((key) => own.includes(key))
  return Object.fromEntries([...Object.entries(others), ...(same ? [] : [[id, keys] as const])].map(([name, each]) => [name, [...each]]))
}

const signs: Readonly<Record<string, string>> = { arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→', '-': '−' }
/** Keys that have words on them, others in each language. */
const words: Readonly<Record<string, PlainKey>> = { pageup: 'key.pageUp', pagedown: 'key.pageDown', home: 'key.home', end: 'key.end', enter: 'key.enter', ' ': 'key.space', backspace: 'key.backspace', delete: 'key.delete', insert: 'key.insert' }

/** What is printed on a key. */
export function keyName(key: string): string {
  if (key.startsWith('shift+')) return `${t('key.shift')} + ${keyName(key.slice(6))}`
  const word = words[key]
  if (word) return t(word)
  return signs[key] ?? (key.length === 1 ? key.toUpperCase() : `${key.charAt(0).toUpperCase()}${key.slice(1)}`)
}

/** Shortcuts in words: what a shortcut does, and which keys it has now. */
import { t } from '../language'
import { useSettings } from '../state/settings'
import { keyName } from './choosing'
import type { Shortcut, ShortcutId } from './table'
import { withChoices } from './table'

/** The table with the keys of now. */
export const currentShortcuts = (): Shortcut[] => withChoices(useSettings.getState().settings.shortcuts)

export const shortcutLabel = (id: ShortcutId): string => t(`shortcut.${id}`)

export const keysInWords = ({ keys, shown }: Pick<Shortcut, 'keys' | 'shown'>): string => shown ?? keys.map(keyName).join(' / ')

const keysOf = (id: ShortcutId): string => keysInWords(currentShortcuts().find((each) => each.id === id)!)

/** "G, then S": how a page is opened. @param letters of the page, or of several */
export const goThen = (letters: string): string => t('keys.goThen', { key: keysOf('go'), letters })

/** "Invert (I)", for what a pointer rests on. */
export const withKeys = (text: string, id: ShortcutId): string => `${text} (${keysOf(id)})`

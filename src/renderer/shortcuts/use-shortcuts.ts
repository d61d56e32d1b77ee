/** Listens for the shortcuts of the table on the whole window, except where a control or a dialog wants the keys itself. */
import { useEffect } from 'react'
import { pressSpace, releaseSpace } from './space-key'
import { shortcutFor } from './table'
import type { Shortcut, ShortcutId } from './table'

const wantsKeys = 'input, textarea, select, [contenteditable], [role="slider"], [role="menu"], [role="listbox"][data-radix-select-viewport], [role="dialog"], [role="alertdialog"], [role="combobox"][aria-expanded="true"]'
const wantsEnterAndSpace = 'button, a[href], [role="combobox"]'

/** An action that returns false had nothing to do: the key keeps its usual meaning. */
export type ShortcutActions = Record<Exclude<ShortcutId, 'preset' | 'go'>, () => unknown> & { preset: (key: string) => void; go: (key: string) => boolean }

/** What goes on for as long as its key is held. */
const repeating = new Set<ShortcutId>(['previous', 'next', 'previous-frame', 'next-frame', 'ten-frames-back', 'ten-frames-on', 'zoom-in', 'zoom-out', 'less-heat', 'more-heat'])

/** How long the second key of two may be waited for, in milliseconds. */
const patience = 1500

/**
 * @param screening whether a page with the viewer is shown, asked at each key
 * @param table the shortcuts with the person's own keys, asked at each key
 */
export function useShortcuts(actions: ShortcutActions, screening: () => boolean, table: () => readonly Shortcut[]): void {
  useEffect(() => {
    /** When the first key of two was pressed; long ago when it was another key. */
    let ledAt = -patience
    const busy = (event: KeyboardEvent): boolean => {
      if (event.defaultPrevented || document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return true
      return event.target instanceof Element && event.target.closest(wantsKeys) !== null
    }
    const onControl = (event: KeyboardEvent): boolean => event.target instanceof Element && event.target.closest(wantsEnterAndSpace) !== null
    const down = (event: KeyboardEvent): void => {
      if (busy(event)) return
      const led = event.timeStamp - ledAt < patience && !event.ctrlKey && !event.metaKey && !event.altKey
      ledAt = -patience
      if (led && actions.go(event.key.toLowerCase())) {
        event.preventDefault()
        return
      }
      if (event.key === ' ') {
        if (onControl(event) || !screening()) return
        event.preventDefault()
        pressSpace()
        return
      }
      if (event.key === 'Enter' && onControl(event)) return
      const id = shortcutFor(event, screening(), table())
      if (!id) return
      if (id === 'go') {
        ledAt = event.timeStamp
        return
      }
      // A key that is held down must not make a picture flash.
      if (event.repeat && !repeating.has(id)) return event.preventDefault()
      const used = id === 'preset' ? actions.preset(event.key) : actions[id]()
      if (used !== false) event.preventDefault()
    }
    const up = (event: KeyboardEvent): void => {
      if (event.key === ' ' && releaseSpace() && screening()) actions.reset()
    }
    window.addEventListener('keydown', down)
    window.addEventListener('keyup', up)
    window.addEventListener('blur', releaseSpace)
    return () => {
      window.removeEventListener('keydown', down)
      window.removeEventListener('keyup', up)
      window.removeEventListener('blur', releaseSpace)
    }
  }, [actions, screening, table])
}

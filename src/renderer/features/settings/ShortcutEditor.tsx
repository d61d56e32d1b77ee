/** The shortcuts with their keys: press one to change it. What is taken or needed elsewhere is refused with its reason. */
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { KeyboardEvent } from 'react'
import { t } from '../../language'
import { chosenKey, keyName, withChoice } from '../../shortcuts/choosing'
import type { ChosenKey } from '../../shortcuts/choosing'
import { keysInWords, shortcutLabel } from '../../shortcuts/named'
import { shortcuts, withChoices } from '../../shortcuts/table'
import type { Shortcut, ShortcutGroup, ShortcutId } from '../../shortcuts/table'
import { changeSettings, useSettings } from '../../state/settings'
import { Button } from '../../ui/Button'

const groups: readonly ShortcutGroup[] = ['views', 'slices', 'list', 'result', 'everywhere']

function refusal(chosen: ChosenKey): string {
  if (chosen.outcome === 'taken') return t('settings.shortcutTaken', { key: keyName(chosen.key), other: shortcutLabel(chosen.by) })
  if (chosen.outcome === 'reserved') return t('settings.shortcutReserved', { key: keyName(chosen.key) })
  return chosen.outcome === 'modifier' ? t('settings.shortcutModifier') : ''
}

interface LineProps {
  shortcut: Shortcut
  waiting: boolean
  problem: string
  onBegin: () => void
  onKey: (event: KeyboardEvent) => void
  onEnd: () => void
}

function Line({ shortcut, waiting, problem, onBegin, onKey, onEnd }: LineProps) {
  const { id, fixed } = shortcut
  const own = shortcuts.find((each) => each.id === id)!
  const keys = keysInWords(shortcut)
  const changed = keys !== keysInWords(own)
  return (
    <li className="border-t border-line py-1" data-shortcut={id}>
      <div className="flex items-center justify-between gap-3">
        <span className={`min-w-0 ${fixed ? 'text-ink-soft' : ''}`}>{shortcutLabel(id)}</span>
        <span className="flex shrink-0 items-center gap-1">
          {changed && (
            <Button
              weight="quiet"
              className="px-1.5!"
              title={t('settings.shortcutReset', { keys: keysInWords(own) })}
              aria-label={`${shortcutLabel(id)}: ${t('settings.shortcutReset', { keys: keysInWords(own) })}`}
              onClick={({ currentTarget: { nextElementSibling: keyButton } }) => {
                // This button goes; the focus would be lost with it.
                if (keyButton instanceof HTMLElement) keyButton.focus()
                void changeSettings({ shortcuts: withChoice(useSettings.getState().settings.shortcuts, id, own.keys) })
              }}
            >
              <Undo2 size={14} aria-hidden />
            </Button>
          )}
          {fixed ? (
            <kbd className="px-2.5 font-sans text-ink-soft">{keys}</kbd>
          ) : (
            <Button
              className="min-w-28"
              pressed={waiting}
              aria-label={t('settings.shortcutChange', { label: shortcutLabel(id), keys })}
              onClick={waiting ? onEnd : onBegin}
              onBlur={onEnd}
              onKeyDown={waiting ? onKey : undefined}
            >
              {waiting ? t('settings.shortcutPress') : keys}
            </Button>
          )}
        </span>
      </div>
      {problem && (
        <p role="alert" className="pb-1 text-xs text-danger">
          {problem}
        </p>
      )}
    </li>
  )
}

export function ShortcutEditor() {
  const choices = useSettings((state) => state.settings.shortcuts)
  const [waiting, setWaiting] = useState<ShortcutId | null>(null)
  const [refused, setRefused] = useState<{ id: ShortcutId; problem: string } | null>(null)
  const table = withChoices(choices)

  const press = (event: KeyboardEvent, id: ShortcutId): void => {
    if (event.key === 'Tab') return setWaiting(null)
    // Neither a click on this button nor a shortcut of its own.
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') {
      setRefused(null)
      return setWaiting(null)
    }
    const chosen = chosenKey(event, id, choices)
    if (chosen.outcome === 'waiting') return
    if (chosen.outcome !== 'free') return setRefused({ id, problem: refusal(chosen) })
    setRefused(null)
    setWaiting(null)
    void changeSettings({ shortcuts: withChoice(choices, id, [chosen.key]) })
  }
  return (
    <>
      <div className="flex min-h-10 items-center justify-between gap-4 border-t border-line py-1.5">
        <p className="text-xs text-ink-soft">{t('settings.shortcutsHint')}</p>
        {/* Disabled for good once it was used, it would lose the focus. */}
        <Button aria-disabled={Object.keys(choices).length === 0} className="aria-disabled:opacity-45" onClick={() => void changeSettings({ shortcuts: {} })}>
          {t('settings.shortcutsReset')}
        </Button>
      </div>
      {groups.map((group) => (
        <div key={group} className="pb-2">
          <h3 className="pt-1 pb-1 text-xs font-semibold text-ink-soft">{t(`keys.${group}`)}</h3>
          <ul>
            {table
              .filter((each) => each.group === group)
              .map((shortcut) => (
                <Line
                  key={shortcut.id}
                  shortcut={shortcut}
                  waiting={waiting === shortcut.id}
                  problem={refused?.id === shortcut.id ? refused.problem : ''}
                  onBegin={() => {
                    setRefused(null)
                    setWaiting(shortcut.id)
                  }}
                  onKey={(event) => press(event, shortcut.id)}
                  onEnd={() => setWaiting((now) => (now === shortcut.id ? null : now))}
                />
              ))}
          </ul>
        </div>
      ))}
    </>
  )
}

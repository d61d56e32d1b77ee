/** The list behind `?`: keys from the shortcut table, drags from the gesture table, pages from theirs. */
import { menuCommands, shownAccelerator } from '../../shared/desktop'
import { t } from '../language'
import { platform } from '../platform'
import { pages } from '../shell/pages'
import { goTo } from '../state/navigation'
import { Button } from '../ui/Button'
import { Sheet } from '../ui/Sheet'
import { pointerHelp } from '../viewer/pointer-tools'
import { currentShortcuts, goThen, keysInWords, shortcutLabel } from './named'
import type { ShortcutGroup } from './table'

function Line({ keys, label }: { keys: string; label: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 border-b border-line py-0.5">
      <dt className="text-ink-soft">{label}</dt>
      <dd className="max-w-[70%] shrink-0 py-px text-right">
        <kbd className="inline-block rounded border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs">{keys}</kbd>
      </dd>
    </div>
  )
}

const onMac = navigator.userAgent.includes('Mac')
/** The native menu's keys, where there is one. */
const menuLines =
  platform.kind === 'electron'
    ? Object.entries(menuCommands).flatMap(([id, { label, accelerator }]) => (accelerator === null ? [] : [<Line key={id} keys={shownAccelerator(accelerator, onMac)} label={`${id.startsWith('save-') ? 'Save: ' : ''}${label.replace('…', '')}`} />]))
    : []

function List() {
  const table = currentShortcuts()
  const group = (name: ShortcutGroup) => table.filter((each) => each.group === name && each.id !== 'go').map((each) => <Line key={each.id} keys={keysInWords(each)} label={shortcutLabel(each.id)} />)
  const heading = 'mt-2 mb-0.5 text-xs font-semibold text-ink'
  const letters = pages.map(({ key }) => key.toUpperCase()).join(', ')
  return (
    <div className="grid gap-x-8 md:grid-cols-2 lg:grid-cols-3">
      <div>
        <h3 className={heading}>{t('keys.views')}</h3>
        <dl>{group('views')}</dl>
      </div>
      <div>
        <h3 className={heading}>{t('keys.mouse')}</h3>
        <dl>
          {pointerHelp.map(({ keys, label }) => (
            <Line key={keys} keys={t(keys)} label={t(label)} />
          ))}
        </dl>
        <h3 className={heading}>{t('keys.slices')}</h3>
        <dl>{group('slices')}</dl>
      </div>
      <div>
        <h3 className={heading}>{t('keys.list')}</h3>
        <dl>{group('list')}</dl>
        <h3 className={heading}>{t('keys.result')}</h3>
        <dl>{group('result')}</dl>
        <h3 className={heading}>{t('keys.everywhere')}</h3>
        <dl>
          <Line keys={goThen(letters)} label={t('keys.pages', { pages: pages.map(({ label }) => label).join(', ') })} />
          {group('everywhere')}
        </dl>
        {menuLines.length > 0 && <h3 className={heading}>{t('keys.menu')}</h3>}
        {menuLines.length > 0 && <dl>{menuLines}</dl>}
      </div>
    </div>
  )
}

export function ShortcutsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const edit = (): void => {
    onClose()
    goTo('settings')
  }
  return (
    <Sheet open={open} title={t('keys.title')} onClose={onClose} size="broad">
      <List />
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={edit}>{t('keys.edit')}</Button>
        <Button weight="primary" onClick={onClose}>
          {t('close')}
        </Button>
      </div>
    </Sheet>
  )
}

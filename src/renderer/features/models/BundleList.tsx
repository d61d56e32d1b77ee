/** The installed bundles, and the two ways in: a model to import, a bundle to add. */
import { CircleAlert, CircleCheck, CircleDashed, FileArchive, FileInput, FolderOpen, Plus } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { KeyboardEvent } from 'react'
import type { BundleSummary } from '../../../shared/types'
import { t } from '../../language'
import { platform } from '../../platform'
import { closeCalibration, useCalibrating } from '../../state/calibrating'
import { closeImport, takeFiles, useImporting } from '../../state/importing'
import { keyOf, selectBundle, useModels } from '../../state/models'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { abilityOf, abilityWord, someOf } from '../../wording/models'
import type { Ability } from '../../wording/models'
import { floating, menuItem } from '../../ui/floating'

export const abilityLook: Record<Ability, { icon: LucideIcon; text: string }> = {
  screens: { icon: CircleCheck, text: 'text-clean' },
  incomplete: { icon: CircleDashed, text: 'text-ink-soft' },
  broken: { icon: CircleAlert, text: 'text-danger' },
}

export const pickAndTake = async (what: 'files' | 'folder'): Promise<void> => takeFiles(await platform.pick(what))

export function AddButtons() {
  return (
    <div className="flex gap-1.5">
      <Button className="flex-1" onClick={() => void pickAndTake('files')}>
        <FileInput size={15} aria-hidden /> {t('models.import')}
      </Button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button>
            <Plus size={15} aria-hidden /> {t('screen.bundle')}
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={6} className={`${floating} w-72 p-1`}>
            {(
              [
                ['files', FileArchive, 'models.zip', 'models.zipDetail'],
                ['folder', FolderOpen, 'models.folder', 'models.folderDetail'],
              ] as const
            ).map(([what, Icon, label, detail]) => (
              <DropdownMenu.Item key={what} className={`${menuItem} flex gap-2.5`} onSelect={() => void pickAndTake(what)}>
                <Icon size={15} className="mt-0.5 shrink-0" aria-hidden />
                <div>
                  {t(label)}
                  <div className="text-xs text-ink-soft">{t(detail)}</div>
                </div>
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  )
}

function BundleRow({ bundle, current }: { bundle: BundleSummary; current: boolean }) {
  const ability = abilityOf(bundle)
  const { icon: Icon, text } = abilityLook[ability]
  const about = [bundle.modality, bundle.bodyPart, someOf(bundle.classes, 4)].filter(Boolean).join(' · ')
  return (
    <li>
      <button
        type="button"
        data-bundle={bundle.id}
        aria-current={current ? 'true' : undefined}
        className={`flex w-full gap-2.5 border-l-2 px-2.5 py-2 text-left focus-visible:-outline-offset-2 ${current ? 'border-accent bg-accent-deep' : 'border-transparent hover:bg-raised'}`}
        onClick={() => {
          closeImport()
          closeCalibration()
          void selectBundle(bundle)
        }}
      >
        <Icon size={18} className={`mt-0.5 shrink-0 ${text}`} aria-hidden />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{bundle.name}</span>
          <span className="block truncate text-xs text-ink-soft">{about || bundle.path}</span>
          <span className={`block text-xs ${text}`}>{abilityWord(ability)}</span>
          {bundle.error && <span lang="en" className="line-clamp-2 text-xs text-ink-soft">{bundle.error.message}</span>}
        </span>
      </button>
    </li>
  )
}

/** Up and Down go through the list and show what they land on. */
function onArrow(event: KeyboardEvent<HTMLElement>): void {
  if (!['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button')]
  const at = rows.findIndex((row) => row === document.activeElement)
  if (at < 0) return
  event.preventDefault()
  const next = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : at + (event.key === 'ArrowDown' ? 1 : -1)
  const row = rows[Math.min(rows.length - 1, Math.max(0, next))]
  if (!row || row === document.activeElement) return
  row.focus()
  row.click()
}

export function BundleList() {
  const bundles = useSession((state) => state.bundles)
  const selected = useModels((state) => state.selected)
  const importing = useImporting((state) => state.phase !== 'closed')
  const running = useCalibrating((state) => state.view === 'run')
  return (
    <aside className="flex w-72 shrink-0 flex-col gap-2 border-r border-line bg-panel px-2.5 pt-2.5 2xl:w-80" aria-label={t('models.list')}>
      <AddButtons />
      {bundles.length > 0 ? (
        <ul aria-label={t('models.installed')} className="-mx-2.5 min-h-0 flex-1 divide-y divide-line overflow-y-auto border-t border-line" onKeyDown={onArrow}>
          {bundles.map((bundle) => (
            <BundleRow key={keyOf(bundle)} bundle={bundle} current={!importing && !running && selected === keyOf(bundle)} />
          ))}
        </ul>
      ) : (
        <p className="-mx-2.5 border-t border-line p-4 text-center text-ink-soft">{t('models.none')}</p>
      )}
    </aside>
  )
}

/** Ways to bring scans in, for the top of a list that is no longer empty. */
import { t } from '../../language'
import { FileImage, FlaskConical, FolderOpen } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useRef } from 'react'
import { platform } from '../../platform'
import { useSession } from '../../state/session'
import { screenIntake, screenSample } from '../../state/screening'
import { Button } from '../../ui/Button'
import { floating, menuItem } from '../../ui/floating'

export const pickAndScreen = async (what: 'files' | 'folder'): Promise<void> => screenIntake(await platform.pick(what))

export function AddMenu() {
  const samples = useSession((state) => state.samples)
  const chosen = useRef(false)
  // After a choice the arrow keys belong to the list again, not to the button that opened the menu.
  const returnFocus = (event: Event): void => {
    if (!chosen.current) return
    chosen.current = false
    event.preventDefault()
    document.querySelector<HTMLElement>('[role="listbox"]')?.focus()
  }
  return (
    <div className="flex gap-1">
      <Button className="flex-1 gap-1! px-1.5!" onClick={() => void pickAndScreen('files')}>
        <FileImage size={15} aria-hidden /> {t('screen.files')}
      </Button>
      <Button className="flex-1 gap-1! px-1.5!" onClick={() => void pickAndScreen('folder')}>
        <FolderOpen size={15} aria-hidden /> {t('screen.folder')}
      </Button>
      {samples.length > 0 && (
        <DropdownMenu.Root>
          <DropdownMenu.Trigger asChild>
            <Button className="gap-1! px-1.5!">
              <FlaskConical size={15} aria-hidden /> {t('screen.samples')}
            </Button>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content onCloseAutoFocus={returnFocus} align="start" sideOffset={6} className={`${floating} w-80 p-1`}>
              {samples.map((sample) => (
                <DropdownMenu.Item
                  key={sample.id}
                  className={menuItem}
                  onSelect={() => {
                    chosen.current = true
                    void screenSample(sample)
                  }}
                >
                  {sample.title}
                  <div className="text-xs text-ink-soft">{sample.description}</div>
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </div>
  )
}

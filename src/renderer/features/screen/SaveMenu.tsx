/** What can be saved of the open scan: the picture at one touch, the rest in a menu that says what each is for. */
import { t } from '../../language'
import { ChevronDown, ImageDown, LoaderCircle } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ScreenedView } from '../../../shared/types'
import { withKeys } from '../../shortcuts/named'
import { canDragOut, dragOutProps } from '../../state/dragging-out'
import { exportResult, makeResult, useExporting } from '../../state/exporting'
import type { ExportFormat } from '../../state/exporting'
import { Button } from '../../ui/Button'
import { frameName, frameWord } from '../../wording/frames'
import { floating, menuItem } from '../../ui/floating'

interface Saving {
  format: ExportFormat
  label: string
  detail: string
  disabled?: boolean
}

function savings({ format, frames, modality }: ScreenedView): Saving[] {
  const word = frameWord({ format, modality })
  const shown = frames > 1 ? t('save.shown', { word: frameName(word) }) : ''
  const dicom = format === 'dicom'
  return [
    { format: 'png', label: 'PNG', detail: t('save.pngDetail', { shown }) },
    { format: 'pdf', label: 'PDF', detail: t('save.pdfDetail', { shown }) },
    { format: 'json', label: 'JSON', detail: t('save.jsonDetail', { listed: frames > 1 ? t('save.listed', { word: frameName(word) }) : '' }) },
    {
      format: 'dicom',
      label: t('save.dicom'),
      detail: dicom ? t('save.dicomDetail', { shown }) : t('save.dicomOther'),
    },
    {
      format: 'anonymised',
      label: t('save.anonymised'),
      detail: dicom ? t('save.anonymisedDetail') : t('save.anonymisedOther'),
      disabled: !dicom,
    },
  ]
}

export function SaveMenu({ view }: { view: ScreenedView }) {
  const busy = useExporting((state) => state.busy)
  return (
    <div className="mt-2 flex gap-1.5">
      <Button
        className="flex-1 px-1.5!"
        title={withKeys(t('save.pngHint'), 'save-picture')}
        disabled={busy !== null}
        onClick={() => void exportResult('png')}
        {...dragOutProps(() => makeResult('png'))}
      >
        {busy ? <LoaderCircle size={15} className="animate-spin" aria-hidden /> : <ImageDown size={15} aria-hidden />} {t('save.png')}
      </Button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button className="flex-1 px-1.5!" disabled={busy !== null}>
            {t('save.as')} <ChevronDown size={14} aria-hidden />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" side="top" sideOffset={6} className={`${floating} w-80 p-1`}>
            {savings(view).map(({ format, label, detail, disabled = false }) => (
              <DropdownMenu.Item
                key={format}
                disabled={disabled}
                className={`${menuItem} data-[disabled]:opacity-55`}
                onSelect={() => void exportResult(format)}
                {...(disabled ? {} : dragOutProps(() => makeResult(format)))}
              >
                {label}
                <div className="text-xs text-ink-soft">{detail}</div>
              </DropdownMenu.Item>
            ))}
            {canDragOut && <div className="mt-1 border-t border-line px-3 pt-1.5 pb-1 text-xs text-ink-soft">{t('dragHint')}</div>}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  )
}

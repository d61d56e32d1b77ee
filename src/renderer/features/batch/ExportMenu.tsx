/** Saves what the table shows, as it is filtered and sorted. */
import { Download, LoaderCircle } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { t } from '../../language'
import { exportShown, useBatchTable } from '../../state/batch-table'
import { Button } from '../../ui/Button'
import { floating, menuItem } from '../../ui/floating'

const formats = ['csv', 'json', 'pdf'] as const

export function ExportMenu() {
  const busy = useBatchTable((state) => state.exporting)
  const none = useBatchTable((state) => state.items.length === 0)
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button disabled={busy || none}>
          {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : <Download size={14} aria-hidden />} {t('export')}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className={`${floating} w-80 p-1`}>
          <DropdownMenu.Label className="px-3 py-1 text-xs text-ink-soft">{t('batch.exportHead')}</DropdownMenu.Label>
          {formats.map((format) => (
            <DropdownMenu.Item key={format} className={menuItem} onSelect={() => void exportShown(format)}>
              {format.toUpperCase()}
              <div className="text-xs text-ink-soft">{t(`batch.${format}`)}</div>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

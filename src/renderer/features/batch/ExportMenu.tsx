/** Saves what the table shows, as it is filtered and sorted. */
import { Download, LoaderCircle } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { exportShown, useBatchTable } from '../../state/batch-table'
import { Button } from '../../ui/Button'

const formats = [
  { format: 'csv', label: 'CSV', detail: 'The rows for a spreadsheet' },
  { format: 'json', label: 'JSON', detail: 'All numbers of the rows, and what they were made with' },
  { format: 'pdf', label: 'PDF', detail: 'A summary to read: counts, what is suspicious, what could not be read' },
] as const

export function ExportMenu() {
  const busy = useBatchTable((state) => state.exporting)
  const none = useBatchTable((state) => state.items.length === 0)
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button disabled={busy || none}>
          {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : <Download size={14} aria-hidden />} Export
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={6} className="z-40 w-80 rounded-lg border border-line-strong bg-raised p-1 shadow-2xl shadow-black/60">
          <DropdownMenu.Label className="px-3 py-1 text-xs text-ink-soft">What is shown, in this order</DropdownMenu.Label>
          {formats.map(({ format, label, detail }) => (
            <DropdownMenu.Item key={format} className="rounded-md px-3 py-1.5 outline-none data-[highlighted]:bg-accent-deep" onSelect={() => void exportShown(format)}>
              {label}
              <div className="text-xs text-ink-soft">{detail}</div>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

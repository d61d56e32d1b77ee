/** The list behind `?`: keys from the shortcut table, drags from the gesture table, pages from theirs. */
import { menuCommands, shownAccelerator } from '../../shared/desktop'
import { platform } from '../platform'
import { Button } from '../ui/Button'
import { pages } from '../shell/pages'
import { Sheet } from '../ui/Sheet'
import { pointerHelp } from '../viewer/pointer-tools'
import { shortcuts } from './table'

function Line({ keys, label }: { keys: string; label: string }) {
  return (
    <div className="flex items-baseline justify-between gap-4 border-b border-line py-0.5">
      <dt className="text-ink-soft">{label}</dt>
      <dd className="shrink-0 py-px">
        <kbd className="rounded border border-line-strong bg-raised px-1.5 py-0.5 font-sans text-xs">{keys}</kbd>
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

export function ShortcutsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const group = (name: string) => shortcuts.filter((each) => each.group === name && each.id !== 'go').map((each) => <Line key={each.id} keys={each.shown} label={each.label} />)
  const heading = 'mt-2 mb-0.5 text-xs font-semibold text-ink'
  return (
    <Sheet open={open} title="Keyboard and mouse" onClose={onClose} size="wide">
      <div className="grid grid-cols-2 gap-x-8">
        <dl>
          <h3 className={heading}>Views</h3>
          {group('Views')}
          <h3 className={heading}>List</h3>
          {group('List')}
          <h3 className={heading}>Everywhere</h3>
          <Line keys={`G, then ${pages.map(({ key }) => key.toUpperCase()).join(', ')}`} label={`Pages: ${pages.map(({ label }) => label).join(', ')}`} />
          {group('Everywhere')}
        </dl>
        <dl>
          <h3 className={heading}>Mouse, on any view</h3>
          {pointerHelp.map((each) => (
            <Line key={each.keys} {...each} />
          ))}
          <h3 className={heading}>Slices and frames</h3>
          {group('Slices')}
          <h3 className={heading}>Result</h3>
          {group('Result')}
          {menuLines.length > 0 && <h3 className={heading}>Menu</h3>}
          {menuLines}
        </dl>
      </div>
      <div className="mt-4 flex justify-end">
        <Button weight="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </Sheet>
  )
}

/** All that one record says, beside the list. */
import { ExternalLink } from 'lucide-react'
import { openResult } from '../../state/batches'
import { useHistory } from '../../state/history'
import { Button } from '../../ui/Button'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { pValueInWords } from '../../wording/probability'
import { answersOf, fileOf } from './HistoryTable'

export function RecordSheet() {
  const row = useHistory((state) => (state.selected === null ? undefined : state.rows.get(state.selected)))
  if (!row) return null
  const { text } = statusLook[row.status]
  const facts: [string, string | number | null | undefined][] = [
    ['Record', row.seq],
    ['Time', row.time],
    ['File', row.path],
    ['File mark', row.file.mark],
    ['File SHA-256', row.sha256 ?? 'could not be read'],
    ['Frame', row.frame],
    ['Score', row.score === null ? null : row.score.toFixed(3)],
    ['p-value', row.pValue],
    ['α', row.alpha],
    ['Bundle', row.bundle.id],
    ['Classifier SHA-256', row.bundle.classifier],
    ['Purifier SHA-256', row.bundle.purifier],
    ['Computed on', row.provider],
    ['Assay', row.version],
    ['Job', `${row.job}, result ${row.line + 1}`],
    ['Hash before', row.prev],
    ['Hash', row.hash],
  ]
  return (
    <aside aria-label="Record" className="flex w-72 shrink-0 flex-col border-l border-line bg-panel 2xl:w-96">
      <div className="border-b border-line p-3">
        <h2 className="truncate font-semibold" title={row.path ?? undefined}>
          {fileOf(row)}
        </h2>
        <p className={`mt-1 flex items-center gap-1.5 ${text}`}>
          <StatusIcon status={row.status} size={16} /> {statusWord(row.status)}
        </p>
        {row.pValue !== null && <p className="mt-0.5 text-xs text-ink-soft">{pValueInWords(row.pValue)}</p>}
        <p className="mt-0.5 text-xs">{answersOf(row)}</p>
        <Button className="mt-2 w-full" disabled={!row.opens} title={row.opens ? 'Opens the scan in the viewer (Enter)' : 'The results of that job are no longer there'} onClick={() => void openResult(row.job, row.line)}>
          <ExternalLink size={14} aria-hidden /> {row.opens ? 'Open the result' : 'Its result is no longer there'}
        </Button>
      </div>
      <dl className="selectable min-h-0 flex-1 overflow-y-auto p-3 text-xs" tabIndex={0} aria-label="All fields">
        {facts.map(([label, value]) =>
          value === null || value === undefined ? null : (
            <div key={label} className="pb-1.5">
              <dt className="text-2xs text-ink-soft">{label}</dt>
              <dd className="numbers break-all">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </aside>
  )
}

/** All that one record says, beside the list. */
import { ExternalLink } from 'lucide-react'
import { figure, t } from '../../language'
import { openResult } from '../../state/batches'
import { useHistory } from '../../state/history'
import { Button } from '../../ui/Button'
import { StatusIcon, statusLook, statusWord } from '../../ui/Status'
import { pValueInWords } from '../../wording/probability'
import { answersOf, doubtsIn, fileOf } from './HistoryTable'

export function RecordSheet() {
  const row = useHistory((state) => (state.selected === null ? undefined : state.rows.get(state.selected)))
  if (!row) return null
  const { text } = statusLook[row.status]
  const facts: [string, string | number | null | undefined][] = [
    [t('history.record'), row.seq],
    [t('history.head.time'), row.time],
    [t('column.name'), row.path],
    [t('history.field.mark'), row.file.mark],
    [t('history.field.sha256'), row.sha256 ?? t('history.field.unread')],
    [t('history.field.frame'), row.frame],
    [t('column.score'), row.score === null ? null : figure(row.score.toFixed(3))],
    [t('column.pValue'), row.pValue === null ? null : figure(row.pValue)],
    ['α', figure(row.alpha)],
    [t('screen.bundle'), row.bundle.id],
    [t('history.field.classifier'), row.bundle.classifier],
    [t('history.field.purifier'), row.bundle.purifier],
    [t('batch.provider'), row.provider],
    ['Assay', row.version],
    [t('history.field.job'), t('history.field.jobLine', { job: row.job, line: String(row.line + 1) })],
    [t('history.field.prev'), row.prev],
    [t('history.field.hash'), row.hash],
  ]
  return (
    <aside aria-label={t('history.record')} className="flex w-72 shrink-0 flex-col border-l border-line bg-panel 2xl:w-96">
      <div className="border-b border-line p-3">
        <h2 className="truncate font-semibold" title={row.path ?? undefined}>
          {fileOf(row)}
        </h2>
        <p className={`mt-1 flex items-center gap-1.5 ${text}`}>
          <StatusIcon status={row.status} size={16} /> {statusWord(row.status)}
        </p>
        {doubtsIn(row).map((doubt) => (
          <p key={doubt.text} role="note" lang={doubt.lang} className="mt-0.5 text-xs font-medium text-suspicious">
            {doubt.text}
          </p>
        ))}
        {row.pValue !== null && <p className="mt-0.5 text-xs text-ink-soft">{pValueInWords(row.pValue)}</p>}
        <p className="mt-0.5 text-xs">{answersOf(row)}</p>
        <Button className="mt-2 w-full" disabled={!row.opens} title={row.opens ? t('history.openHint') : t('history.goneHint')} onClick={() => void openResult(row.job, row.line)}>
          <ExternalLink size={14} aria-hidden /> {row.opens ? t('history.open') : t('history.gone')}
        </Button>
      </div>
      <dl className="selectable min-h-0 flex-1 overflow-y-auto p-3 text-xs" tabIndex={0} aria-label={t('history.fields')}>
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

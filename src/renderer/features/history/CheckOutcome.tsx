/** What checking the chain came to: unchanged, or which line was touched. */
import { ShieldAlert, ShieldCheck, X } from 'lucide-react'
import { plural, t } from '../../language'
import { dismissCheck, useHistory, verifyHistory } from '../../state/history'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'

export function CheckOutcome() {
  const { check, checkError } = useHistory()
  if (checkError)
    return (
      <div className="border-b border-line p-4">
        <Problem title={t('history.checkFailed')} error={checkError}>
          <Button onClick={() => void verifyHistory()}>{t('tryAgain')}</Button>
          <Button weight="quiet" onClick={dismissCheck}>
            {t('dismiss')}
          </Button>
        </Problem>
      </div>
    )
  if (!check) return null
  const { intact, records, head, problems, problemCount, unfinished } = check
  const Icon = intact ? ShieldCheck : ShieldAlert
  return (
    <section aria-label={t('history.check')} data-intact={intact} className={`flex shrink-0 gap-3 border-b border-line px-4 py-2.5 ${intact ? 'bg-clean-deep' : 'bg-danger-deep'}`}>
      <Icon size={20} className={`mt-0.5 shrink-0 ${intact ? 'text-clean' : 'text-danger'}`} aria-hidden />
      <div role={intact ? 'status' : 'alert'} className="selectable min-w-0 flex-1">
        <p className={`font-semibold ${intact ? 'text-clean' : 'text-danger'}`}>
          {intact ? plural('history.unchanged', records) : plural('history.touched', problemCount)}
        </p>
        {problems.length > 0 && (
          <ul className="mt-1 max-h-40 space-y-0.5 overflow-y-auto">
            {problems.map(({ message, kind, line }) => (
              <li key={`${line} ${kind}`} data-problem={kind}>
                {message}
              </li>
            ))}
            {problemCount > problems.length && <li>{t('andMore', { n: problemCount - problems.length })}</li>}
          </ul>
        )}
        {unfinished && <p className="mt-1 text-xs">{t('history.unfinished')}</p>}
        {head !== null && (
          <p className="numbers mt-1 text-xs [overflow-wrap:anywhere] text-ink-soft">
            {[t('history.lastHash', { hash: head }), ...(intact ? [t('history.lastHashUse')] : [])].join(' ')}
          </p>
        )}
      </div>
      <button type="button" aria-label={t('dismiss')} className="h-fit shrink-0 rounded p-0.5 text-ink-soft hover:text-ink" onClick={dismissCheck}>
        <X size={15} aria-hidden />
      </button>
    </section>
  )
}

/** What checking the chain came to: unchanged, or which line was touched. */
import { ShieldAlert, ShieldCheck, X } from 'lucide-react'
import { dismissCheck, useHistory, verifyHistory } from '../../state/history'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { amount } from '../../wording/batch'

export function CheckOutcome() {
  const { check, checkError } = useHistory()
  if (checkError)
    return (
      <div className="border-b border-line p-4">
        <Problem title="The history could not be checked" error={checkError}>
          <Button onClick={() => void verifyHistory()}>Try again</Button>
          <Button weight="quiet" onClick={dismissCheck}>
            Dismiss
          </Button>
        </Problem>
      </div>
    )
  if (!check) return null
  const { intact, records, head, problems, problemCount, unfinished } = check
  const Icon = intact ? ShieldCheck : ShieldAlert
  return (
    <section aria-label="Check of the history" data-intact={intact} className={`flex shrink-0 gap-3 border-b border-line px-4 py-2.5 ${intact ? 'bg-clean-deep' : 'bg-danger-deep'}`}>
      <Icon size={20} className={`mt-0.5 shrink-0 ${intact ? 'text-clean' : 'text-danger'}`} aria-hidden />
      <div role={intact ? 'status' : 'alert'} className="selectable min-w-0 flex-1">
        <p className={`font-semibold ${intact ? 'text-clean' : 'text-danger'}`}>
          {intact ? `Unchanged: ${amount(records)} ${records === 1 ? 'record follows' : 'records follow'} one another without a gap` : `Not as it was written: ${amount(problemCount)} ${problemCount === 1 ? 'place' : 'places'}`}
        </p>
        {problems.length > 0 && (
          <ul className="mt-1 max-h-40 space-y-0.5 overflow-y-auto">
            {problems.map(({ message, kind, line }) => (
              <li key={`${line} ${kind}`} data-problem={kind}>
                {message}
              </li>
            ))}
            {problemCount > problems.length && <li>and {amount(problemCount - problems.length)} more</li>}
          </ul>
        )}
        {unfinished && <p className="mt-1 text-xs">The last line was cut off while it was being written; the next scan drops it.</p>}
        {head !== null && (
          <p className="numbers mt-1 text-xs break-all text-ink-soft">
            Last hash {head}.{intact && ' Noted down elsewhere, it shows later that nothing before it was changed, not even by somebody who can write a whole new history.'}
          </p>
        )}
      </div>
      <button type="button" aria-label="Dismiss" className="h-fit shrink-0 rounded p-0.5 text-ink-soft hover:text-ink" onClick={dismissCheck}>
        <X size={15} aria-hidden />
      </button>
    </section>
  )
}

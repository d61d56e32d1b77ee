/** The classifier's answer before and after purification, class by class, and whether it changes. */
import { ArrowRightLeft, Equal } from 'lucide-react'
import type { Answer } from '../../../shared/types'
import { percent } from '../../wording/probability'

function Bars({ title, answer, classes }: { title: string; answer: Answer; classes: readonly string[] }) {
  const order = classes.map((label, i) => ({ label, share: answer.probabilities[i] ?? 0 }))
  const shown = order.length <= 4 ? order : [...order].sort((a, b) => b.share - a.share).slice(0, 4)
  return (
    <div className="min-w-0 flex-1">
      <div className="flex items-baseline gap-2">
        <span className="text-xs text-ink-soft">{title}</span>
        <strong className="truncate" data-answer={title}>
          {answer.label}
        </strong>
      </div>
      <dl className="mt-1.5 grid grid-cols-[fit-content(6rem)_minmax(2rem,1fr)_max-content] items-center gap-x-2 gap-y-1 text-xs">
        {shown.map(({ label, share }) => {
          const chosen = label === answer.label
          return (
            <div key={label} className="contents">
              <dt className={`truncate ${chosen ? 'text-ink' : 'text-ink-soft'}`} title={label}>
                {label}
              </dt>
              <dd className="h-2 overflow-hidden rounded-sm bg-raised" aria-hidden>
                <div className={`h-full rounded-sm ${chosen ? 'bg-accent' : 'bg-line-strong'}`} style={{ width: `${Math.max(share * 100, 0.5)}%` }} />
              </dd>
              <dd className={`numbers text-right whitespace-nowrap ${chosen ? 'text-ink' : 'text-ink-soft'}`}>{percent(share)}</dd>
            </div>
          )
        })}
      </dl>
    </div>
  )
}

export function AnswerBars({ before, after, classes }: { before: Answer; after: Answer; classes: readonly string[] }) {
  const changes = before.label !== after.label
  return (
    <section aria-label="The classifier's answer" className="min-w-0">
      <h3 className="flex items-center gap-2 font-semibold">
        The classifier&rsquo;s answer
        <span
          data-changes={changes}
          className={`inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-semibold ${changes ? 'bg-suspicious-deep text-suspicious' : 'bg-raised text-ink-soft'}`}
        >
          {changes ? <ArrowRightLeft size={13} aria-hidden /> : <Equal size={13} aria-hidden />}
          {changes ? 'The answer changes' : 'The answer stays'}
        </span>
      </h3>
      <div className="mt-2 flex gap-6">
        <Bars title="Before" answer={before} classes={classes} />
        <Bars title="After" answer={after} classes={classes} />
      </div>
    </section>
  )
}

/** The classifier's answer before and after purification, class by class on one line, and whether it changes. */
import { t } from '../../language'
import { ArrowRightLeft, Equal } from 'lucide-react'
import type { Answer } from '../../../shared/types'
import { percent } from '../../wording/probability'

interface AnswerBarsProps {
  before: Answer
  after: Answer
  classes: readonly string[]
}

/** More classes than this are cut to those that either answer finds most likely. */
const classesShown = 4

function Bar({ share, chosen }: { share: number; chosen: boolean }) {
  return (
    <>
      <dd className="h-2 overflow-hidden rounded-sm bg-raised" aria-hidden>
        <div className={`h-full rounded-sm ${chosen ? 'bg-accent' : 'bg-line-strong'}`} style={{ width: `${Math.max(share * 100, 0.5)}%` }} />
      </dd>
      <dd className={`numbers text-right whitespace-nowrap ${chosen ? 'text-ink' : 'text-ink-soft'}`}>{percent(share)}</dd>
    </>
  )
}

function Head({ which, answer }: { which: 'before' | 'after'; answer: Answer }) {
  return (
    <div className="col-span-2 min-w-0 leading-4">
      <div className="text-2xs text-ink-soft">{t(`answer.${which}`)}</div>
      <strong className="block truncate text-[0.8125rem]" data-answer={which} title={answer.label}>
        {answer.label}
      </strong>
    </div>
  )
}

export function AnswerBars({ before, after, classes }: AnswerBarsProps) {
  const changes = before.label !== after.label
  const all = classes.map((label, i) => ({ label, before: before.probabilities[i] ?? 0, after: after.probabilities[i] ?? 0 }))
  const likeliest = [...all].sort((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after)).slice(0, classesShown)
  const shown = all.length <= classesShown ? all : likeliest
  return (
    <section aria-label={t('answer.title')} className="min-w-0">
      <h3 className="flex items-center gap-2 font-semibold">
        {t('classifier')}
        <span
          data-changes={changes}
          className={`inline-flex items-center gap-1 whitespace-nowrap rounded px-1.5 py-0.5 text-xs font-semibold ${changes ? 'bg-suspicious-deep text-suspicious' : 'bg-raised text-ink-soft'}`}
        >
          {changes ? <ArrowRightLeft size={13} aria-hidden /> : <Equal size={13} aria-hidden />}
          {changes ? t('answer.changes') : t('answer.stays')}
        </span>
      </h3>
      <div className="mt-1 grid grid-cols-[fit-content(7rem)_minmax(1.5rem,1fr)_max-content_minmax(1.5rem,1fr)_max-content] items-center gap-x-2 gap-y-1 text-xs">
        <span aria-hidden />
        <Head which="before" answer={before} />
        <Head which="after" answer={after} />
        <dl className="contents">
          {shown.map((each) => (
            <div key={each.label} className="contents">
              <dt className={`truncate ${each.label === before.label || each.label === after.label ? 'text-ink' : 'text-ink-soft'}`} title={each.label}>
                {each.label}
              </dt>
              <Bar share={each.before} chosen={each.label === before.label} />
              <Bar share={each.after} chosen={each.label === after.label} />
            </div>
          ))}
        </dl>
      </div>
    </section>
  )
}

/** What the audit would do and what it would cost, told while the form is filled in. */
import { inSentence, t } from '../../language'
import { said } from '../../language/said'
import { LoaderCircle, TriangleAlert } from 'lucide-react'
import { type AuditPlan, mayEndEarly } from '../../../shared/audit'
import type { SerializedError } from '../../../shared/errors'
import { Problem } from '../../ui/Problem'
import { providerName } from '../../wording/devices'
import { duration, strengths, threatName } from '../../wording/audit'
import { plannedAttacks } from './planned-attacks'

export function Warnings({ warnings }: { warnings: AuditPlan['warnings'] }) {
  return (
    <ul className="space-y-1.5">
      {warnings.map(({ code, message }) => (
        <li key={`${code} ${message}`} data-warning={code} className="selectable flex gap-2 rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
          <TriangleAlert size={15} className="mt-px shrink-0 text-suspicious" aria-hidden />
          <span lang="en" className="min-w-0 break-words">{message}</span>
        </li>
      ))}
    </ul>
  )
}

interface PlanPanelProps {
  plan: AuditPlan | null
  planning: boolean
  error: SerializedError | null
  /** What the form still lacks. */
  problems: readonly string[]
}

export function PlanPanel({ plan, planning, error, problems }: PlanPanelProps) {
  if (error)
    return (
      <div className="min-h-0 flex-1 overflow-y-auto p-3">
        <Problem title={t('audit.unplannable')} error={error} />
      </div>
    )
  if (!plan)
    return (
      <div className="min-h-0 flex-1 p-4 text-ink-soft">
        {planning ? (
          <span role="status" className="flex items-center gap-2">
            <LoaderCircle size={15} className="animate-spin text-accent" aria-hidden /> {t('audit.planning')}
          </span>
        ) : (
          <>
            <h3 className="font-semibold text-ink">{t('audit.cost')}</h3>
            <p className="mt-1">{t('audit.costOpen')}</p>
            <ul className="mt-1.5 list-disc space-y-1 pl-5">
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    )
  const lines = plannedAttacks(plan.runs)
  const longest = Math.max(...lines.map(({ seconds }) => seconds), 1e-9)
  return (
    <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3" aria-busy={planning} data-plan>
      <div className={planning ? 'opacity-60' : ''}>
        <h3 className="font-semibold">{t('audit.cost')}</h3>
        <p className="numbers mt-1" role="status">
          {said('audit.costLine', { time: <strong>{duration(plan.seconds)}</strong>, provider: providerName(plan.provider) })}
        </p>
        {mayEndEarly(plan) && <p className="numbers mb-1 text-ink-soft">{t('audit.costIfBroken', { time: duration(plan.secondsIfBroken) })}</p>}
        <p className="numbers text-xs text-ink-soft">
          {t('audit.costDetail', { images: plan.images, classes: plan.classes.map((name, i) => `${name} ${plan.counts[i] ?? 0}`).join(', '), runs: plan.runs.length, passes: plan.passes })}
        </p>
      </div>
      {plan.warnings.length > 0 && <Warnings warnings={plan.warnings} />}
      <table className="w-full text-xs">
        <thead>
          <tr className="text-left text-ink-soft">
            <th scope="col" className="pb-1 font-normal">
              {t('audit.attack')}
            </th>
            <th scope="col" className="pb-1 text-right font-normal">
              {t('audit.timeAtMost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, run, title, strengths: sizes, seconds }) => (
            <tr key={key} className="border-t border-line">
              <td className="py-1 pr-2">
                {title} <span className="numbers text-ink-soft">{strengths(sizes, run.norm)}</span>
                <span className="block text-2xs text-ink-soft">{run.check ? t('audit.check', { threat: inSentence(threatName(run.threat)), check: t(`audit.check.${run.check}`) }) : inSentence(threatName(run.threat))}</span>
              </td>
              <td className="numbers w-28 py-1 text-right">
                {duration(seconds)}
                <span className="mt-0.5 block h-0.5 rounded-full bg-accent" style={{ width: `${(100 * seconds) / longest}%`, marginLeft: 'auto' }} aria-hidden />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** What the check found in the data, worst first: told before anything is learned from it. */
import { number, t } from '../../language'
import { said } from '../../language/said'
import { CircleAlert, Info, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { DataCheck, DataFinding, Giveaway } from '../../../shared/training'
import { checkAgain, isChecking, stopCheck } from '../../state/trainings'
import type { Checking } from '../../state/trainings'
import { Button } from '../../ui/Button'
import { Problem } from '../../ui/Problem'
import { ProgressBar } from '../../ui/ProgressBar'
import { fileName, remaining } from '../../wording/amounts'
import { percent } from '../../wording/probability'
import { levelWord, took } from '../../wording/training'

const looks: Record<DataFinding['level'], { icon: LucideIcon; tone: string; frame: string }> = {
  error: { icon: CircleAlert, tone: 'text-danger', frame: 'border-danger/40 bg-danger-deep/60' },
  warning: { icon: TriangleAlert, tone: 'text-suspicious', frame: 'border-suspicious/40 bg-suspicious-deep/60' },
  note: { icon: Info, tone: 'text-ink-soft', frame: 'border-line bg-ground' },
}

/** Paths that are worth a look; a few at once. */
function Examples({ examples, count }: { examples: readonly string[]; count: number }) {
  const [open, setOpen] = useState(false)
  if (examples.length === 0) return null
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="mt-1">
      <summary className="cursor-pointer text-ink-soft hover:text-ink">{count > examples.length ? t('part', { part: examples.length, whole: count }) : examples.length === 1 ? t('train.whichOne') : t('train.whichOnes')}</summary>
      <ul className="selectable mt-0.5 space-y-0.5">
        {examples.map((example) => (
          <li key={example} className="break-all">
            {example}
          </li>
        ))}
      </ul>
    </details>
  )
}

function Finding({ finding }: { finding: DataFinding }) {
  const { icon: Icon, tone, frame } = looks[finding.level]
  return (
    <li data-finding={finding.code} data-level={finding.level} className={`flex gap-2 rounded-md border px-2.5 py-1.5 text-xs ${frame}`}>
      <Icon size={15} className={`mt-px shrink-0 ${tone}`} aria-hidden />
      <div className="min-w-0 flex-1">
        <span className="sr-only">{levelWord(finding.level)}: </span>
        <span lang="en" className="selectable break-words">{finding.message}</span>
        <Examples examples={finding.examples} count={finding.count} />
      </div>
    </li>
  )
}

function Classes({ check }: { check: DataCheck }) {
  const tested = check.images.test > 0
  const most = Math.max(1, ...check.classes.map(({ training }) => training))
  const cell = 'numbers py-1 text-right'
  return (
    <table className="w-full text-xs" data-classes>
      <thead>
        <tr className="text-ink-soft">
          <th scope="col" className="pb-1 text-left font-normal">
            {t('train.class')}
          </th>
          <th scope="col" className="pb-1 text-right font-normal">
            {t('train.training')}
          </th>
          {tested && (
            <th scope="col" className="pb-1 text-right font-normal">
              {t('train.testPart')}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {check.classes.map(({ name, training, test }) => (
          <tr key={name} className="border-t border-line">
            <th scope="row" className="max-w-28 truncate py-1 pr-2 text-left font-normal" title={name}>
              {name}
            </th>
            <td className={cell}>
              {number(training)}
              <span className="mt-0.5 ml-auto block h-0.5 rounded-full bg-accent" style={{ width: `${(100 * training) / most}%` }} aria-hidden />
            </td>
            {tested && <td className={`${cell} w-16`}>{number(test)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function patientsInWords({ patients, images }: DataCheck): string {
  if (!patients.known) return t('train.patientsUnknown')
  const counts = { patients: patients.training, images: images.training }
  return images.test > 0 ? t('train.patientsTested', { ...counts, tested: patients.test }) : t('train.patients', counts)
}

/** How well the class can be guessed from what is no disease, in numbers for whoever wants them. */
function Guesses({ check }: { check: DataCheck }) {
  const guesses: [string, Giveaway][] = [...(check.giveaway ? [[t('train.guess.header'), check.giveaway] as [string, Giveaway]] : []), ...(check.tone ? [[t('train.guess.tone'), check.tone] as [string, Giveaway]] : [])]
  if (guesses.length === 0) return null
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-ink-soft hover:text-ink">{t('train.guesses')}</summary>
      <ul className="numbers mt-1 space-y-1">
        {guesses.map(([title, { balancedAccuracy, chance, features }]) => (
          <li key={title}>
            {t('train.guess.line', { title, share: percent(balancedAccuracy), chance: percent(chance) })}
            {features.length > 0 && `; ${features.map((each) => t('train.guess.alone', { name: each.name, share: percent(each.balancedAccuracy) })).join(', ')}`}
          </li>
        ))}
      </ul>
    </details>
  )
}

export function CheckResult({ check }: { check: DataCheck }) {
  return (
    <div className="space-y-3" data-check>
      <p className="text-xs text-ink-soft" role="status">
        {said('train.checked', {
          images: <span className="numbers text-base font-semibold text-ink">{t('train.checkedImages', { n: check.images.training })}</span>,
          classes: check.classes.length,
          time: took(check.seconds),
        })}
      </p>
      <Classes check={check} />
      {check.findings.length > 0 ? (
        <ul className="space-y-1.5" aria-label={t('train.findings')}>
          {check.findings.map((finding) => (
            <Finding key={`${finding.code} ${finding.message}`} finding={finding} />
          ))}
        </ul>
      ) : (
        <p className="text-xs text-clean">{t('train.nothingAgainst')}</p>
      )}
      <p className="text-xs text-ink-soft">{patientsInWords(check)}</p>
      <Guesses check={check} />
    </div>
  )
}

const CheckAgain = () => <Button onClick={() => void checkAgain()}>{t('train.checkAgain')}</Button>

interface CheckPanelProps {
  check: Checking | null
  /** Whether it speaks of what the form names now. */
  current: boolean
  /** What the form still lacks. */
  problems: readonly string[]
}

export function CheckPanel({ check, current, problems }: CheckPanelProps) {
  if (check && current && check.error)
    return (
      <div className="min-h-0 flex-1 overflow-y-auto p-3">
        <Problem title={check.error.code === 'cancelled' ? t('train.notChecked') : t('train.unusable')} error={check.error}>
          <CheckAgain />
        </Problem>
      </div>
    )
  if (check && current && isChecking(check)) {
    const { job } = check
    const share = job && job.total > 0 ? job.done / job.total : null
    const detail = [job?.state === 'queued' ? t('job.waits') : job?.message || t('train.looking'), ...(job?.remainingSeconds ? [t('job.left', { time: remaining(job.remainingSeconds) })] : [])].join(' · ')
    return (
      <div className="min-h-0 flex-1 space-y-2 p-4">
        <h3 className="font-semibold">{t('train.checkingData')}</h3>
        <p className="numbers flex items-center gap-2 text-xs text-ink-soft">
          <LoaderCircle size={15} className="shrink-0 animate-spin text-accent" aria-hidden /> <span className="min-w-0">{detail}</span>
        </p>
        <ProgressBar label={t('train.check')} share={share} detail={detail} />
        <Button weight="quiet" onClick={() => void stopCheck()}>
          {t('train.stopCheck')}
        </Button>
      </div>
    )
  }
  if (check?.result && current)
    return (
      <div className="min-h-0 flex-1 overflow-y-auto p-3" tabIndex={0} role="region" aria-label={t('train.checkFound')}>
        <div className="flex items-start gap-2 pb-2">
          <h3 className="min-w-0 flex-1 pt-1 font-semibold break-words">{t('train.checkFoundIn', { data: fileName(check.asked.data) })}</h3>
          <CheckAgain />
        </div>
        <CheckResult check={check.result} />
      </div>
    )
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 text-ink-soft">
      <h3 className="font-semibold text-ink">{t('train.checkWill')}</h3>
      <p className="mt-1">{t('train.checkWillText')}</p>
      {problems.length > 0 && (
        <>
          <p className="mt-3">{t('train.missing')}</p>
          <ul className="mt-1 list-disc space-y-1 pl-5">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** What a calibration came to: how often it will be wrong, how the one before would have been, how its scores were chosen, what to do now. */
import { Check, CircleCheck, FileText, ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Separation } from '../../../shared/bundle'
import type { CalibrationReport } from '../../../shared/calibration'
import { date, figure, fixed, plural, t } from '../../language'
import { said } from '../../language/said'
import { changeForm as changeAuditForm } from '../../state/audits'
import { closeCalibration } from '../../state/calibrating'
import type { CalibrationRun } from '../../state/calibrating'
import { selectBundle } from '../../state/models'
import { goTo } from '../../state/navigation'
import { useSession } from '../../state/session'
import { Button } from '../../ui/Button'
import { in255ths } from '../../wording/amounts'
import { decidesInWords } from '../../wording/models'
import { percent } from '../../wording/probability'
import { UseModel } from './UseModel'

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title}>
    <h3 className="pb-1.5 font-semibold">{title}</h3>
    {children}
  </section>
)

const Table = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="w-fit max-w-full overflow-x-auto rounded-lg border border-line" role="region" aria-label={label} tabIndex={0}>
    <table>{children}</table>
  </div>
)

const cell = 'numbers px-2.5 py-1 text-right whitespace-nowrap'
const head = 'px-2.5 py-1 text-right font-normal whitespace-nowrap'
const left = 'px-2.5 py-1 text-left whitespace-nowrap'

function Outcome({ run }: { run: CalibrationRun }) {
  const { bundles, bundleId } = useSession()
  const made = bundles.find(({ id }) => id === run.made)
  return (
    <div className="flex min-h-11 shrink-0 items-center gap-2 border-b border-line bg-raised px-4 py-2" data-outcome={made?.id === bundleId ? 'in-use' : 'ready'}>
      <CircleCheck size={18} className="shrink-0 text-clean" aria-hidden />
      <p role="status" className="mr-1 min-w-0 flex-1">
        {made ? said(made.id === bundleId ? 'train.inUse' : 'train.ready', { name: <strong>{made.name}</strong> }) : t('train.bundleGone', { id: run.made })}
      </p>
      {made && (
        <>
          <Button
            weight="quiet"
            onClick={() => {
              closeCalibration()
              void selectBundle(made)
            }}
          >
            <FileText size={14} aria-hidden /> {t('models.card')}
          </Button>
          <UseModel bundle={made} />
        </>
      )}
    </div>
  )
}

function Warnings({ warnings }: Pick<CalibrationReport, 'warnings'>) {
  if (warnings.length === 0) return null
  return (
    <Section title={t('calibrate.warnings')}>
      <ul className="max-w-3xl space-y-1.5">
        {warnings.map((warning) => (
          <li key={warning} lang="en" className="selectable rounded-md border border-suspicious/40 bg-suspicious-deep/60 px-2.5 py-1.5 text-xs">
            {warning}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Rate({ falseAlarms }: Pick<CalibrationReport, 'falseAlarms'>) {
  return (
    <Section title={t('calibrate.rate')}>
      <p className="numbers max-w-3xl" data-false-alarms>
        {falseAlarms
          ? said('calibrate.rateText', { alpha: figure(falseAlarms.alpha), mean: <strong>{percent(falseAlarms.mean)}</strong>, low: percent(falseAlarms.low), high: percent(falseAlarms.high) })
          : t('calibrate.rateNone')}
      </p>
    </Section>
  )
}

function BeforeNow({ report }: { report: CalibrationReport }) {
  const { earlier, falseAlarms, calibrationCount, heatmapUsual, scores } = report
  const standing = (of: { calibrationCount: number; date: string; heatmapUsual: number }, flagged: string, names: readonly string[]): string[] => [
    t('models.calibration', { count: of.calibrationCount, date: date(Date.parse(of.date)) }),
    flagged,
    t('models.oneIn', { of: of.calibrationCount + 1 }),
    in255ths(of.heatmapUsual),
    names.join(', '),
  ]
  const now = standing({ calibrationCount, heatmapUsual, date: report.date }, falseAlarms ? t('calibrate.aboutShare', { mean: percent(falseAlarms.mean) }) : percent(0), scores.map(({ name }) => name))
  const before = earlier && standing(earlier, `${percent(earlier.flagged.count / earlier.flagged.of)} (${t('part', { part: earlier.flagged.count, whole: earlier.flagged.of })})`, earlier.scores)
  const titles = [t('models.calibratedOn'), t('calibrate.flagged', { alpha: figure(report.alpha) }), t('models.smallestP'), t('calibrate.usualHeat'), t('models.scores')]
  const title = t(earlier ? 'calibrate.beforeNow' : 'calibrate.now')
  return (
    <Section title={title}>
      <Table label={title}>
        <thead className="bg-panel text-xs text-ink-soft">
          <tr>
            <td />
            {before && (
              <th scope="col" className={head}>
                {t('calibrate.before')}
              </th>
            )}
            <th scope="col" className={head}>
              {t('calibrate.now')}
            </th>
          </tr>
        </thead>
        <tbody data-before-now>
          {titles.map((row, i) => (
            <tr key={row} className="border-t border-line">
              <th scope="row" className={`${left} font-normal`}>
                {row}
              </th>
              {before && <td className={cell}>{before[i]}</td>}
              <td className={`${cell} font-semibold`}>{now[i]}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {earlier && (
        <p className="numbers max-w-3xl pt-1.5 text-xs text-ink-soft">
          {t('calibrate.beforeNote', { scans: earlier.flagged.of, share: percent(report.alpha) })}
          {earlier.unfamiliar && ` ${t('calibrate.unfamiliar', earlier.unfamiliar)}`}
        </p>
      )}
    </Section>
  )
}

function SeparationCells({ of: { aucAt2of255, foundAt2of255, found, noise }, strong }: { of: Separation; strong: boolean }) {
  return [fixed(aucAt2of255, 3), percent(foundAt2of255), percent(found), percent(noise)].map((value, column) => (
    <td key={column} className={`${cell} ${strong ? 'font-semibold' : ''}`}>
      {value}
    </td>
  ))
}

function Choice({ report }: { report: CalibrationReport }) {
  const { choice, scores } = report
  const chosen = new Set(scores.map(({ name }) => name))
  return (
    <Section title={t('calibrate.choice')}>
      <p className="max-w-3xl pb-1.5">
        {decidesInWords(report)}. {!choice && t('calibrate.kept')}
      </p>
      {choice && (
        <>
          <Table label={t('calibrate.choiceTable')}>
            <thead className="bg-panel text-xs text-ink-soft">
              <tr>
                <th scope="col" className={`${left} font-normal`}>
                  {t('calibrate.score')}
                </th>
                {(['calibrate.auc', 'calibrate.foundAt', 'calibrate.foundAll', 'calibrate.noise'] as const).map((key) => (
                  <th key={key} scope="col" className={head}>
                    {t(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody data-choice>
              <tr className="border-t border-line bg-accent-deep/40">
                <th scope="row" className={`${left} font-semibold`}>
                  {t('calibrate.together')}
                </th>
                <SeparationCells of={choice.together} strong />
              </tr>
              {choice.candidates.map(({ name, ...separation }) => (
                <tr key={name} className="border-t border-line" data-score={name} data-chosen={chosen.has(name) || undefined}>
                  <th scope="row" className={`${left} ${chosen.has(name) ? 'font-semibold' : 'font-normal'}`}>
                    <span lang="en">{name}</span>
                    {chosen.has(name) && (
                      <span className="ml-2 inline-flex items-center gap-0.5 align-middle text-xs font-normal text-clean">
                        <Check size={13} aria-hidden /> {t('calibrate.chosen')}
                      </span>
                    )}
                  </th>
                  <SeparationCells of={separation} strong={chosen.has(name)} />
                </tr>
              ))}
            </tbody>
          </Table>
          <p className="numbers max-w-3xl pt-1.5 text-xs text-ink-soft">{t('calibrate.choiceText', { scans: choice.scans, attacks: choice.attacks.join(', ') })}</p>
        </>
      )}
    </Section>
  )
}

function Next({ run, report: { warnings, falseAlarms } }: { run: CalibrationRun; report: CalibrationReport }) {
  const steps = [
    ...(warnings.length > 0 ? [t('calibrate.next.warnings')] : []),
    ...(falseAlarms ? [t('calibrate.next.try', { high: percent(falseAlarms.high) })] : [t('calibrate.next.more')]),
    t('calibrate.next.audit'),
    t('calibrate.next.later'),
  ]
  return (
    <Section title={t('calibrate.next')}>
      <ol className="max-w-3xl list-decimal space-y-1 pl-5">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Button
        className="mt-2"
        onClick={() => {
          changeAuditForm({ bundle: run.made, finding: '' })
          goTo('audit')
        }}
      >
        <ShieldAlert size={14} aria-hidden /> {t('calibrate.audit')}
      </Button>
    </Section>
  )
}

function Unreadable({ failures }: Pick<CalibrationReport, 'failures'>) {
  if (failures.length === 0) return null
  return (
    <details className="rounded-md border border-line bg-panel px-2.5 py-1.5 text-xs">
      <summary className="cursor-pointer">{plural('calibrate.unreadable', failures.length)}</summary>
      <ul className="selectable mt-1 space-y-0.5">
        {failures.map(({ path, error }) => (
          <li key={path} className="break-words">
            {path}: <span lang="en">{error.message}</span> <code className="text-2xs text-ink-soft">{error.code}</code>
          </li>
        ))}
      </ul>
    </details>
  )
}

export function CalibrationResult({ run, report }: { run: CalibrationRun; report: CalibrationReport }) {
  return (
    <>
      <Outcome run={run} />
      <div className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4" tabIndex={0} role="region" aria-label={t('calibrate.result')} data-calibrated={report.calibrationCount}>
        <Warnings warnings={report.warnings} />
        <Rate falseAlarms={report.falseAlarms} />
        <BeforeNow report={report} />
        <Choice report={report} />
        <Next run={run} report={report} />
        <Unreadable failures={report.failures} />
      </div>
    </>
  )
}

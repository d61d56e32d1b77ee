/** Accuracy against strength: one panel per attacker and defence, one line per attack, guessing as a dashed line. */
import type { AuditReport, Curve } from '../../../shared/audit'
import { figure, inSentence, t } from '../../language'
import { defenceName, strength, threatName } from '../../wording/audit'
import { curvePanels, legendOf, lineTitles, scaleOf } from './curve-panels'

const [width, height] = [340, 220]
const edge = { left: 40, right: 12, top: 10, bottom: 34 }

/** Told apart by colour and by dash, so that colour alone decides nothing. Okabe & Ito's palette on dark. */
const lineLooks = [
  { colour: 'var(--series-1)', dash: '' },
  { colour: 'var(--series-2)', dash: '6 3' },
  { colour: 'var(--series-4)', dash: '2 2' },
  { colour: 'var(--series-5)', dash: '8 3 2 3' },
  { colour: 'var(--series-3)', dash: '1 3' },
  { colour: 'var(--series-6)', dash: '10 4' },
  { colour: 'var(--series-7)', dash: '4 4' },
] as const

/** The worst case is what the audit is about: one thick line in the colour of the text, the others drawn over it. */
const lookOf = (name: string, names: readonly string[]) => (name === 'worst' ? { colour: 'var(--ink)', dash: '', width: 4 } : { ...lineLooks[names.indexOf(name) % lineLooks.length]!, width: 1.5 })

function Panel({ title, curves, names, titles, guessing }: { title: string; curves: readonly Curve[]; names: readonly string[]; titles: ReadonlyMap<string, string>; guessing: number }) {
  const { largest, ticks } = scaleOf(curves)
  const x = (eps: number) => edge.left + (eps / largest) * (width - edge.left - edge.right)
  const y = (accuracy: number) => edge.top + (1 - accuracy) * (height - edge.top - edge.bottom)
  const norm = curves[0]!.norm
  return (
    <figure className="rounded-lg border border-line bg-panel p-2">
      <figcaption className="px-1 pb-1 text-xs">{title}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} className="w-full" role="img" aria-label={t('audit.panelLabel', { title })}>
        {[0, 0.25, 0.5, 0.75, 1].map((accuracy) => (
          <g key={accuracy}>
            <line x1={edge.left} x2={width - edge.right} y1={y(accuracy)} y2={y(accuracy)} stroke="var(--line)" />
            <text x={edge.left - 6} y={y(accuracy) + 3.5} textAnchor="end" fontSize="10" fill="var(--ink-soft)">
              {100 * accuracy} %
            </text>
          </g>
        ))}
        {ticks.map((eps) => (
          <text key={eps} x={x(eps)} y={height - edge.bottom + 14} textAnchor="middle" fontSize="10" fill="var(--ink-soft)">
            {eps === 0 ? '0' : strength(eps, norm).replace('/255', '')}
          </text>
        ))}
        <text x={(edge.left + width - edge.right) / 2} y={height - 4} textAnchor="middle" fontSize="10" fill="var(--ink-soft)">
          {norm === 'linf' ? t('audit.axisLinf') : t('audit.axisL2')}
        </text>
        <line x1={edge.left} x2={width - edge.right} y1={y(guessing)} y2={y(guessing)} stroke="var(--ink-soft)" strokeDasharray="3 4" />
        <text x={width - edge.right} y={y(guessing) - 4} textAnchor="end" fontSize="9" fill="var(--ink-soft)">
          {t('audit.guessing')}
        </text>
        {[...curves].sort((a, b) => Number(b.attack === 'worst') - Number(a.attack === 'worst')).map((curve) => {
          const { colour, dash, width: thickness } = lookOf(curve.attack, names)
          return (
            <g key={curve.attack} stroke={colour} fill={colour}>
              <polyline fill="none" strokeWidth={thickness} strokeDasharray={dash} points={curve.points.map(({ eps, accuracy }) => `${x(eps).toFixed(1)},${y(accuracy).toFixed(1)}`).join(' ')} />
              {curve.points.map(({ eps, accuracy, of }) => (
                <circle key={eps} cx={x(eps)} cy={y(accuracy)} r={2.4} stroke="none">
                  <title>{t('audit.point', { attack: titles.get(curve.attack) ?? curve.attack, strength: strength(eps, norm), share: figure((100 * accuracy).toFixed(1)), of })}</title>
                </circle>
              ))}
            </g>
          )
        })}
      </svg>
    </figure>
  )
}

export function Curves({ report }: { report: AuditReport }) {
  const names = legendOf(report.curves)
  const titles = lineTitles(report.runs)
  return (
    <div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 pb-2 text-xs" aria-label={t('audit.lines')}>
        {names.map((name) => (
          <li key={name} className="flex items-center gap-1.5">
            <svg width="26" height="8" aria-hidden>
              <line x1="0" x2="26" y1="4" y2="4" stroke={lookOf(name, names).colour} strokeWidth={lookOf(name, names).width} strokeDasharray={lookOf(name, names).dash} />
            </svg>
            {titles.get(name) ?? name}
          </li>
        ))}
      </ul>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(20rem,1fr))] gap-3">
        {curvePanels(report.curves).map(({ threat, defence, norm, curves }) => (
          <Panel key={`${threat} ${defence} ${norm}`} title={`${threatName(threat)}, ${inSentence(defenceName(defence))}`} curves={curves} names={names} titles={titles} guessing={1 / report.model.classes.length} />
        ))}
      </div>
    </div>
  )
}

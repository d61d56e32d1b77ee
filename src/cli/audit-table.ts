/** An audit's report and plan as tables for a person. */
import { type AuditPlan, type AuditReport, type AuditRow, mayEndEarly, type Norm, type Share, type WorstCase } from '../shared/audit'
import { smallestChanges } from '../shared/audit-words'
import { duration } from './progress'
import { table, type Column } from './table'

const percent = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : (100 * value).toFixed(1))
const interval = (share: Share | undefined): string => (share ? `${percent(share.value)} (${percent(share.low)}–${percent(share.high)})` : '–')
const strength = (eps: number, norm: Norm): string => (norm === 'linf' ? `${Number((255 * eps).toPrecision(4))}/255` : `L2 ${Number(eps.toPrecision(4))}`)

const defenceTitle = (name: string): string => ({ none: 'bare', purifier: 'purified', bits: '5 bits' })[name] ?? name

function rowTable({ runs, defences }: AuditReport): string[] {
  const columns: Column[] = [{ title: 'threat' }, { title: 'attack' }, { title: 'ε', right: true }, ...defences.map((name) => ({ title: defenceTitle(name), right: true })), { title: 'AUC', right: true }, { title: 'flagged', right: true }, { title: 'median L∞·255', right: true }, { title: 'median L2', right: true }]
  const line = (row: AuditRow): string[] => [
    row.threat,
    row.title,
    strength(row.eps, row.norm),
    ...defences.map((name) => percent(row.robust[name]?.value)),
    row.detectionAuc === null ? '–' : row.detectionAuc.toFixed(3),
    percent(row.detectedAtAlpha),
    // Nothing broke where nothing changed.
    row.medianLinf === 0 ? '–' : (255 * row.medianLinf).toFixed(2),
    row.medianLinf === 0 ? '–' : row.medianL2.toFixed(3),
  ]
  return [...table(columns, runs.map(line)), ...smallestChanges(runs)]
}

function worstTable({ worstCase, defences }: AuditReport): string[] {
  const shown = defences.filter((name) => name === 'none' || name === 'purifier')
  const columns: Column[] = [{ title: 'threat' }, { title: 'ε', right: true }, ...shown.map((name) => ({ title: defenceTitle(name) })), ...(worstCase.some(({ evaded }) => evaded) ? [{ title: 'wrong and unflagged' }] : []), { title: 'attacks' }]
  const line = (worst: WorstCase): string[] => [worst.threat, strength(worst.eps, worst.norm), ...shown.map((name) => interval(worst.robust[name])), ...(worst.evaded ? [interval(worst.evaded)] : []), worst.attacks.join(', ')]
  return table(columns, worstCase.map(line))
}

/** What a person reads on stdout. */
export function auditLines(report: AuditReport): string[] {
  const { model, data, n, clean, defences, falseAlarms, alpha, warnings, limits, seconds } = report
  const at = falseAlarms ? [`Untouched images flagged at α = ${alpha}: ${interval(falseAlarms)} %`] : []
  return [
    `${model.name} (${model.id})${model.finding === null ? '' : `, finding ${model.finding}`} on ${n} images of ${data.path}`,
    `Clean accuracy, %: ${defences.map((name) => `${defenceTitle(name)} ${interval(clean[name])}`).join(', ')}`,
    ...at,
    '',
    'Robust accuracy, % of all images (right when clean and still right when attacked):',
    ...rowTable(report),
    '',
    'Worst case per image, % with 95 % confidence interval:',
    ...worstTable(report),
    ...(warnings.length ? ['', 'Warnings:', ...warnings.map(({ code, message }) => `  [${code}] ${message}`)] : []),
    '',
    ...limits,
    `${duration(seconds)} of attacks, seed ${report.seed}, ${report.provider}.`,
  ]
}

export function planLines({ bundle, images, counts, classes, runs, passes, seconds, secondsIfBroken, provider, warnings }: AuditPlan): string[] {
  const someTaken = runs.some(({ taken }) => taken > 0)
  const columns: Column[] = [{ title: 'run' }, { title: 'attack' }, { title: 'forward', right: true }, { title: 'gradient', right: true }, ...(someTaken ? [{ title: 'attacked already', right: true }] : []), { title: 'at most', right: true }]
  return [
    `${bundle} on ${images} images (${classes.map((name, i) => `${counts[i]} ${name}`).join(', ')}), ${provider}`,
    ...table(columns, runs.map(({ run, title, forward, gradient, taken, seconds: each }) => [run.id, title, String(forward), String(gradient), ...(someTaken ? [String(taken)] : []), duration(each)])),
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${passes} passes over all images, ${duration(seconds)} at most${mayEndEarly({ seconds, secondsIfBroken }) ? ` (${duration(secondsIfBroken)} where the first of AutoAttack's attacks is enough)` : ''}; the columns count passes per image.`,
    ...warnings.map(({ code, message }) => `[${code}] ${message}`),
  ]
}

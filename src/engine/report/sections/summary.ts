/** What an audit came to, in words: clean, under attackers who do not know the purifier, and beside them those who do. */
import type { AuditReport, Share, Threat, WorstCase } from '../../../shared/audit'
import { normName, strengthText } from '../../../shared/audit-words'
import { researchUseOnly } from '../../../shared/notice'
import type { Block } from '../document'
import { counted, percent, shareText } from '../text'
import { pipelineOf } from './defences'
import { worstCaseTable } from './worst-case'

/** Of those that were tried, the attacker who leaves the least right; where several leave as much, the one who knows most. */
function strongestOf(report: AuditReport): Threat | undefined {
  const pipeline = pipelineOf(report)
  const left = (threat: Threat): number => ladder(report, threat).at(-1)?.robust[pipeline]?.value ?? Infinity
  const tried = (['adaptive', 'oblivious', 'blackbox', 'transfer'] as const).filter((threat) => report.worstCase.some((entry) => entry.threat === threat))
  return tried.reduce<Threat | undefined>((best, threat) => (best === undefined || left(threat) < left(best) ? threat : best), undefined)
}

/** Worst cases of a threat in the norm that was asked for first, weakest strength first. */
function ladder({ worstCase }: AuditReport, threat: Threat): WorstCase[] {
  const own = worstCase.filter((entry) => entry.threat === threat)
  return own.filter(({ norm }) => norm === worstCase[0]!.norm).concat(own.every(({ norm }) => norm !== worstCase[0]!.norm) ? own : []).sort((a, b) => a.eps - b.eps)
}

const at = ({ eps, norm }: WorstCase): string => `${strengthText(eps, norm)} in ${normName[norm]}`

/** One sentence that a board can take home. Never a claim that a model is safe. */
export function headlineOf(report: AuditReport): string {
  const threat = strongestOf(report)
  const pipeline = pipelineOf(report)
  const clean = report.clean[pipeline]
  if (!threat || !clean) return 'No attack of this audit is complete, so it says nothing about robustness yet.'
  const steps = ladder(report, threat)
  const subject = pipeline === 'purifier' ? 'classifier and purifier together' : 'the classifier'
  const broken = steps.find((entry) => (entry.robust[pipeline]?.value ?? 1) < clean.value / 2)
  const attacker = { adaptive: 'an attacker who knows the whole model', blackbox: 'an attacker who only asks for answers', oblivious: 'an attacker who knows the classifier', transfer: 'an attacker who has another model' }[threat]
  const unknown = threat === 'oblivious' && pipeline === 'purifier' ? ' What one who also knows the purifier can do was not measured.' : ''
  if (broken)
    return `Changes of at most ${at(broken)} are enough for ${attacker} to make ${subject} wrong on more than half of the images that it otherwise gets right: ${percent(broken.robust[pipeline]!.value)} of all images are still answered right, against ${percent(clean.value)} untouched.${unknown}`
  const last = steps.at(-1)!
  return `Up to ${at(last)}, the largest change tried, ${attacker} left ${subject} right on ${percent(last.robust[pipeline]?.value ?? 0)} of the images, against ${percent(clean.value)} untouched. Stronger attacks may do better; this is no proof of robustness.${unknown}`
}

const onImages = ({ count, of }: Share): string => `${count.toLocaleString('en-US')} of ${counted(of, 'image')}`

function cleanSentence({ clean, falseAlarms, alpha }: AuditReport): string {
  const bare = clean['none']
  const purified = clean['purifier']
  return [
    bare ? `Untouched, the classifier is right on ${shareText(bare)}, ${onImages(bare)}` : '',
    purified ? `; behind the purifier on ${shareText(purified)}` : '',
    '.',
    falseAlarms ? ` The detector flags ${shareText(falseAlarms)} of the untouched images at α = ${alpha}.` : '',
  ].join('')
}

/** How a share goes from the weakest strength to the largest. */
function course(steps: readonly WorstCase[], shareOf: (entry: WorstCase) => Share | null | undefined): string {
  const ends = steps.length === 1 ? steps : [steps[0]!, steps.at(-1)!]
  const value = (share: Share | null | undefined): string => (share ? percent(share.value) : 'unknown')
  return ends.map((entry) => `${value(shareOf(entry))} at ${at(entry)}`).join(' and ')
}

function threatSentence(report: AuditReport, threat: Threat): string {
  const steps = ladder(report, threat)
  if (steps.length === 0) return ''
  const purified = report.clean['purifier'] !== undefined
  const evaded = steps.at(-1)!.evaded ? ` The answer is wrong behind the purifier and the detector stays silent on ${course(steps, (entry) => entry.evaded)}.` : ''
  const who = { oblivious: 'Oblivious: an attacker who knows only the classifier', adaptive: 'Adaptive: an attacker who knows classifier and purifier', blackbox: 'Black box: an attacker who only asks for answers', transfer: 'Transfer: an attacker who attacks another model' }[threat]
  const bare = `leaves the bare classifier right on ${course(steps, ({ robust }) => robust['none'])}`
  return `${who} ${purified ? `${threat === 'adaptive' ? '' : `${bare}, and `}leaves the pipeline with the purifier right on ${course(steps, ({ robust }) => robust['purifier'])}` : bare}.${evaded}`
}

/** What must be read first, before any number. */
export function openingOf(report: AuditReport): Block[] {
  return [
    { kind: 'notice', text: researchUseOnly, tone: 'plain' },
    ...(report.partial ? [{ kind: 'notice', text: 'This audit is not complete. The numbers below are those of the runs that are.', tone: 'alarm' } as const] : []),
    { kind: 'paragraph', text: headlineOf(report), tone: 'lead' },
    { kind: 'heading', level: 1, text: report.warnings.length ? `Warnings (${report.warnings.length})` : 'Warnings', id: 'warnings' },
    report.warnings.length
      ? { kind: 'warnings', items: report.warnings }
      : { kind: 'paragraph', text: 'None was raised. That is no proof that gradients were not masked or that the images were the right ones.' },
  ]
}

export function summaryOf(report: AuditReport): Block[] {
  const unmeasured = report.clean['purifier'] && !report.worstCase.some(({ threat }) => threat === 'adaptive')
  const items = [
    cleanSentence(report),
    ...(['oblivious', 'adaptive', 'blackbox', 'transfer'] as const).map((threat) => threatSentence(report, threat)),
    unmeasured ? 'Adaptive: not measured. An attacker who knows the purifier may undo all that it gains, so the oblivious numbers must not be read alone.' : '',
  ].filter(Boolean)
  return [{ kind: 'heading', level: 1, text: 'Summary', id: 'summary' }, { kind: 'list', items }, ...worstCaseTable(report)]
}

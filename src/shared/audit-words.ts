/** Strengths, attackers and defences in the words that the report uses for people. */
import type { AuditRow, Norm, Threat } from './audit'

/** "4/255" in L∞, "0.5" in L2. */
export const strengthText = (eps: number, norm: Norm): string => (norm === 'linf' ? `${Number((eps * 255).toPrecision(4))}/255` : String(Number(eps.toPrecision(4))))

export const normName: Readonly<Record<Norm, string>> = { linf: 'L∞', l2: 'L2' }

export const threatName: Readonly<Record<Threat, string>> = { oblivious: 'Oblivious', adaptive: 'Adaptive', blackbox: 'Black box', transfer: 'Transfer' }

/** What each attacker knows, of a model with a purifier. */
const threatSentences: Readonly<Record<Threat, string>> = {
  oblivious: 'The attacker knows the classifier down to its weights, but not that a purifier stands before it. This flatters every purifier.',
  adaptive: 'The attacker knows everything: the classifier, the purifier and, where there is one, the detector, and takes gradients through all of them. This is the number to rely on.',
  blackbox: 'The attacker knows nothing of the inside and can only ask the whole pipeline for answers, as often as each attack states.',
  transfer: 'The attacker has another model, attacks that one, and hopes that the changes fool this one too.',
}

/** What each attacker knows, in a sentence or two. */
export const threatSentence = (threat: Threat, { purifier }: { purifier: boolean }): string =>
  !purifier && (threat === 'oblivious' || threat === 'adaptive') ? 'The attacker knows the classifier down to its weights.' : threatSentences[threat]

const defenceNames: Readonly<Record<string, string>> = { none: 'No defence', purifier: 'Purifier', median: 'Median 3×3', jpeg: 'JPEG 75', bits: '5 bits' }

/** What stands before the classifier, as columns are headed. */
export const defenceName = (defence: string): string => (Object.hasOwn(defenceNames, defence) ? defenceNames[defence]! : defence.replace(/^bundle:/, 'Purifier of '))

/** "PGD", "PGD from vendor-model". */
export const rowName = ({ title, source }: Pick<AuditRow, 'title' | 'source'>): string => (source === undefined ? title : `${title} from ${source}`)

/** A sentence for each run that looked for the smallest change: how large it was, whatever strengths the rows count at. */
export function smallestChanges(rows: readonly AuditRow[]): string[] {
  const runs = new Map(rows.map((row) => [row.run, row]))
  return [...runs.values()].flatMap((row) => {
    if (!row.smallest) return []
    const { medianL2, medianLinf, broken } = row.smallest
    return `${rowName(row)}, ${threatName[row.threat].toLowerCase()}: the smallest changes that it found to break an image have a median of ${Number(medianL2.toPrecision(3))} in L2 and ${Number((255 * medianLinf).toPrecision(3))}/255 in L∞, over the ${broken} that it broke at any size.`
  })
}

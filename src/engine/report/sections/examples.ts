/** The worst examples: an image as it is, attacked, purified, and what was changed, magnified. */
import type { AuditReport } from '../../../shared/audit'
import { defenceName, normName, strengthText, threatName } from '../../../shared/audit-words'
import type { Block } from '../document'
import type { ReportExample } from '../input'
import { differencePicture, pictureOf } from '../pictures'
import { curveName, seriesOf } from '../plots/series'
import { numberText } from '../text'

type Examples = Extract<Block, { kind: 'examples' }>

const heading: Block = { kind: 'heading', level: 1, text: 'Worst examples', id: 'examples' }

/** @param whyNone a sentence, where examples could not be had */
export function examplesOf(report: AuditReport, examples: readonly ReportExample[], whyNone?: string): Block[] {
  if (whyNone !== undefined) return [heading, { kind: 'notice', tone: 'plain', text: `They could not be shown. ${whyNone}` }]
  if (examples.length === 0) return []
  const series = seriesOf(report)
  const { classes, input } = report.model
  const classOf = (index: number | undefined): string => (index === undefined ? '–' : (classes[index] ?? String(index)))

  const items = examples.map((example, i): Examples['items'][number] => {
    const { image, run, record, defence, evaded, clean, attacked, purified, difference } = example
    const { factor, picture: change } = differencePicture(difference, input)
    const answer = (predicted: number | undefined) => ({ detail: classOf(predicted), alarm: predicted !== image.label })
    const size = `L∞ ${numberText(record.linf * 255)}/255, L2 ${numberText(record.l2)}`
    const p = record.attacked.pValue
    const flag = p === null ? '' : p <= report.alpha ? ` Flagged by the detector (p = ${numberText(p)}).` : ` Not flagged by the detector (p = ${numberText(p)}).`
    return {
      title: `${i + 1}. ${image.path}`,
      detail: `True class: ${classOf(image.label)}. ${series.get(curveName(run))?.name ?? run.attack}, ${threatName[run.threat].toLowerCase()}, at most ${strengthText(run.epsilon, run.norm)} in ${normName[run.norm]}; changed by ${size}${record.queries === undefined ? '' : `, ${record.queries.toLocaleString('en-US')} queries`}. Made wrong ${defence === 'none' ? 'without a defence' : `behind: ${defenceName(defence).toLowerCase()}`}.${flag}${evaded ? ' Nobody would have been warned.' : ''}`,
      pictures: [
        { title: 'Untouched', ...answer(image.clean.predicted['none']), picture: pictureOf(clean, input) },
        { title: 'Attacked', ...answer(record.attacked.predicted['none']), picture: pictureOf(attacked, input) },
        ...(purified ? [{ title: 'Attacked, purified', ...answer(record.attacked.predicted['purifier']), picture: pictureOf(purified, input) }] : []),
        { title: `Change × ${factor}`, detail: 'grey: unchanged', alarm: false, picture: change },
      ],
    }
  })
  return [
    heading,
    { kind: 'examples', caption: 'Images made wrong by the smallest changes, those first that fooled the whole pipeline without being flagged. Below each picture stands the answer. The change is magnified by the factor over it, on middle grey.', items },
  ]
}

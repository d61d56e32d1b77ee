/** The table that counts most: images that nothing broke. */
import type { AuditReport } from '../../../shared/audit'
import { defenceName, normName, strengthText, threatName } from '../../../shared/audit-words'
import type { Block } from '../document'
import { counted } from '../text'
import { defenceColumns, pipelineOf, shareCell } from './defences'

export function worstCaseTable(report: AuditReport): Block[] {
  const { worstCase, defences } = report
  if (worstCase.length === 0) return []
  const pipeline = pipelineOf(report)
  const threats = report.threats.filter((threat) => worstCase.some((entry) => entry.threat === threat))
  const evaded = worstCase.some((entry) => entry.evaded)
  return [
    {
      kind: 'table',
      caption: `Worst case: images answered right that no attack of the threat made wrong, of all ${counted(report.n, 'image')}, over the 95 % interval (Wilson).${threats.includes('adaptive') ? ' The adaptive attacker also has what the oblivious and the black-box attacker found.' : ''}`,
      columns: [
        { title: 'Threat', align: 'left', weight: 1.3 },
        { title: 'Largest change', align: 'left', weight: 1.1 },
        ...defenceColumns(report),
        { title: `${defenceName(pipeline)}, after rounding to 8 bits`, align: 'right', weight: 1.4 },
        ...(evaded ? [{ title: 'Wrong and not flagged', align: 'right' as const, weight: 1.3 }] : []),
      ],
      groups: threats.map((threat) => {
        const entries = worstCase.filter((entry) => entry.threat === threat)
        return {
          name: threatName[threat],
          detail: counted(new Set(entries.flatMap(({ attacks }) => attacks)).size, 'attack'),
          rows: entries.map((entry) => [
            { text: strengthText(entry.eps, entry.norm), detail: normName[entry.norm] },
            ...defences.map((name) => shareCell(entry.robust[name], name === pipeline ? 'strong' : undefined)),
            shareCell(entry.robustAt8Bits[pipeline]),
            ...(evaded ? [shareCell(entry.evaded)] : []),
          ]),
        }
      }),
    },
  ]
}

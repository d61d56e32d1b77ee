/** Columns of accuracies, one for each defence. */
import type { AuditReport, Share } from '../../../shared/audit'
import { defenceName } from '../../../shared/audit-words'
import type { Cell, Column } from '../document'
import { intervalText, percent } from '../text'

/** What is meant to be used: the purifier before the classifier where there is one. */
export const pipelineOf = ({ clean }: Pick<AuditReport, 'clean'>): string => (clean['purifier'] ? 'purifier' : 'none')

export const defenceColumns = ({ defences }: Pick<AuditReport, 'defences'>): Column[] => defences.map((name) => ({ title: defenceName(name), align: 'right', weight: 1.2 }))

/** A share over its interval; a dash where it was not measured. */
export const shareCell = (share: Share | null | undefined, tone?: Cell['tone']): Cell => (share ? { text: percent(share.value), detail: intervalText(share), ...(tone && { tone }) } : { text: '–', tone: 'quiet' })

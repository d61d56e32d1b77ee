/** What the reports for people are made of: the numbers, a few images, and how they came about. */
import type { AuditReport } from '../../shared/audit'
import { toAssayError } from '../../shared/errors'
import { findAttack } from '../attacks/registry'
import type { ReportInput } from '../report/input'
import { describeAttack } from './describe-attack'
import { examplesOf } from './examples'
import type { OpenedAudit } from './images'
import type { Judge } from './judge'

/** Examples of a report: a page of them. */
const shown = 6

/** That examples cannot be had keeps nobody from the numbers. */
async function examplesIn(audit: OpenedAudit, judge: Pick<Judge, 'purified'>): Promise<Pick<ReportInput, 'examples' | 'whyNoExamples'>> {
  if (!audit.job.keep) return { examples: [] }
  try {
    return { examples: await examplesOf(audit, shown, judge) }
  } catch (error) {
    return { examples: [], whyNoExamples: toAssayError(error).message }
  }
}

/** @param judge of the audit, which shows what the purifier makes of the examples */
export async function reportInputOf(audit: OpenedAudit, report: AuditReport, judge: Pick<Judge, 'purified'>): Promise<ReportInput> {
  const { job } = audit
  const names = [...new Set(job.runs.map(({ attack }) => attack))]
  return {
    report,
    ...(await examplesIn(audit, judge)),
    provenance: { started: job.started, attacked: job.attacked, runs: job.runs, attacks: names.map((name) => describeAttack(findAttack(name), job.norm, job.eps.at(-1)!)) },
  }
}

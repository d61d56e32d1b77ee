/** What the reports for people are made of: the numbers, a few images, and how they came about. */
import type { AttackDescription, AuditReport, AuditRun } from '../../shared/audit'
import { findAttack } from '../attacks/registry'
import { describeAttack } from './describe-attack'
import { examplesOf, type Example } from './examples'
import type { OpenedAudit } from './images'

/** Examples of a report: a page of them. */
const shown = 6

export interface AuditReportInput {
  report: AuditReport
  examples: Example[]
  provenance: { started: string; attacked: string | null; runs: readonly AuditRun[]; attacks: AttackDescription[] }
}

/** @throws AssayError what looking at the kept images meets; without kept images there are no examples */
export async function reportInputOf(audit: OpenedAudit, report: AuditReport): Promise<AuditReportInput> {
  const { job } = audit
  const names = [...new Set(job.runs.map(({ attack }) => attack))]
  return {
    report,
    examples: job.keep ? await examplesOf(audit, shown) : [],
    provenance: { started: job.started, attacked: job.attacked, runs: job.runs, attacks: names.map((name) => describeAttack(findAttack(name), job.norm, job.eps.at(-1)!)) },
  }
}

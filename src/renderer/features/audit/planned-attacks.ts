/** The runs of a plan as a person counts them: one attack of one attacker at several strengths is one line. */
import type { AuditPlan, AuditRun } from '../../../shared/audit'

export interface PlannedAttack {
  key: string
  title: string
  run: AuditRun
  /** Ascending; of a minimum-norm attack none, since one run speaks for all. */
  strengths: number[]
  seconds: number
}

/** In the order in which the first run of each is made. */
export function plannedAttacks(runs: AuditPlan['runs']): PlannedAttack[] {
  const lines = new Map<string, PlannedAttack>()
  for (const { run, title, seconds } of runs) {
    const key = [run.threat, run.attack, run.variant ?? '', run.check ?? '', run.norm].join(' ')
    const line = lines.get(key) ?? { key, title, run, strengths: [], seconds: 0 }
    if (!run.minimumNorm) line.strengths.push(run.epsilon)
    line.seconds += seconds
    lines.set(key, line)
  }
  return [...lines.values()]
}

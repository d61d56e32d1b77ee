/** How thorough an audit is by name: what fills in for attacks, strengths and images that are not asked for. */
import type { AttackName, Norm, Threat } from './audit'

export interface AuditPreset {
  /** As far as they are there. */
  attacks: readonly AttackName[]
  /** In units of [0, 1], ascending. */
  eps: Readonly<Record<Norm, readonly number[]>>
  /** Images at most; all where absent. */
  limit?: number
  /** Shorter than the attacks' own; for the attacks of the preset, not for those that were named. */
  options?: Readonly<Partial<Record<AttackName, Readonly<Record<string, number>>>>>
  /** Strengths beyond those asked for, until accuracy reaches guessing. */
  reach: boolean
}

export const auditPresets: Readonly<Record<'quick' | 'standard' | 'full', AuditPreset>> = {
  quick: { attacks: ['fgsm', 'pgd'], eps: { linf: [2 / 255, 4 / 255, 8 / 255], l2: [0.5, 1, 2] }, limit: 64, options: { pgd: { steps: 20 } }, reach: false },
  standard: { attacks: ['fgsm', 'pgd', 'apgd', 'apgd-dlr', 'deepfool', 'square'], eps: { linf: [1 / 255, 2 / 255, 4 / 255, 8 / 255], l2: [0.25, 0.5, 1, 2] }, limit: 100, options: { apgd: { steps: 50 }, 'apgd-dlr': { steps: 50 }, square: { queries: 500 } }, reach: false },
  full: { attacks: ['fgsm', 'pgd', 'deepfool', 'cw', 'spsa', 'square', 'autoattack'], eps: { linf: [1 / 255, 2 / 255, 4 / 255, 8 / 255, 16 / 255], l2: [0.25, 0.5, 1, 2, 4] }, reach: true },
}

/** Who attacks where nobody was chosen: whoever knows the classifier, whoever knows the purifier too, whoever has another model. */
export const presetThreats = (has: { purifier: boolean; source: boolean }): Threat[] => ['oblivious', ...(has.purifier ? (['adaptive'] as const) : []), ...(has.source ? (['transfer'] as const) : [])]

/**
 * How thorough an audit is where nothing else is said. Attacks that are asked for by name need no preset; those of a
 * preset are taken as far as there are any.
 */
import type { JobParameters } from '../../shared/job-parameters'
import type { Norm, Threat } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import { attacks, findAttack } from '../attacks/registry'
import type { Attack } from '../attacks/attack'

interface Preset {
  attacks: readonly string[]
  eps: Readonly<Record<Norm, readonly number[]>>
  limit?: number
  /** Shorter than the attacks' own; for the attacks of the preset, not for those that were named. */
  options?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Strengths beyond those asked for, until accuracy reaches guessing. */
  reach: boolean
}

const presets: Record<JobParameters['audit']['preset'], Preset> = {
  quick: { attacks: ['fgsm', 'pgd'], eps: { linf: [2 / 255, 4 / 255, 8 / 255], l2: [0.5, 1, 2] }, limit: 64, options: { pgd: { steps: 20 } }, reach: false },
  standard: { attacks: ['fgsm', 'pgd', 'apgd', 'apgd-dlr', 'deepfool', 'square'], eps: { linf: [1 / 255, 2 / 255, 4 / 255, 8 / 255], l2: [0.25, 0.5, 1, 2] }, limit: 100, options: { apgd: { steps: 50 }, 'apgd-dlr': { steps: 50 }, square: { queries: 500 } }, reach: false },
  full: { attacks: ['fgsm', 'pgd', 'deepfool', 'cw', 'spsa', 'square', 'autoattack'], eps: { linf: [1 / 255, 2 / 255, 4 / 255, 8 / 255, 16 / 255], l2: [0.25, 0.5, 1, 2, 4] }, reach: true },
}

/** What is asked, with nothing left open. */
export interface Asked {
  attacks: readonly Attack[]
  /** Ascending. */
  eps: readonly number[]
  norm: Norm
  threats: readonly Threat[]
  limit?: number
  /** By attack. */
  options: Readonly<Record<string, Readonly<Record<string, number>>>>
  reach: boolean
}

const order: readonly Threat[] = ['oblivious', 'adaptive', 'blackbox', 'transfer']

/**
 * @param purifier whether there is one for an adaptive attacker to know
 * @throws AssayError `invalid-arguments` for an attack that does not exist, or a combination that makes no sense
 */
export function askedOf(parameters: JobParameters['audit'], purifier: boolean): Asked {
  const preset = presets[parameters.preset]
  const { norm, source } = parameters
  const eps = [...new Set(parameters.eps ?? preset.eps[norm])].sort((a, b) => a - b)
  if (norm === 'linf' && eps.at(-1)! > 1) throw new AssayError('invalid-arguments', `An ε of ${eps.at(-1)} in L∞ is beyond the whole range of a pixel; give fractions such as 4/255.`, { eps: eps.at(-1)! })
  const threats = parameters.threat ?? ['oblivious', ...(purifier ? (['adaptive'] as const) : []), ...(source !== undefined ? (['transfer'] as const) : [])]
  if (threats.includes('adaptive') && !purifier)
    throw new AssayError('invalid-arguments', 'The bundle has no purifier, so there is nothing more for an adaptive attacker to know; leave adaptive out, or train a purifier.', { threat: 'adaptive' })
  if (threats.includes('transfer') !== (source !== undefined))
    throw new AssayError('invalid-arguments', source === undefined ? 'A transfer attack is made on another model; name its bundle with --source.' : 'A source is for transfer attacks; add transfer to the threats.', { threat: 'transfer' })
  const chosen = parameters.attacks ? [...new Set(parameters.attacks)].map(findAttack) : preset.attacks.flatMap((name) => attacks.find((attack) => attack.name === name) ?? [])
  const strangers = Object.keys(parameters.options).filter((name) => !attacks.some((attack) => attack.name === name))
  if (strangers.length) findAttack(strangers[0]!)
  const limit = parameters.limit ?? preset.limit
  return { attacks: chosen, eps, norm, threats: order.filter((threat) => threats.includes(threat)), ...(limit === undefined ? {} : { limit }), options: optionsOver(parameters.attacks ? {} : (preset.options ?? {}), parameters.options), reach: preset.reach }
}

/** Both, the second put over the first, attack by attack. */
const optionsOver = (under: Asked['options'], over: Asked['options']): Asked['options'] =>
  Object.fromEntries([...new Set([...Object.keys(under), ...Object.keys(over)])].map((attack) => [attack, { ...under[attack], ...over[attack] }]))

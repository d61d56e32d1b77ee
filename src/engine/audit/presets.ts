/**
 * How thorough an audit is where nothing else is said. Attacks that are asked for by name need no preset; those of a
 * preset are taken as far as there are any.
 */
import type { Norm, Threat } from '../../shared/audit'
import { auditPresets, presetThreats } from '../../shared/audit-presets'
import type { JobParameters } from '../../shared/job-parameters'
import { AssayError } from '../../shared/errors'
import { assertPossible } from '../attacks/bounds'
import { attacks, findAttack } from '../attacks/registry'
import type { Attack } from '../attacks/attack'
import { epsilonName } from './runs'

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
  const preset = auditPresets[parameters.preset]
  const { norm, source } = parameters
  // By name, which is what runs and their folders are told apart by.
  const eps = [...new Map((parameters.eps ?? preset.eps[norm]).map((each) => [epsilonName(each, norm), each])).values()].sort((a, b) => a - b)
  assertPossible(eps.at(-1)!, norm)
  for (const radius of parameters.epsOther ?? []) assertPossible(radius, norm === 'linf' ? 'l2' : 'linf')
  const threats = parameters.threat ?? presetThreats({ purifier, source: source !== undefined })
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

/** An attack as forms and reports show it. */
import type { AttackDescription, Norm } from '../../shared/audit'
import type { Attack } from '../attacks/attack'

/** Options as they are at the strength asked about; an attack that lacks the norm is described in its own. */
export function describeAttack(attack: Attack, norm: Norm, epsilon: number): AttackDescription {
  const standard = attack.defaults(epsilon, attack.norms.includes(norm) ? norm : attack.norms[0]!)
  const { name, title, norms, access, minimumNorm, random, reference } = attack
  const parameters = Object.entries(attack.parameters).map(([option, parameter]) => ({ name: option, ...parameter, standard: standard[option]! }))
  return { name, title, norms: [...norms], access, minimumNorm, random, reference, parameters }
}

/** All attacks, by the name that the command line and the records use. A new attack is one file and one line here. */
import { AssayError } from '../../shared/errors'
import type { Attack, AttackOptions } from './attack'
import { apgd, apgdDlr, apgdTargeted } from './autoattack/apgd'
import { autoAttack, autoAttackRandom } from './autoattack/autoattack'
import { fab } from './autoattack/fab'
import { cw } from './cw'
import { deepfool } from './deepfool'
import { fgsm } from './fgsm'
import { joint } from './joint'
import { miFgsm } from './mi-fgsm'
import { noise } from './noise'
import { bim, pgd } from './pgd'
import { spsa } from './spsa'
import { square } from './square'

// Each attack knows its own options; the registry hands them out as plain numbers by name.
export const attacks = [noise, fgsm, bim, miFgsm, pgd, apgd, apgdDlr, apgdTargeted, deepfool, cw, fab, joint, spsa, square, autoAttack, autoAttackRandom] as unknown as readonly Attack[]

/** @throws AssayError `invalid-arguments` */
export function findAttack(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name)
  if (!found) throw new AssayError('invalid-arguments', `There is no attack ${name}; choose one of ${attacks.map((a) => a.name).join(', ')}.`, { attack: name })
  return found
}

/**
 * The attack's defaults with the given ones put over them.
 * @throws AssayError `invalid-arguments` for an option that the attack lacks, or a value out of its range
 */
export function optionsOf(attack: Attack, epsilon: number, norm: 'linf' | 'l2', given: Readonly<Record<string, number | undefined>>): AttackOptions {
  const options: Record<string, number> = { ...attack.defaults(epsilon, norm) }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const parameter = attack.parameters[name]
    if (!parameter) throw new AssayError('invalid-arguments', `${attack.title} has no option ${name}; it has ${Object.keys(attack.parameters).join(', ') || 'none'}.`, { attack: attack.name, option: name })
    if (!(value >= parameter.minimum && value <= parameter.maximum) || (parameter.integer && !Number.isInteger(value)))
      throw new AssayError('invalid-arguments', `${parameter.label} of ${attack.title} must be ${parameter.integer ? 'a whole number' : 'a number'} from ${parameter.minimum} to ${parameter.maximum}, not ${value}.`, { attack: attack.name, option: name })
    options[name] = value
  }
  return options
}

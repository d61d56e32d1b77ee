/** All attacks, by the name that the command line and the records use. A new attack is one file and one line here. */
import { AssayError } from '../../shared/errors'
import type { Attack } from './attack'
import { fgsm, pgd } from './projected-gradient'

export const attacks: readonly Attack[] = [fgsm, pgd]

/** @throws AssayError `invalid-arguments` */
export function findAttack(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name)
  if (!found) throw new AssayError('invalid-arguments', `There is no attack ${name}; choose one of ${attacks.map((a) => a.name).join(', ')}.`, { attack: name })
  return found
}

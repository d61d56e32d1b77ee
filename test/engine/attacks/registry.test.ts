/** The registry and what is said of it elsewhere. */
import { describe, expect, it } from 'vitest'
import { attacks, findAttack, optionsOf } from '../../../src/engine/attacks/registry'
import { attackNames } from '../../../src/shared/audit'

describe('the registry of attacks', () => {
  it('holds exactly the attacks that the command line and the forms know', () => {
    expect(attacks.map(({ name }) => name).sort()).toEqual([...attackNames].sort())
  })
  it('has defaults within the ranges it gives, and a cost, for every attack, norm and strength', () => {
    for (const attack of attacks)
      for (const norm of attack.norms)
        for (const epsilon of [0.5 / 255, 8 / 255, 1]) {
          const options = optionsOf(attack, epsilon, norm, attack.defaults(epsilon, norm))
          expect(Object.keys(options).sort(), attack.name).toEqual(Object.keys(attack.parameters).sort())
          const { forward, gradient } = attack.cost(options, 3)
          expect(forward + gradient, attack.name).toBeGreaterThan(0)
        }
  })
  it('refuses options that an attack lacks, and values out of their range', () => {
    expect(() => optionsOf(findAttack('fgsm'), 0.01, 'linf', { steps: 3 })).toThrow(/no option steps/)
    expect(() => optionsOf(findAttack('pgd'), 0.01, 'linf', { steps: 0 })).toThrow(/from 1/)
    expect(() => optionsOf(findAttack('pgd'), 0.01, 'linf', { steps: 1.5 })).toThrow(/whole number/)
  })
})

import { describe, expect, it } from 'vitest'
import type { ScoreName } from '../../../src/shared/bundle'
import { chooseScores } from '../../../src/engine/calibration/choose'
import type { Bout } from '../../../src/engine/calibration/choose'
import type { RawScores } from '../../../src/engine/screening/detector'
import { Random } from '../../../src/engine/tensor/random'

const names: ScoreName[] = ['residual', 'disagreement', 'local', 'flatness']

/** Standard normal scores, those of a bout shifted. */
function raws(seed: string, shift: Partial<Record<ScoreName, number>>, count = 60): RawScores[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => Object.fromEntries(names.map((name) => [name, random.normal() + (shift[name] ?? 0)])))
}
const attack = (title: string, shift: Partial<Record<ScoreName, number>>): Bout => ({ title, kind: 'attack', copies: raws(title, shift) })
const untouched = raws('untouched', {})
const chosenFrom = (bouts: Bout[]) => {
  const { scores, combine, choice } = chooseScores(names, untouched, bouts)
  return { names: scores.map(({ name }) => name), combine, choice }
}

describe('the choice of scores', () => {
  it('takes the score that separates, and leaves alone those that tell nothing', () => {
    const { names: chosen, choice } = chosenFrom([attack('one', { local: 4 }), { title: 'noise', kind: 'noise', copies: raws('noise', { flatness: 9 }) }])
    expect(chosen[0]).toBe('local')
    expect(chosen).not.toContain('flatness')
    expect(choice.candidates[0]).toMatchObject({ name: 'local', noise: expect.closeTo(0.05, 1) })
    expect(choice.candidates.find(({ name }) => name === 'flatness')!.noise).toBe(1)
    expect(choice).toMatchObject({ scans: 60, attacks: ['one'] })
  })

  it('joins two that see different attacks, and finds more together than either alone', () => {
    const { names: chosen, choice } = chosenFrom([attack('in the image', { residual: 6 }), attack('in the answers', { disagreement: 6 })])
    expect([...chosen].sort()).toEqual(['disagreement', 'residual'])
    expect(choice.together.found).toBeGreaterThan(0.95)
    for (const { found } of choice.candidates) expect(found).toBeLessThan(0.7)
  })

  it('adds up weak traces where that finds more than the larger of them', () => {
    const { names: chosen, combine, choice } = chosenFrom([attack('everywhere a little', { residual: 2, disagreement: 2, local: 2 })])
    expect(chosen).toHaveLength(3)
    expect(combine).toBe('sum')
    expect(choice.together.found).toBeGreaterThan(choice.candidates[0]!.found + 0.1)
  })

  it('looks at image and answers both where the second costs nothing', () => {
    const { names: chosen, choice } = chosenFrom([attack('plain to see', { residual: 20, disagreement: 15, local: 20 })])
    expect(chosen).toEqual(['residual', 'disagreement'])
    expect(choice.together).toMatchObject({ found: 1, auc: 1 })
  })
})

/** What a model card calls a classifier, and how many of its numbers it says were learned. */
import { describe, expect, it } from 'vitest'
import { modelCard, type TrainedPart } from '../../../src/engine/training/card'
import { draft } from '../bundle/fixtures'

const card = (classifier: TrainedPart): string =>
  modelCard({ ...draft, training: { classifier } })

const title = (classifier: TrainedPart): string | undefined => /^## (Classifier.*)$/m.exec(card(classifier))?.[1]
const began = (training?: TrainedPart) => ({ bundle: 'there', name: 'There', sha256: '0'.repeat(64), ...(training && { training }) })
const scratch: TrainedPart = { settings: { width: 20 }, parameters: 307_766 }

describe('the classifier of a model card', () => {
  it('is a normaliser-free residual network where Assay built it, and where it learned on from such a one', () => {
    expect(title(scratch)).toBe('Classifier: a normaliser-free residual network')
    expect(title({ settings: { from: 'there' }, began: began(scratch) })).toBe('Classifier: a normaliser-free residual network, learned on from that of There')
  })
  it('is no network of Assay’s where it, or what it learned on from, was imported', () => {
    const once: TrainedPart = { settings: { from: 'there' }, began: began() }
    expect(title(once)).toBe('Classifier: learned on from that of There')
    expect(title({ settings: { from: 'there' }, began: began(once) })).toBe('Classifier: learned on from that of There')
    // From before bundles told what their networks began with.
    expect(title({ settings: { from: 'foreign' } })).toBe('Classifier: learned on from that of foreign')
  })
  it('has the command with what the data called the classes', () => {
    expect(card({ settings: { classNames: { opacity: 'PNEUMONIA', 'no finding': 'NORMAL' }, seed: 1 } })).toContain(' --class-names opacity=PNEUMONIA --class-names "no finding=NORMAL" --seed 1')
  })
  it('has all its parameters, and says how many of them were learned where layers stayed as they were', () => {
    expect(card(scratch)).toContain('\n307,766 parameters, trained by')
    expect(card({ ...scratch, learned: 258 })).toContain('\n258 of 307,766 parameters, trained by')
  })
})

describe('the figures of a purifier on a card', () => {
  const purifier = (validation: Record<string, number>) => modelCard({ ...draft, training: { purifier: { settings: { loss: 'siamese' }, validation } } })
  const told = 'An audit counts such images as wrong.'
  it('say why more may be right under an attack than without, where more are', () => {
    const figures = { accuracy: 0.628, accuracyPurified: 0.638, pgd10At4of255: 0.02, pgd10At4of255Purified: 0.794 }
    expect(purifier(figures)).toContain(told)
    expect(purifier({ ...figures, pgd10At4of255Purified: 0.638 })).not.toContain(told)
    expect(purifier({ ...figures, pgd10At4of255Purified: 0.6, pgd10At4of255: 0.63 })).toContain(told)
    expect(purifier({ ...figures, pgd10At4of255Purified: 0.6, adaptivePgd10At2of255Purified: 0.64 })).toContain(told)
  })
})

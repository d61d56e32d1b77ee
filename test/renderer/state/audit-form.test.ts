/** What a person types into the form of an audit, and the job that comes of it. */
import { describe, expect, it } from 'vitest'
import { comparedWith, emptyForm, fitted, parametersOf, presetDetail, presetStrengths, problemsOf, sourcesFor, strengthsIn, toggled } from '../../../src/renderer/state/audit-form'
import { auditPresets } from '../../../src/shared/audit-presets'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { BundleSummary } from '../../../src/shared/types'

const filled = { ...emptyForm, bundle: 'chest-xray', data: ' /data/test ' }

describe('strengths', () => {
  it('are 255ths in L∞ and lengths in L2, fractions in both', () => {
    expect(strengthsIn('1, 2;4  8', 'linf')).toEqual([1 / 255, 2 / 255, 4 / 255, 8 / 255])
    expect(strengthsIn('4/255 0.5/255', 'linf')).toEqual([4 / 255, 0.5 / 255])
    expect(strengthsIn('0.25 1/2', 'l2')).toEqual([0.25, 0.5])
  })

  it('that are no sizes are refused, not read as something else', () => {
    for (const text of ['', 'a', '0', '-1', '1/0', '1/2/3', '/255', '4/', '1..2', 'Infinity']) expect(strengthsIn(text, 'linf'), text).toBeUndefined()
  })
})

describe('the form', () => {
  it('says what it lacks, field by field', () => {
    expect(Object.keys(problemsOf(emptyForm))).toEqual(['bundle', 'data'])
    expect(problemsOf({ ...filled, eps: '300' })).toHaveProperty('eps')
    expect(problemsOf({ ...filled, norm: 'l2', eps: '300' })).toEqual({})
    expect(problemsOf({ ...filled, limit: '0' })).toHaveProperty('limit')
    expect(problemsOf({ ...filled, seed: '1.5' })).toHaveProperty('seed')
    expect(problemsOf({ ...filled, attacks: [] })).toHaveProperty('attacks')
    expect(problemsOf({ ...filled, threats: ['transfer'] })).toHaveProperty('source')
    expect(parametersOf({ ...filled, limit: '0' }, 'auto')).toBeNull()
  })

  it('leaves to the preset what was not chosen', () => {
    const parameters = parametersOf(filled, 'webgpu')!
    expect(parameters).toMatchObject({ bundle: 'chest-xray', data: '/data/test', preset: 'quick', provider: 'webgpu' })
    for (const field of ['attacks', 'eps', 'threat', 'limit', 'labels', 'finding', 'source', 'out']) expect(parameters).not.toHaveProperty(field)
    expect(jobParameters.audit.safeParse(parameters).success).toBe(true)
  })

  it('hands on what was chosen', () => {
    const parameters = parametersOf({ ...filled, attacks: ['pgd'], eps: '2', threats: ['adaptive', 'transfer'], limit: '12', seed: '7', source: 'other' }, 'auto')!
    expect(jobParameters.audit.parse(parameters)).toMatchObject({ attacks: ['pgd'], eps: [2 / 255], threat: ['adaptive', 'transfer'], limit: 12, seed: 7, source: 'other' })
  })

  it('makes the attacks of a preset as it says, whatever is ticked beside them', () => {
    const options = (attacks: ('fgsm' | 'pgd' | 'square' | 'cw')[], preset: 'quick' | 'standard' | 'full') => parametersOf({ ...filled, preset, attacks }, 'auto')!.options
    expect(options(['fgsm', 'pgd', 'cw'], 'quick')).toEqual({ pgd: { steps: 20 } })
    expect(options(['square', 'cw'], 'standard')).toEqual({ square: { queries: 500 } })
    expect(options(['square', 'cw'], 'full')).toEqual({})
  })

  it('names a source to transfer attacks alone, whatever was chosen before', () => {
    expect(parametersOf({ ...filled, threats: ['adaptive'], source: 'other' }, 'auto')).not.toHaveProperty('source')
    expect(parametersOf({ ...filled, source: 'other' }, 'auto')).not.toHaveProperty('source')
  })

  it('keeps choices in the order of the list', () => {
    expect(toggled(['c'], 'a', ['a', 'b', 'c'])).toEqual(['a', 'c'])
    expect(toggled(['a', 'c'], 'a', ['a', 'b', 'c'])).toEqual(['c'])
  })
})

describe('the choice of a bundle', () => {
  const bundle = (id: string, more: Partial<BundleSummary> = {}): BundleSummary =>
    ({ id, name: id, classes: ['a', 'b'], inputWidth: 64, inputHeight: 64, channels: 1, canScreen: true, ...more }) as BundleSummary
  const bundles = [bundle('chest'), bundle('chest-2'), bundle('chest-bare', { canScreen: false }), bundle('chest-3', { classes: ['a', 'b', 'c'] }), bundle('skin', { channels: 3 }), bundle('gone', { error: { code: 'internal' } as never })]
  const ids = (of: readonly BundleSummary[]): string[] => of.map(({ id }) => id)
  const form = { ...filled, bundle: 'chest', compare: ['chest-2', 'chest-3'], source: 'chest-2', threats: ['adaptive' as const, 'transfer' as const] }

  it('says what others it can be compared with, and attacked from', () => {
    expect(ids(comparedWith(bundles[0], bundles))).toEqual(['chest-2', 'chest-3'])
    expect(ids(sourcesFor(bundles[0], bundles))).toEqual(['chest-2', 'chest-bare'])
    expect(comparedWith(undefined, bundles)).toEqual([])
  })

  it('takes away what does not go with it, so that nothing is asked for that is not shown', () => {
    expect(fitted(form, bundles)).toEqual(form)
    expect(fitted({ ...form, bundle: 'skin' }, bundles)).toMatchObject({ bundle: 'skin', compare: [], source: '', threats: ['adaptive'] })
    expect(fitted({ ...form, bundle: 'chest-2' }, bundles)).toMatchObject({ compare: ['chest-3'], source: '', threats: ['adaptive', 'transfer'] })
    expect(parametersOf(fitted({ ...form, bundle: 'skin' }, bundles), 'auto')).toMatchObject({ compare: [], threat: ['adaptive'] })
  })

  it('takes away a bundle that was removed, too, and leaves what the preset decides', () => {
    expect(fitted({ ...form, threats: null }, bundles.filter(({ id }) => id !== 'chest-2'))).toMatchObject({ compare: ['chest-3'], source: '', threats: null })
  })
})

describe('a preset', () => {
  const attacks = [
    { name: 'fgsm', title: 'FGSM' },
    { name: 'pgd', title: 'PGD' },
    { name: 'bim', title: 'BIM' },
  ] as const
  it('is told by the attacks that there are, the strengths and the number of images', () => {
    expect(presetDetail('quick', 'linf', attacks)).toBe('FGSM, PGD (20 steps); 2, 4, 8/255; 64 images at most')
    expect(presetDetail('full', 'l2', attacks)).toBe('FGSM, PGD; L2 0.25, 0.5, 1, 2, 4 and beyond; all images')
  })
  it('has strengths that read as what would be typed', () => {
    for (const norm of ['linf', 'l2'] as const) for (const preset of ['quick', 'standard', 'full'] as const) expect(strengthsIn(presetStrengths(preset, norm), norm)).toEqual(auditPresets[preset].eps[norm])
  })
})

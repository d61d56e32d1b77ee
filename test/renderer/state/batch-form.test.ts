import { describe, expect, it, vi } from 'vitest'
import { scriptedBundles } from '../../e2e/support/scripted-engine'

// The front, which is a page's.
vi.mock('../../../src/renderer/platform', () => ({ platform: {} }))
const { emptyForm, jobOf, numberIn, pathsOf, problemsOf } = await import('../../../src/renderer/state/batch-form')

const settings = { alpha: 0.05, provider: 'auto' } as const
const form = { ...emptyForm, typed: '/data/a\n', bundle: 'scripted' }

describe('the form of a batch', () => {
  it('takes every path once, typed or handed over, without the quotes of file managers', () => {
    expect(pathsOf({ typed: ' "/a b" \n\n/c\n\'/a b\'', handed: ['/c', '/d'] })).toEqual(['/a b', '/c', '/d'])
  })

  it('starts only with whole paths, a bundle that can screen, and an α that its calibration can reach', () => {
    expect(problemsOf(form, scriptedBundles, settings)).toEqual({})
    expect(problemsOf(emptyForm, scriptedBundles, settings)).toMatchObject({ paths: expect.any(String), bundle: expect.any(String) })
    for (const typed of ['data/a', './a', 'a.dcm']) expect(problemsOf({ ...form, typed }, scriptedBundles, settings).paths).toMatch('whole paths')
    for (const typed of ['C:\\scans', '\\\\server\\share', '/x']) expect(problemsOf({ ...form, typed }, scriptedBundles, settings).paths).toBeUndefined()
    expect(problemsOf({ ...form, bundle: 'bare' }, scriptedBundles, settings).bundle).toBeDefined()
    for (const alpha of ['', 'x', '0', '1', '0.001']) expect(problemsOf({ ...form, alpha }, scriptedBundles, settings).alpha).toBeDefined()
    expect(jobOf({ ...form, out: 'results' }, scriptedBundles, settings)).toBeNull()
  })

  it('asks for a scan whose results are read in pages', () => {
    expect(jobOf({ ...form, out: ' /out ', provider: 'cpu' }, scriptedBundles, settings)).toEqual({
      kind: 'scan',
      parameters: { paths: ['/data/a'], bundle: 'scripted', alpha: 0.05, provider: 'cpu', heatmaps: false, quiet: true, out: '/out' },
    })
    expect(jobOf(form, scriptedBundles, { ...settings, provider: 'webgpu' })?.parameters).toMatchObject({ provider: 'webgpu' })
    expect(jobOf(form, scriptedBundles, { ...settings, provider: 'webgpu' })?.parameters).not.toHaveProperty('out')
  })

  it('takes the α of the settings until another one is typed, whenever they change', () => {
    expect(jobOf(form, scriptedBundles, settings)?.parameters.alpha).toBe(0.05)
    expect(jobOf(form, scriptedBundles, { ...settings, alpha: 0.2 })?.parameters.alpha).toBe(0.2)
    expect(problemsOf(form, scriptedBundles, { alpha: 0.001 }).alpha).toMatch('calibration scans allow')
    expect(jobOf({ ...form, alpha: '0.1' }, scriptedBundles, { ...settings, alpha: 0.2 })?.parameters.alpha).toBe(0.1)
  })
})

it('alpha may be typed with a comma before its decimals', () => {
  expect(['0.05', '0,05', '', 'x'].map(numberIn)).toEqual([0.05, 0.05, Number.NaN, Number.NaN])
})

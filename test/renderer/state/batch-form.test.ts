import { describe, expect, it, vi } from 'vitest'
import { scriptedBundles } from '../../e2e/support/scripted-engine'

// The front, which is a page's.
vi.mock('../../../src/renderer/platform', () => ({ platform: {} }))
const { emptyForm, jobOf, numberIn, pathsOf, problemsOf } = await import('../../../src/renderer/state/batch-form')

const form = { ...emptyForm, typed: '/data/a\n', bundle: 'scripted' }

describe('the form of a batch', () => {
  it('takes every path once, typed or handed over, without the quotes of file managers', () => {
    expect(pathsOf({ typed: ' "/a b" \n\n/c\n\'/a b\'', handed: ['/c', '/d'] })).toEqual(['/a b', '/c', '/d'])
  })

  it('starts only with whole paths, a bundle that can screen, and an α that its calibration can reach', () => {
    expect(problemsOf(form, scriptedBundles)).toEqual({})
    expect(problemsOf(emptyForm, scriptedBundles)).toMatchObject({ paths: expect.any(String), bundle: expect.any(String) })
    for (const typed of ['data/a', './a', 'a.dcm']) expect(problemsOf({ ...form, typed }, scriptedBundles).paths).toMatch('whole paths')
    for (const typed of ['C:\\scans', '\\\\server\\share', '/x']) expect(problemsOf({ ...form, typed }, scriptedBundles).paths).toBeUndefined()
    expect(problemsOf({ ...form, bundle: 'bare' }, scriptedBundles).bundle).toBeDefined()
    for (const alpha of ['', 'x', '0', '1', '0.001']) expect(problemsOf({ ...form, alpha }, scriptedBundles).alpha).toBeDefined()
    expect(jobOf({ ...form, out: 'results' }, scriptedBundles, 'auto')).toBeNull()
  })

  it('asks for a scan whose results are read in pages', () => {
    expect(jobOf({ ...form, out: ' /out ', provider: 'cpu' }, scriptedBundles, 'auto')).toEqual({
      kind: 'scan',
      parameters: { paths: ['/data/a'], bundle: 'scripted', alpha: 0.05, provider: 'cpu', heatmaps: false, quiet: true, out: '/out' },
    })
    expect(jobOf(form, scriptedBundles, 'webgpu')?.parameters).toMatchObject({ provider: 'webgpu' })
    expect(jobOf(form, scriptedBundles, 'webgpu')?.parameters).not.toHaveProperty('out')
  })
})

it('alpha may be typed with a comma before its decimals', () => {
  expect(['0.05', '0,05', '', 'x'].map(numberIn)).toEqual([0.05, 0.05, Number.NaN, Number.NaN])
})

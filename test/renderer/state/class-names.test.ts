/** Names that data have for the classes of a bundle, as rows of a form. */
import { describe, expect, it } from 'vitest'
import { allChosen, askedFor, classNamesOf, rowsAfter } from '../../../src/renderer/state/class-names'

const error = (facts: Record<string, string | number>) => ({ code: 'data-set-invalid' as const, message: '', facts })

describe('rows for names that are no class', () => {
  it('come with the error that tells them, beside those that are there, and stay when it is gone', () => {
    const rows = askedFor({ clear: 'NORMAL' }, error({ unknown: 'Clear\nopacity' }))
    expect(rows).toEqual({ clear: 'NORMAL', opacity: '' })
    expect(askedFor(rows, null)).toBe(rows)
    expect(askedFor(rows, error({ path: '/data' }))).toBe(rows)
    expect(askedFor(rows, error({ unknown: 'opacity' }))).toBe(rows)
  })

  it('are for a job as far as they are answered', () => {
    expect([allChosen({ a: 'NORMAL', b: '' }), allChosen({ a: 'NORMAL' }), allChosen({})]).toEqual([false, true, true])
    expect(classNamesOf({ a: 'NORMAL', b: '' })).toEqual({ classNames: { a: 'NORMAL' } })
    expect(classNamesOf({ b: '' })).toEqual({})
  })

  it('go with the data, and with a bundle that has not their class', () => {
    const form = { classNames: { a: 'NORMAL', b: '', c: 'PNEUMONIA' } }
    const bundles = [{ id: 'chest', classes: ['NORMAL', 'PNEUMONIA'] }, { id: 'other', classes: ['NORMAL', 'COVID'] }]
    expect(rowsAfter(form, { data: '/other' }, bundles)).toEqual({})
    expect(rowsAfter(form, { labels: '/table.csv' }, bundles)).toEqual({})
    expect(rowsAfter(form, {}, bundles)).toBe(form.classNames)
    expect(rowsAfter(form, { bundle: 'chest' }, bundles)).toEqual({ a: 'NORMAL', c: 'PNEUMONIA' })
    expect(rowsAfter(form, { bundle: 'other' }, bundles)).toEqual({ a: 'NORMAL' })
  })
})

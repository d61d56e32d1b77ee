/** What a person types into the form of an audit, and the job that comes of it. */
import { describe, expect, it } from 'vitest'
import { emptyForm, parametersOf, problemsOf, strengthsIn, toggled } from '../../../src/renderer/state/audit-form'
import { jobParameters } from '../../../src/shared/job-parameters'

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
    expect(parametersOf({ ...filled, limit: '0' })).toBeNull()
  })

  it('leaves to the preset what was not chosen', () => {
    const parameters = parametersOf(filled)!
    expect(parameters).toMatchObject({ bundle: 'chest-xray', data: '/data/test', preset: 'quick' })
    for (const field of ['attacks', 'eps', 'threat', 'limit', 'labels', 'finding', 'source', 'out']) expect(parameters).not.toHaveProperty(field)
    expect(jobParameters.audit.safeParse(parameters).success).toBe(true)
  })

  it('hands on what was chosen', () => {
    const parameters = parametersOf({ ...filled, attacks: ['pgd'], eps: '2', threats: ['adaptive'], limit: '12', seed: '7', source: 'other' })!
    expect(jobParameters.audit.parse(parameters)).toMatchObject({ attacks: ['pgd'], eps: [2 / 255], threat: ['adaptive'], limit: 12, seed: 7, source: 'other' })
  })

  it('keeps choices in the order of the list', () => {
    expect(toggled(['c'], 'a', ['a', 'b', 'c'])).toEqual(['a', 'c'])
    expect(toggled(['a', 'c'], 'a', ['a', 'b', 'c'])).toEqual(['c'])
  })
})

import { describe, expect, it } from 'vitest'
import { canChoose, choiceInShort, differenceInWords, remarkOn, stateInWords, timeInWords } from '../../../src/renderer/wording/devices'
import type { DeviceReport } from '../../../src/shared/types'

const report: DeviceReport = { machine: 'm', checkedAt: 0, devices: [], auto: 'webgpu' }

describe('providers in words', () => {
  it('says what auto comes to, once that is known', () => {
    expect(choiceInShort('auto', null)).toBe('auto')
    expect(choiceInShort('auto', report)).toBe('auto (webgpu)')
    expect(choiceInShort('cpu', report)).toBe('cpu')
  })

  it('tells no difference from no number and from nothing measured', () => {
    expect([0, null, undefined, 2.34e-7].map(differenceInWords)).toEqual(['0', 'no number', '–', '2.3e-7'])
    expect([undefined, 7.84, 65.7].map(timeInWords)).toEqual(['–', '7.8 ms', '66 ms'])
  })

  it('gives the reason as a sentence, and what is left to the processor', () => {
    expect(remarkOn({ provider: 'dml', state: 'failed', reason: 'the driver is too old' })).toBe('The driver is too old.')
    expect(remarkOn({ provider: 'dml', state: 'failed', reason: 'It broke.' })).toBe('It broke.')
    expect(remarkOn({ provider: 'webgpu', state: 'agrees', onCpu: ['Cast', 'MaxPool'] })).toBe('Left to the processor: Cast, MaxPool.')
    expect(remarkOn({ provider: 'cpu', state: 'reference', onCpu: [] })).toBe('')
  })

  it('lets nobody choose what does not hold up', () => {
    const states = (['reference', 'agrees', 'disagrees', 'failed', 'absent'] as const).map((state) => ({ provider: 'webgpu' as const, state }))
    expect(states.map(canChoose)).toEqual([true, true, false, false, false])
    expect(states.map(stateInWords)).toEqual(['Reference', 'Agrees', 'Refused', 'Does not work', 'Not there'])
    expect(canChoose(undefined)).toBe(true)
  })
})

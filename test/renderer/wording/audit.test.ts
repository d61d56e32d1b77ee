/** Attackers, defences and strengths in both languages; the English words are those of the report. */
import { afterEach, describe, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { defenceName, duration, rowName, shareTitle, strengths, threatName } from '../../../src/renderer/wording/audit'
import * as report from '../../../src/shared/audit-words'

afterEach(() => speak('en'))
const defences = ['none', 'purifier', 'median', 'jpeg', 'bits', 'bundle:other-chest', 'something new']
const threats = ['oblivious', 'adaptive', 'blackbox', 'transfer'] as const

describe('words of an audit', () => {
  it('are those of the report in English', () => {
    expect(defences.map(defenceName)).toEqual(defences.map(report.defenceName))
    expect(threats.map(threatName)).toEqual(threats.map((threat) => report.threatName[threat]))
    const row = { title: 'PGD', source: 'vendor' }
    expect(rowName(row)).toBe(report.rowName(row))
  })
  it('are German in German; a list of decimals is not set apart by the sign of decimals', () => {
    speak('de')
    expect(defences.map(defenceName)).toEqual(['Ungeschützt', 'Reiniger', 'Median 3×3', 'JPEG 75', '5 Bit', 'Reiniger von other-chest', 'something new'])
    expect(strengths([0.25, 0.5], 'l2')).toBe('0,25; 0,5')
    expect(strengths([2 / 255, 4 / 255], 'linf')).toBe('2, 4/255')
    expect(shareTitle({ count: 71, of: 100, value: 0.71, low: 0.615, high: 0.79 })).toBe('71 von 100; 95-%-Intervall 61,5 bis 79,0 %')
    expect([5, 200, 9000].map(duration)).toEqual(['einige Sekunden', 'etwa 3 min', 'etwa 2,5 h'])
  })
})

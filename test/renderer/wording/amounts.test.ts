import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileName, in255ths, pixelValue, remaining, tickLabel, ticksIn255ths } from '../../../src/renderer/wording/amounts'

describe('shares of the full range in 255ths', () => {
  it('speaks in the steps of published attacks', () => {
    expect(in255ths(4 / 255)).toBe('4.0/255')
    expect(in255ths(0.0078)).toBe('2.0/255')
    expect(in255ths(20 / 255)).toBe('20/255')
  })
})

describe('ticks of the colour bar', () => {
  it('are round numbers of 1/255', () => {
    expect(ticksIn255ths(5 / 255).map(tickLabel)).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(ticksIn255ths(16 / 255).map(tickLabel)).toEqual(['0', '5', '10', '15'])
    expect(ticksIn255ths(0.9 / 255).map(tickLabel)).toEqual(['0', '0.2', '0.4', '0.6', '0.8'])
  })

  it('are three to six, ascending, and inside the bar, whatever its end', () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 1, noNaN: true }), (hot) => {
        const ticks = ticksIn255ths(hot)
        expect(ticks.length).toBeGreaterThanOrEqual(3)
        expect(ticks.length).toBeLessThanOrEqual(6)
        expect(ticks[0]).toBe(0)
        ticks.slice(1).forEach((tick, i) => expect(tick).toBeGreaterThan(ticks[i]!))
        expect(ticks.at(-1)).toBeLessThanOrEqual(hot * (1 + 1e-9))
      }),
    ))
})

describe('pixel values', () => {
  it('keep whole numbers whole', () => expect(pixelValue(-1024, 4000)).toBe('-1024'))
  it('give others the digits that the range makes meaningful', () => {
    expect(pixelValue(123.456, 255)).toBe('123.5')
    expect(pixelValue(2048.4321, 4095)).toBe('2048')
    expect(pixelValue(0.12345, 1)).toBe('0.123')
  })
})

describe('remaining time', () => {
  it.each([
    [0.2, 'about 1 s'],
    [40, 'about 40 s'],
    [170, 'about 3 min'],
    [7200, 'about 2.0 h'],
  ])('says %d seconds as "%s"', (seconds, words) => expect(remaining(seconds)).toBe(words))
})

describe('file names', () => {
  it('come from paths of every system', () => {
    expect(fileName('/data/chest/a.dcm')).toBe('a.dcm')
    expect(fileName('C:\\scans\\b.png')).toBe('b.png')
    expect(fileName('plain')).toBe('plain')
  })
})

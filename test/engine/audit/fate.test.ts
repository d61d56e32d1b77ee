/** What became of an image under a run, from records made by hand. */
import { describe, expect, it } from 'vitest'
import { fateOf } from '../../../src/engine/audit/score/fate'
import type { AttackedRecord, AuditRun, ImageRecord, Judgement } from '../../../src/shared/audit'

const judged = (none: number, purifier: number | undefined, pValue: number | null): Judgement => ({ predicted: { none, ...(purifier === undefined ? {} : { purifier }) }, confidence: { none: 0.5 }, score: null, pValue })
/** An image of class 0. */
const imageOf = (none: number, purifier?: number): ImageRecord => ({ kind: 'image', image: 0, path: '0.png', label: 0, clean: judged(none, purifier, 0.5) })
const record = (none: number, purifier: number | undefined, { pValue = null, linf = 0.01 }: { pValue?: number | null; linf?: number } = {}): AttackedRecord => ({
  kind: 'attacked', run: 'r', image: 0, attacked: judged(none, purifier, pValue), predictedAt8Bits: {}, linf, l2: linf,
})
const run = (minimumNorm: boolean): AuditRun => ({ id: 'r', threat: 'oblivious', attack: 'deepfool', norm: 'linf', epsilon: 0.03, minimumNorm, options: {} })

describe('the fate of an image', () => {
  const fate = (image: ImageRecord, of: AttackedRecord | null, { purifier = 'p' as string | null, minimumNorm = false } = {}) =>
    fateOf({ run: run(minimumNorm), eps: 0.02, records: new Map(of ? [[0, of]] : []) }, image, { bundle: { purifier } as never, alpha: 0.05 })

  it('behind the purifier is to resist, to be broken, or to be broken without anybody being warned', () => {
    const image = imageOf(0, 0)
    expect(fate(image, record(1, 0, { pValue: 0.5 }))).toBe('resisted')
    expect(fate(image, record(0, 1, { pValue: 0.05 }))).toBe('broken')
    expect(fate(image, record(0, 1, { pValue: 0.06 }))).toBe('evaded')
    expect(fate(image, record(0, 1)), 'there is no detector').toBe('broken')
    expect(fate(image, null)).toBe('untried')
  })

  it('that was wrong from the start is nobody’s success, attacked or not', () => {
    expect(fate(imageOf(0, 1), record(1, 1, { pValue: 0.5 }))).toBe('wrong')
    expect(fate(imageOf(1, 1), null)).toBe('wrong')
  })

  it('without a purifier is that of the bare answer', () => {
    expect(fate(imageOf(0), record(1, undefined), { purifier: null })).toBe('broken')
    expect(fate(imageOf(1), null, { purifier: null })).toBe('wrong')
  })

  it('is to be beyond the strength where only a larger change made it wrong', () => {
    const further = { linf: 0.025, pValue: 0.5 }
    expect(fate(imageOf(0, 0), record(1, 1, further), { minimumNorm: true })).toBe('beyond')
    expect(fate(imageOf(0, 0), record(1, 0, further), { minimumNorm: true })).toBe('resisted')
    expect(fate(imageOf(0, 0), record(1, 1, { ...further, linf: 0.015 }), { minimumNorm: true })).toBe('evaded')
  })
})

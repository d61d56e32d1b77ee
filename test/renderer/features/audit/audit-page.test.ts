/** What the Audit page computes for its pictures and tables. */
import { describe, expect, it } from 'vitest'
import { pairRows, reasonsToDoubt } from '../../../../src/renderer/features/audit/comparison'
import { curvePanels, legendOf, lineTitles, scaleOf } from '../../../../src/renderer/features/audit/curve-panels'
import { plannedAttacks } from '../../../../src/renderer/features/audit/planned-attacks'
import { duration, strength, strengths } from '../../../../src/renderer/wording/audit'
import type { AuditPlan, AuditReport, AuditRow, Curve } from '../../../../src/shared/audit'

const curve = (threat: Curve['threat'], attack: string, defence: string, eps: number[] = [0, 4 / 255]): Curve => ({ threat, attack, defence, norm: 'linf', points: eps.map((e) => ({ eps: e, accuracy: 1 - e, of: 10 })) })

describe('curves', () => {
  it('stand in one panel per attacker and defence; simple filters have none', () => {
    const curves = [curve('oblivious', 'pgd', 'none'), curve('oblivious', 'fgsm', 'none'), curve('oblivious', 'pgd', 'purifier'), curve('adaptive', 'pgd', 'purifier'), curve('oblivious', 'pgd', 'median')]
    expect(curvePanels(curves).map(({ threat, defence, curves: own }) => `${threat} ${defence} ${own.length}`)).toEqual(['oblivious none 2', 'oblivious purifier 1', 'adaptive purifier 1'])
    expect(legendOf([curve('oblivious', 'worst', 'none'), ...curves])).toEqual(['pgd', 'fgsm', 'worst'])
  })
  it('are named by their attacks; a variant does not take the name of its attack', () => {
    const titles = lineTitles([{ attack: 'pgd', title: 'PGD' }, { attack: 'pgd', variant: 'bpda', title: 'PGD + BPDA' }])
    expect([titles.get('pgd'), titles.get('pgd-bpda'), titles.get('worst')]).toEqual(['PGD', 'PGD + BPDA', 'worst case'])
  })
  it('have ticks that do not run into each other, the largest always', () => {
    const { largest, ticks } = scaleOf([curve('oblivious', 'pgd', 'none', [0, 1, 2, 4, 8, 64].map((k) => k / 255))])
    expect(largest).toBe(64 / 255)
    expect(ticks.map((eps) => Math.round(eps * 255))).toEqual([0, 8, 64])
  })
})

describe('a plan', () => {
  const planned = (threat: string, attack: string, epsilon: number, more: object = {}) => ({ run: { threat, attack, norm: 'linf', epsilon, minimumNorm: false, ...more }, title: attack, forward: 0, gradient: 0, seconds: 10 }) as unknown as AuditPlan['runs'][number]
  it('has one line for an attack of an attacker at all its strengths; checks stand apart', () => {
    const lines = plannedAttacks([planned('oblivious', 'pgd', 2 / 255), planned('oblivious', 'pgd', 4 / 255), planned('adaptive', 'pgd', 2 / 255), planned('oblivious', 'pgd', 4 / 255, { check: 'doubling' }), planned('oblivious', 'deepfool', 4 / 255, { minimumNorm: true })])
    expect(lines.map(({ title, run, strengths: sizes, seconds }) => [title, run.threat, run.check, strengths(sizes, 'linf'), seconds])).toEqual([
      ['pgd', 'oblivious', undefined, '2, 4/255', 20],
      ['pgd', 'adaptive', undefined, '2/255', 10],
      ['pgd', 'oblivious', 'doubling', '4/255', 10],
      ['deepfool', 'oblivious', undefined, '', 10],
    ])
  })
})

describe('two audits', () => {
  const row = (attack: string, eps: number): AuditRow => ({ attack, eps, threat: 'oblivious', norm: 'linf' }) as AuditRow
  it('are paired by attack, attacker and strength; what only one has stands alone', () => {
    const pairs = pairRows([row('pgd', 4 / 255), row('fgsm', 4 / 255)], [row('pgd', 4 / 255), row('pgd', 8 / 255)])
    expect(pairs.map(({ one, other }) => [one?.attack, other?.attack])).toEqual([
      ['pgd', 'pgd'],
      ['fgsm', undefined],
      [undefined, 'pgd'],
    ])
  })

  const withOptions = (attack: string, eps: number, options: Record<string, number>): AuditRow => ({ ...row(attack, eps), title: attack.toUpperCase(), options })
  const report = (runs: AuditRow[], more: Partial<AuditReport> = {}): AuditReport =>
    ({ runs, n: 12, seed: 0, alpha: 0.05, provider: 'cpu', versions: { assay: '1.0.0' }, partial: false, data: { sha256: 's' }, model: { classes: ['a', 'b'] }, ...more }) as AuditReport
  const quick = [withOptions('pgd', 2 / 255, { steps: 20, stepSize: 0.001 }), withOptions('pgd', 4 / 255, { steps: 20, stepSize: 0.002 }), withOptions('fgsm', 4 / 255, {})]

  it('of one kind leave nothing to doubt', () => {
    expect(reasonsToDoubt(report(quick), report(quick))).toEqual([])
    const older = quick.map(({ options: _, ...rest }) => rest as AuditRow)
    expect(reasonsToDoubt(report(quick), report(older)), 'an older report does not tell').toEqual([])
  })
  it('whose attacks had other options are not as if only the models differed', () => {
    const full = [withOptions('pgd', 2 / 255, { steps: 40, stepSize: 0.0005 }), withOptions('pgd', 4 / 255, { steps: 40, stepSize: 0.001 }), withOptions('fgsm', 4 / 255, {}), withOptions('cw', 4 / 255, { steps: 9 })]
    expect(reasonsToDoubt(report(quick), report(full))).toEqual(['Their attacks had different options, those of this audit first: PGD (steps 20 / 40, stepSize).'])
  })
  it('say by what else they differ', () => {
    const other = report(quick, { seed: 7, alpha: 0.1, provider: 'webgpu', versions: { assay: '2.0.0' } })
    expect(reasonsToDoubt(report(quick), other)).toEqual([
      'Their seeds are 0 and 7.', 'One flagged at α 0.05, the other at 0.1.', 'They were made by different versions of Assay, 1.0.0 and 2.0.0.', 'One ran on cpu, the other on webgpu.',
    ])
  })
})

it('sizes and times are told as people say them', () => {
  expect([strength(4 / 255, 'linf'), strength(0.5 / 255, 'linf'), strength(0.5, 'l2')]).toEqual(['4/255', '0.5/255', '0.5'])
  expect([duration(3), duration(47), duration(600), duration(7200), duration(4 * 86_400)]).toEqual(['a few seconds', 'about 50 s', 'about 10 min', 'about 2.0 h', 'about 4 days'])
})

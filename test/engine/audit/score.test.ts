/** The numbers of a report, from records made by hand: each case is small enough to count on one's fingers. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AuditJob } from '../../../src/engine/audit/audit-folder'
import { aucOf, detectedAt, rocOf, thinned } from '../../../src/engine/screening/roc'
import { headlineOf } from '../../../src/engine/report/sections/summary'
import { guessedLeft } from '../../../src/engine/attacks/attack'
import { leftSoFar, passesOf } from '../../../src/engine/audit/progress'
import { reportOf } from '../../../src/engine/audit/score/report'
import { share } from '../../../src/engine/audit/score/wilson'
import type { AuditRecord, AuditRun, Judgement } from '../../../src/shared/audit'

const run = (threat: AuditRun['threat'], attack: string, k: number, more: Partial<AuditRun> = {}): AuditRun => ({
  id: `${more.check ? `check/${more.check}/` : ''}${threat}/${attack}/linf/${k}`, threat, attack, norm: 'linf', epsilon: k / 255, minimumNorm: false, options: {}, ...more,
})

const job = (runs: AuditRun[], eps: number[], more: Partial<AuditJob> = {}): AuditJob => ({
  format: 'assay-audit-job/1',
  versions: { assay: 'test' },
  bundle: { id: 'b', path: '/b', name: 'B', classifier: 'c', purifier: 'p', answers: 'a', fingerprint: 'f', input: { width: 4, height: 4, channels: 1 } },
  compare: [], source: null, attacked: null, pace: null,
  data: { path: '/d', sha256: 's', chosen: 4 },
  classes: ['a', 'b'], finding: null, defences: ['none', 'purifier'], threats: ['oblivious', 'adaptive'], norm: 'linf',
  eps: eps.map((k) => k / 255), other: [], runs, warnings: [], seed: 0, alpha: 0.05, calibrated: 100, provider: 'cpu', keep: true, started: '',
  ...more,
})

const judged = (none: number, purifier: number, score = 0, pValue = 0.5): Judgement => ({ predicted: { none, purifier }, confidence: { none: 0.5, purifier: 0.5 }, score, pValue })
/** Four images of class 0; the last is wrong from the start, bare. */
const images = (): AuditRecord[] => [
  ...[0, 1, 2, 3].map((image): AuditRecord => ({ kind: 'image', image, path: `${image}.png`, label: 0, clean: judged(image === 3 ? 1 : 0, 0, image / 10) })),
  { kind: 'chunk', run: 'clean', chunk: 0, seconds: 1 },
]
type Hit = [image: number, none: number, purifier: number, more?: { linf?: number; score?: number; p?: number; rounded?: number }]
const attacked = (of: AuditRun, ...hits: Hit[]): AuditRecord[] => [
  ...hits.map(([image, none, purifier, { linf = of.epsilon, score = 1, p = 0.5, rounded = none } = {}]): AuditRecord => ({
    kind: 'attacked', run: of.id, image, attacked: judged(none, purifier, score, p), predictedAt8Bits: { none: rounded, purifier }, linf, l2: 2 * linf,
  })),
  { kind: 'chunk', run: of.id, chunk: 0, seconds: 2 },
]

describe('robust accuracy', () => {
  it('counts over all images, and of several attacks the worst for each image, not the mean', () => {
    const [fgsm, pgd] = [run('oblivious', 'fgsm', 4), run('oblivious', 'pgd', 4)]
    const report = reportOf(job([fgsm, pgd], [4]), [...images(), ...attacked(fgsm, [0, 1, 0], [1, 0, 0], [2, 0, 0]), ...attacked(pgd, [0, 0, 0], [1, 1, 1], [2, 0, 0])])
    expect(report.cleanAccuracy).toBe(0.75)
    expect(report.runs.map(({ robustAccuracy }) => robustAccuracy)).toEqual([0.5, 0.5])
    expect(report.worstCase).toHaveLength(1)
    expect(report.worstCase[0]!.robust['none']).toMatchObject({ value: 0.25, count: 1, of: 4 })
    expect(report.worstCase[0]!.robust['purifier']!.value).toBe(0.75)
    expect(report.runs[1]).toMatchObject({ attacked: 3, seconds: 2, imagesPerSecond: 1.5, medianLinf: 4 / 255, medianL2: 8 / 255 })
  })

  it('a smaller change that succeeds counts at every larger strength', () => {
    const [small, large] = [run('oblivious', 'pgd', 2), run('oblivious', 'pgd', 8)]
    const { worstCase } = reportOf(job([small, large], [2, 8]), [...images(), ...attacked(small, [0, 1, 0]), ...attacked(large, [0, 0, 0], [1, 1, 0])])
    expect(worstCase.map(({ robust }) => robust['none']!.value)).toEqual([0.5, 0.25])
  })

  it('whoever knows the purifier has what the others found; not the other way round', () => {
    const [oblivious, adaptive] = [run('oblivious', 'pgd', 4), run('adaptive', 'pgd', 4)]
    const { worstCase } = reportOf(job([oblivious, adaptive], [4]), [...images(), ...attacked(oblivious, [0, 1, 1]), ...attacked(adaptive, [1, 0, 1])])
    expect(worstCase.map(({ threat, robust }) => [threat, robust['purifier']!.value])).toEqual([['oblivious', 0.75], ['adaptive', 0.5]])
  })

  it('a minimum-norm attack counts at a strength only what lies within it', () => {
    const deepfool = run('oblivious', 'pgd', 8, { minimumNorm: true })
    const report = reportOf(job([deepfool], [2, 4, 8]), [...images(), ...attacked(deepfool, [0, 1, 0, { linf: 1 / 255 }], [1, 1, 0, { linf: 3 / 255 }], [2, 1, 0, { linf: 9 / 255 }])])
    expect(report.runs.map(({ eps, robustAccuracy }) => [Math.round(255 * eps), robustAccuracy])).toEqual([[2, 0.5], [4, 0.25], [8, 0.25]])
    expect(report.runs[2]!.medianLinf).toBeCloseTo(2 / 255, 12)
    // The median norm that papers give is over all successes, however large.
    for (const { smallest } of report.runs) expect(smallest).toEqual({ medianLinf: 3 / 255, medianL2: 6 / 255, broken: 3 })
  })

  it('without a purifier, whoever knows the classifier has what answers alone found', () => {
    const none: Partial<AuditJob> = { bundle: { ...job([], []).bundle, purifier: null }, defences: ['none'], threats: ['oblivious', 'blackbox'], calibrated: null }
    const [pgd, square] = [run('oblivious', 'pgd', 4), run('blackbox', 'square', 4)]
    const report = reportOf(job([pgd, square], [4], none), [...images(), ...attacked(pgd, [0, 1, 1], [1, 0, 0], [2, 1, 1]), ...attacked(square, [0, 0, 0], [1, 1, 1])])
    expect(report.worstCase.map(({ threat, robust }) => [threat, robust['none']!.count])).toEqual([['oblivious', 0], ['blackbox', 2]])
    expect(headlineOf(report)).toMatch(/an attacker who knows the classifier .* 0\.0/)
  })

  it('the report names what it was compared with by hash, also two of one name', () => {
    const reference = (defence: string, purifier: string) => ({ ...job([], []).bundle, defence, purifier })
    const { compared } = reportOf(job([], [4], { compare: [reference('bundle:b-1', 'one'), reference('bundle:b-2', 'two')] }), images())
    expect(compared).toEqual([{ defence: 'bundle:b-1', id: 'b', name: 'B', purifier: 'one' }, { defence: 'bundle:b-2', id: 'b', name: 'B', purifier: 'two' }])
  })

  it('an attack that rounding to eight bits undoes is told apart', () => {
    const pgd = run('oblivious', 'pgd', 4)
    const report = reportOf(job([pgd], [4]), [...images(), ...attacked(pgd, [0, 1, 0, { rounded: 0 }], [1, 1, 0])])
    expect([report.runs[0]!.robust['none']!.value, report.runs[0]!.robustAt8Bits['none']!.value]).toEqual([0.25, 0.5])
  })

  it('the median of the queries is over images that had to be broken: what was wrong already is asked nothing', () => {
    const square = run('oblivious', 'square', 4)
    const asked = new Map([[0, 10], [1, 30], [2, 50], [3, 0]])
    const records = attacked(square, [0, 1, 0], [1, 1, 0], [2, 1, 0], [3, 1, 0]).map((record) => (record.kind === 'attacked' ? { ...record, queries: asked.get(record.image)! } : record))
    expect(reportOf(job([square], [4]), [...images(), ...records]).runs[0]!.medianQueries).toBe(30)
  })

  it('what is wrong behind the purifier and not flagged is counted over all images', () => {
    const pgd = run('adaptive', 'pgd', 4)
    const report = reportOf(job([pgd], [4]), [...images(), ...attacked(pgd, [0, 1, 1, { p: 0.01 }], [1, 1, 1, { p: 0.2 }], [2, 1, 0, { p: 0.2 }])])
    expect(report.runs[0]).toMatchObject({ detectedAtAlpha: 1 / 3, evaded: { count: 1, of: 4 } })
    expect(report.worstCase[0]!.evaded).toMatchObject({ count: 1, of: 4 })
  })

  it('runs under way stand in no row, and the report says that it is partial', () => {
    const [fgsm, pgd] = [run('oblivious', 'fgsm', 4), run('oblivious', 'pgd', 4)]
    const report = reportOf(job([fgsm, pgd], [4]), [...images(), ...attacked(fgsm, [0, 1, 0]), ...attacked(pgd, [0, 1, 0]).slice(0, -1)])
    expect(report.partial).toBe(true)
    expect(report.runs.map(({ attack }) => attack)).toEqual(['fgsm'])
  })

  it('the tables of confusion add up to all images, by true class', () => {
    const pgd = run('oblivious', 'pgd', 4)
    const { confusion } = reportOf(job([pgd], [4]), [...images(), ...attacked(pgd, [0, 1, 0], [1, 0, 0])])
    expect(confusion.map(({ title, counts }) => [title, counts[0]])).toEqual([
      ['Clean', [3, 1]], ['Clean, purified', [4, 0]], ['Worst case, oblivious, 4/255', [2, 2]], ['Worst case, oblivious, 4/255, purified', [4, 0]],
    ])
  })
})

describe('signs of masked gradients', () => {
  const codes = (runs: AuditRun[], records: AuditRecord[], more: Partial<AuditJob> = {}): string[] => reportOf(job(runs, [4], more), [...images(), ...records]).warnings.map(({ code }) => code)
  const pgd = run('oblivious', 'pgd', 4)

  it('random noise that breaks more than an attack', () => {
    const noise = run('oblivious', 'noise', 4)
    expect(codes([pgd, noise], [...attacked(pgd, [0, 0, 0]), ...attacked(noise, [0, 1, 0])])).toContain('noise-wins')
    expect(codes([pgd, noise], [...attacked(pgd, [0, 1, 0]), ...attacked(noise, [0, 1, 0])])).not.toContain('noise-wins')
  })

  it('twice the iterations that break more than one image more', () => {
    const twice = run('oblivious', 'pgd', 4, { check: 'doubling' })
    expect(codes([pgd, twice], [...attacked(pgd, [0, 0, 0], [1, 0, 0]), ...attacked(twice, [0, 1, 0], [1, 1, 0])])).toContain('more-iterations-gain')
    expect(codes([pgd, twice], [...attacked(pgd, [0, 0, 0], [1, 1, 0]), ...attacked(twice, [0, 1, 0], [1, 1, 0])])).not.toContain('more-iterations-gain')
  })

  it('twice the iterations of an attack that was not asked for, against all that were', () => {
    const [dlr, twice] = [run('oblivious', 'apgd-dlr', 4), run('oblivious', 'apgd', 4, { check: 'doubling' })]
    expect(codes([dlr, twice], [...attacked(dlr, [0, 0, 0], [1, 0, 0]), ...attacked(twice, [0, 1, 0], [1, 1, 0])])).toContain('more-iterations-gain')
    expect(codes([dlr, twice], [...attacked(dlr, [0, 1, 0], [1, 0, 0]), ...attacked(twice, [0, 1, 0], [1, 1, 0])])).not.toContain('more-iterations-gain')
  })

  it('answers alone that break more than gradients, also where Square helped AutoAttack, and over searches for the smallest change', () => {
    const [auto, square, deepfool] = [run('oblivious', 'autoattack', 4), run('oblivious', 'square', 4), run('oblivious', 'deepfool', 4, { minimumNorm: true })]
    const by = (name: string): AuditRecord[] => attacked(auto, [0, 1, 0]).map((record) => (record.kind === 'attacked' ? { ...record, brokenBy: name } : record))
    const asked = attacked(square, [0, 1, 0])
    expect(codes([auto, square], [...by('square'), ...asked])).toContain('black-box-wins')
    expect(codes([auto, square], [...by('apgd'), ...asked])).not.toContain('black-box-wins')
    expect(codes([deepfool, square], [...attacked(deepfool, [0, 1, 0, { linf: 5 / 255 }]), ...asked])).toContain('black-box-wins')
    expect(codes([deepfool, square], [...attacked(deepfool, [0, 1, 0, { linf: 3 / 255 }]), ...asked])).not.toContain('black-box-wins')
  })

  it('gradients that are zero, and answers that differ', () => {
    const check = (name: string, values: Record<string, number>): AuditRecord => ({ kind: 'check', run: 'oblivious', name, values })
    expect(codes([pgd], [check('zero-gradient', { zero: 0, of: 4 }), check('repeat', { difference: 1e-5, images: 4 }), ...attacked(pgd)])).not.toEqual(expect.arrayContaining(['zero-gradient']))
    expect(codes([pgd], [check('zero-gradient', { zero: 1, of: 4 }), check('repeat', { difference: 1e-3, images: 4 }), ...attacked(pgd)])).toEqual(expect.arrayContaining(['zero-gradient', 'random-defence']))
    const random = reportOf(job([pgd], [4]), [...images(), check('repeat', { difference: 1e-3, images: 4 }), ...attacked(pgd)]).warnings.find(({ code }) => code === 'random-defence')
    expect(random!.message, 'it names an attack that averages, which can be chosen where options cannot').toContain('autoattack-rand')
  })

  it('accuracy that never falls to guessing, unless larger strengths were tried and made it fall', () => {
    expect(codes([pgd], attacked(pgd, [0, 0, 0]), { threats: ['oblivious'] })).toContain('above-guessing')
    const reach = run('oblivious', 'pgd', 64, { check: 'reach' })
    expect(codes([pgd, reach], [...attacked(pgd, [0, 0, 0]), ...attacked(reach, [0, 1, 0], [1, 1, 0])], { threats: ['oblivious'] })).not.toContain('above-guessing')
  })
})

describe('shares', () => {
  // Wilson's interval as published examples have it: 81 of 263 (Newcombe 1998), 0 of 20 and 1 of 29.
  it.each([[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718], [20, 20, 0.8389, 1]])('%s of %s lies between the bounds of the literature', (count, of, low, high) => {
    const interval = share(count, of)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })
})

describe('the area under the curve', () => {
  it('is the chance that an attacked image scores higher, ties counting half, however often scores repeat', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(scores, scores, (clean, hit) => {
        const pairs = clean.flatMap((c) => hit.map((h): number => (h > c ? 1 : h === c ? 0.5 : 0)))
        expect(aucOf(rocOf(clean, hit))).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 10)
        expect(aucOf(thinned(rocOf(clean, hit)))).toBeCloseTo(aucOf(rocOf(clean, hit)), 10)
      }),
    )
  })

  it('at a share of false alarms, the most that a threshold detects', () => {
    const clean = Array.from({ length: 100 }, (_, i) => i)
    expect(detectedAt(rocOf(clean, [98.5, 99.5, 94.5, 0]), 0.01)).toBe(0.5)
    expect(detectedAt(rocOf(clean, [98.5, 99.5, 94.5, 0]), 0.05)).toBe(0.75)
    expect(detectedAt(rocOf(clean, [-1, -1]), 0.05)).toBe(0)
  })
})

describe('how long AutoAttack may take', () => {
  const options = { steps: 100, targets: 9, queries: 5000 }
  const [fgsm, pgd, deepfool] = [run('oblivious', 'fgsm', 4), run('oblivious', 'pgd', 4, { options: { steps: 40, restarts: 1 } }), run('oblivious', 'deepfool', 4, { minimumNorm: true })]
  const auto = run('oblivious', 'autoattack', 4, { options })
  const known = job([fgsm, pgd, deepfool, auto], [4])

  it('follows from what the strongest attack of that strength left of the images that were right', () => {
    const records = [...images(), ...attacked(fgsm, [0, 1, 0], [1, 0, 0], [2, 0, 0], [3, 1, 0])]
    expect(leftSoFar(auto, known, records)).toBeCloseTo(2 / 3, 12)
    expect(leftSoFar(auto, known, [...records, ...attacked(pgd, [0, 1, 0], [1, 1, 0], [2, 0, 0])])).toBeCloseTo(1 / 3, 12)
    // What broke at a smaller strength breaks at a larger one.
    expect(leftSoFar(run('oblivious', 'autoattack', 8, { options }), known, records)).toBeCloseTo(2 / 3, 12)
    // A minimum-norm attack says it of its own strength alone, and smaller strengths, other threats and other models are unknown.
    expect(leftSoFar(auto, known, [...images(), ...attacked(deepfool, [0, 1, 0], [1, 1, 0], [2, 1, 0])])).toBe(guessedLeft)
    for (const other of [run('oblivious', 'autoattack', 2, { options }), run('adaptive', 'autoattack', 4, { options }), run('transfer', 'autoattack', 4, { options })]) expect(leftSoFar(other, known, records)).toBe(guessedLeft)
    expect(leftSoFar(pgd, known, records)).toBe(1)
  })

  it('goes from the most to what one attack takes', () => {
    const passes = (left: number) => passesOf(auto, 3, { pipeline: 2, judging: 10 }, left)
    expect(passes(1)).toBe(passesOf(auto, 3, { pipeline: 2, judging: 10 }))
    expect(passes(0.5)).toBeCloseTo((passes(0) + passes(1)) / 2, 9)
    expect(passes(0)).toBeLessThan(passes(1) / 10)
    expect(passesOf(pgd, 3, { pipeline: 2, judging: 10 }, 0)).toBe(passesOf(pgd, 3, { pipeline: 2, judging: 10 }, 1))
  })
})

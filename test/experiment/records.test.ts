/** What docs/results/ keeps: a later audit adds to it, and figures of a purifier that has changed go. */
import { existsSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { experimentScript as script, root } from '../support/distribution'

const { keepRecord, pairedOf, recordsOf } = await script('records')
const { home, losses, modalities, purifierTrainings } = await script('recipes')
const { resultsPage } = await script('results-page')

const share = (value: number) => ({ value, low: value - 0.05, high: value + 0.05 })
const row = (attack: string, robust: Record<string, number>, auc: number | null = 0.9) => ({
  threat: 'oblivious',
  attack,
  norm: 'linf',
  eps: 4 / 255,
  robust: Object.fromEntries(Object.entries(robust).map(([name, value]) => [name, share(value)])),
  detectionAuc: auc,
  detectedAtAlpha: auc,
  evaded: share(0.1),
})
const worst = (attacks: string[], robust: Record<string, number>) => ({ threat: 'oblivious', norm: 'linf', eps: 4 / 255, attacks, robust: Object.fromEntries(Object.entries(robust).map(([name, value]) => [name, share(value)])), evaded: share(0.2) })
const audit = (purifier: string, runs: object[], more: object = {}) => ({
  model: { classifier: 'c', purifier },
  data: { sha256: 'images', path: '/somewhere' },
  n: 100,
  alpha: 0.05,
  seed: 1,
  versions: { assay: '0.1.0' },
  defences: ['none', 'purifier'],
  clean: { none: share(0.9), purifier: share(0.9) },
  falseAlarms: share(0.05),
  runs,
  worstCase: [] as object[],
  warnings: [],
  partial: false,
  ...more,
})
const folder = () => mkdtempSync(join(tmpdir(), 'assay-records-'))
function kept(...audits: object[]) {
  const place = folder()
  for (const each of audits) keepRecord(place, 'skin', 'oblivious', each)
  return recordsOf(place, 'skin').oblivious
}
const values = (record: any, attack: string) => Object.fromEntries(Object.entries<any>(record.runs.find((run: any) => run.attack === attack).robust).map(([name, { value }]) => [name, value]))

describe('records of the experiment', () => {
  it('attacks come to what was there', () => {
    const record = kept(audit('p', [row('fgsm', { none: 0.1, purifier: 0.8 })]), audit('p', [row('autoattack', { none: 0, purifier: 0.7 })]))
    expect(values(record, 'fgsm')).toEqual({ none: 0.1, purifier: 0.8 })
    expect(values(record, 'autoattack')).toEqual({ none: 0, purifier: 0.7 })
  })

  it('a purifier that has changed takes its figures and its detector’s along, and leaves those of others', () => {
    const before = audit('old', [row('fgsm', { none: 0.1, purifier: 0.8, 'bundle:hgd-1': 0.6 }), row('pgd', { none: 0, purifier: 0.7, 'bundle:hgd-1': 0.5 })], { defences: ['none', 'purifier', 'bundle:hgd-1'], clean: { none: share(0.9), purifier: share(0.8), 'bundle:hgd-1': share(0.85) } })
    const record = kept(before, audit('new', [row('fgsm', { none: 0.1, purifier: 0.9 })]))
    expect(values(record, 'fgsm')).toEqual({ none: 0.1, purifier: 0.9, 'bundle:hgd-1': 0.6 })
    expect(values(record, 'pgd')).toEqual({ none: 0, 'bundle:hgd-1': 0.5 })
    expect(record.runs.find((run: any) => run.attack === 'pgd')).toMatchObject({ detectionAuc: null, detectedAtAlpha: null, evaded: null })
    expect(record.clean).toMatchObject({ purifier: { value: 0.9 }, 'bundle:hgd-1': { value: 0.85 } })
    expect(record.defences).toEqual(['none', 'purifier', 'bundle:hgd-1'])
  })

  it('so does one that was compared and has been trained anew', () => {
    const held = (purifier: string, runs: object[]) => audit('p', runs, { compared: [{ defence: 'bundle:hgd-1', id: 'hgd-1', name: '', purifier }] })
    const runs = [row('fgsm', { none: 0.1, 'bundle:hgd-1': 0.6 }), row('pgd', { none: 0, 'bundle:hgd-1': 0.5 })]
    expect(values(kept(held('h', runs), held('h', runs.slice(0, 1))), 'pgd')).toEqual({ none: 0, 'bundle:hgd-1': 0.5 })
    const anew = kept(held('h', runs), held('other', [row('fgsm', { none: 0.1, 'bundle:hgd-1': 0.9 })]))
    expect(values(anew, 'fgsm')).toEqual({ none: 0.1, 'bundle:hgd-1': 0.9 })
    expect(values(anew, 'pgd')).toEqual({ none: 0 })
  })

  it('an attack that broke otherwise than before is no ground for the old figures', () => {
    const record = kept(audit('p', [row('fgsm', { none: 0.1, 'bundle:hgd-1': 0.6 })]), audit('p', [row('fgsm', { none: 0.3, purifier: 0.9 })]))
    expect(values(record, 'fgsm')).toEqual({ none: 0.3, purifier: 0.9 })
  })

  it('the worst of all attacks is told by the audit that made most of them, the later of equals', () => {
    const told = (...audits: object[]) => kept(...audits).worstCase.map(({ attacks, robust, evaded }: any) => [attacks.length, robust.purifier?.value, robust.none.value, evaded?.value])
    const many = audit('p', [], { worstCase: [worst(['fgsm', 'pgd'], { none: 0, purifier: 0.5 })] })
    const few = audit('p', [], { worstCase: [worst(['fgsm'], { none: 0.1, purifier: 0.8 })] })
    expect(told(many, few)).toEqual([[2, 0.5, 0, 0.2]])
    expect(told(few, many)).toEqual([[2, 0.5, 0, 0.2]])
    expect(told(many, { ...few, worstCase: [worst(['fgsm', 'deepfool'], { none: 0.1, purifier: 0.7 })] })).toEqual([[2, 0.7, 0.1, 0.2]])
    expect(told(many, { ...few, model: { classifier: 'c', purifier: 'new' } })).toEqual([[2, undefined, 0, undefined]])
  })

  it.each([
    ['classifier', { model: { classifier: 'another', purifier: 'p' } }],
    ['images', { data: { sha256: 'others' } }],
  ])('another %s begins anew', (_, changed) => {
    const record = kept(audit('p', [row('fgsm', { none: 0.1, purifier: 0.8 })]), audit('p', [row('pgd', { none: 0.3, purifier: 0.9 })], changed))
    expect(record.runs.map(({ attack }: any) => attack)).toEqual(['pgd'])
  })

  it('an audit that was cut off is not taken, and another audit of the same scans stays', () => {
    const place = folder()
    keepRecord(place, 'skin', 'siamese-1', audit('p', [row('fgsm', { purifier: 0.2 })]))
    keepRecord(place, 'skin', 'oblivious', audit('p', [row('fgsm', { none: 0.1 })], { partial: true }))
    expect(Object.keys(recordsOf(place, 'skin'))).toEqual(['siamese-1'])
    expect(existsSync(join(place, 'docs', 'results', 'retina.json'))).toBe(false)
    expect(recordsOf(place, 'retina')).toEqual({})
  })
})

it('image by image, counts what holds behind one of two defences alone, and what a minimum-norm attack breaks at its size only', () => {
  const judged = (one: number, other: number) => ({ predicted: { one, other } })
  /** Of four images of class 0 the last is wrong behind the second as it is. */
  const images = [0, 1, 2, 3].map((image) => ({ kind: 'image', image, label: 0, clean: judged(0, image === 3 ? 1 : 0) }))
  const attacked = (run: string, image: number, linf: number, one: number, other: number) => ({ kind: 'attacked', run, image, linf, attacked: judged(one, other) })
  const runs = [
    { id: 'pgd', attack: 'pgd', norm: 'linf', epsilon: 4 / 255 },
    { id: 'deepfool', attack: 'deepfool', norm: 'linf', epsilon: 8 / 255, minimumNorm: true },
    { id: 'check/noise', attack: 'noise', norm: 'linf', epsilon: 4 / 255, check: 'noise' },
  ]
  const records = [
    ...images,
    attacked('pgd', 0, Math.fround(4 / 255) + 1e-8, 0, 1),
    attacked('pgd', 1, 4 / 255, 1, 0),
    attacked('pgd', 2, 4 / 255, 0, 1),
    // An attack against the true answer gives it away: the last is right now, and does not hold.
    attacked('pgd', 3, 4 / 255, 0, 0),
    attacked('deepfool', 0, 3 / 255, 1, 0),
    attacked('deepfool', 1, 6 / 255, 1, 0),
    { kind: 'chunk', run: 'pgd', chunk: 0, seconds: 1 },
  ]
  const eps = [2 / 255, 4 / 255, 8 / 255]
  expect(pairedOf(records, { runs, eps }, [['one', 'other']])).toEqual([
    { first: 1, second: 0 },
    { attack: 'pgd', eps: 4 / 255, first: 3, second: 1 },
    { attack: 'deepfool', eps: 2 / 255, first: 1, second: 0 },
    { attack: 'deepfool', eps: 4 / 255, first: 1, second: 1 },
    { attack: 'deepfool', eps: 8 / 255, first: 1, second: 2 },
  ])
  expect(pairedOf(records, { runs, eps }, [['one', 'other'], ['other', 'one']])[1]).toEqual({ attack: 'pgd', eps: 4 / 255, first: 4, second: 4 })
})

describe('recipes of the experiment', () => {
  const skin = modalities.find(({ id }: { id: string }) => id === 'skin')
  const begins = (flags: string[]) => flags[flags.indexOf('--from') + 1]

  it('a further training begins with what the one before came to', () => {
    const trainings = purifierTrainings(skin, 'siamese', 2)
    expect(trainings.map(({ folder: place }: { folder: string }) => place)).toEqual([join('first', 'siamese-2'), join('second', 'siamese-2'), 'siamese-2'])
    expect(trainings[0].flags).not.toContain('--from')
    expect(trainings.slice(1).map(({ flags }: { flags: string[] }) => begins(flags))).toEqual([join(home, 'skin', 'first', 'siamese-2'), join(home, 'skin', 'second', 'siamese-2')])
    expect(purifierTrainings(skin, 'hgd', 2).map(({ folder: place }: { folder: string }) => place)).toEqual(['hgd-2'])
  })

  it('brain’s Siamese DAE begins with HGD of its seed, which is trained before it; chest’s begins with what brain’s first came to', () => {
    const brain = modalities.find(({ id }: { id: string }) => id === 'brain-mri')
    const trainings = purifierTrainings(brain, 'siamese', 3)
    expect(trainings.map(({ folder: place }: { folder: string }) => place)).toEqual([join('first', 'siamese-3'), 'siamese-3'])
    expect(trainings[0].flags).not.toContain('--from')
    expect(begins(trainings[1].flags)).toBe(join(home, 'brain-mri', 'hgd-3'))
    expect(losses.indexOf('hgd')).toBeLessThan(losses.indexOf('siamese'))
    const chest = modalities.find(({ id }: { id: string }) => id === 'chest-xray')
    expect(begins(purifierTrainings(chest, 'siamese', 3)[0].flags)).toBe(join(home, 'brain-mri', 'first', 'siamese-3'))
  })

  it('every purifier that begins with another’s comes to it through a folder that is trained', () => {
    for (const modality of modalities)
      for (const loss of ['siamese', 'dae', 'hgd', 'adaptive'])
        for (const { flags } of purifierTrainings(modality, loss, 1).filter(({ flags }: { flags: string[] }) => flags.includes('--from'))) {
          const made = modalities.flatMap((other: { id: string }) => ['siamese', 'dae', 'hgd', 'adaptive'].flatMap((l) => purifierTrainings(other, l, 1).map(({ folder: place }: { folder: string }) => join(home, other.id, place))))
          expect(made).toContain(begins(flags))
        }
  })
})

it('a row of several seeds shows their median, and the first alone where the others were not measured', () => {
  const place = folder()
  symlinkSync(join(root, 'models'), join(place, 'models'), 'junction')
  const seeds = (first: number, ...more: number[]) => ({ none: 0, purifier: first, ...Object.fromEntries(more.map((value, i) => [`bundle:siamese-${i + 2}`, value])) })
  const clean = Object.fromEntries(Object.entries(seeds(0.9, 0.92, 0.91)).map(([name, value]) => [name, share(value)]))
  keepRecord(place, 'skin', 'oblivious', audit('p', [row('pgd', seeds(0.8, 0.5, 0.6)), row('spsa', seeds(0.7))], { defences: Object.keys(clean), clean }))
  const line = resultsPage(place).split('\n').find((text: string) => text.startsWith('| Siamese DAE, median of 3 seeds |'))
  expect(line).toBe('| Siamese DAE, median of 3 seeds | 91.0 (90.0, 92.0, 91.0) | 60.0 (80.0, 50.0, 60.0) | 70.0 (65–75), first seed |')
})

it('on all test images every row stands, the shipped purifier by itself and the seeds by their median, and the best other row at a glance', () => {
  const place = folder()
  symlinkSync(join(root, 'models'), join(place, 'models'), 'junction')
  const made = { none: 0, purifier: 0.8, jpeg: 0.3, 'bundle:dae-1': 0.4, 'bundle:siamese-2': 0.7, 'bundle:siamese-3': 0.6, 'bundle:hgd-1': 0.75, 'bundle:hgd-2': 0.5, 'bundle:hgd-3': 0.65, 'bundle:adaptive-1': 0.9 }
  const clean = Object.fromEntries(Object.keys(made).map((name) => [name, share(0.8)]))
  const runs = ['fgsm', 'pgd', 'deepfool', 'autoattack'].map((attack) => row(attack, attack === 'pgd' ? { ...made, jpeg: 0.2, 'bundle:hgd-3': 0.35 } : made))
  for (const name of ['oblivious', 'whole']) keepRecord(place, 'skin', name, audit('p', name === 'whole' ? runs : runs.slice(0, 1), { defences: Object.keys(made), clean }))
  const page = resultsPage(place)
  const whole = page.split('\n## ').find((text: string) => text.startsWith('Dermoscopy'))!.split('\n### ').find((text: string) => text.startsWith('Who knows the classifier alone, all'))!
  const lines = whole.split('\n').filter((line: string) => line.startsWith('| ') && !line.startsWith('| ---')).map((line: string) => line.slice(2, -2).split(' | '))
  expect(lines.slice(1).map(([name, , fgsm, , , , lowest, ofClean]: string[]) => [name, fgsm, lowest, ofClean])).toEqual([
    ['no defence', '0.0 (-5–5)', '0.0 (-5–5)', '0.0'],
    ['JPEG, quality 75', '30.0 (25–35)', '20.0 (15–25)', '25.0'],
    ['plain DAE', '40.0 (35–45)', '40.0 (35–45)', '50.0'],
    ['HGD, median of 3 seeds', '65.0 (75.0, 50.0, 65.0)', '50.0 (75.0, 50.0, 35.0)', '62.5'],
    ['Siamese DAE, shipped', '80.0 (75–85)', '80.0 (75–85)', '100.0'],
    ['Siamese DAE, median of 3 seeds', '70.0 (80.0, 70.0, 60.0)', '70.0 (80.0, 70.0, 60.0)', '87.5'],
    ['Siamese DAE that learned from attackers who know it', '90.0 (85–95)', '90.0 (85–95)', '112.5'],
  ])
  const glance = page.split('\n').find((line: string) => line.startsWith('| Dermoscopy'))!.split(' | ')
  expect(glance.slice(4, 7)).toEqual(['80.0 (100.0 % of clean)', '', '50.0 (HGD), –'])
})

it('a purifier that was not judged on all attacks is told of', () => {
  const place = folder()
  symlinkSync(join(root, 'models'), join(place, 'models'), 'junction')
  const clean = { none: share(0.9), purifier: share(0.9), 'bundle:hgd-1': share(0.8) }
  const all = { none: 0, purifier: 0.7, 'bundle:hgd-1': 0.6 }
  keepRecord(place, 'skin', 'oblivious', audit('p', [row('fgsm', all), row('pgd', { none: 0, purifier: 0.7 }), row('spsa', { none: 0, purifier: 0.7 })], { defences: Object.keys(clean), clean }))
  const told = resultsPage(place)
  expect(told).toContain(' The HGD came later than PGD and SPSA, and was not judged on them.')
  expect(told).not.toContain('The Siamese DAE came later')
})

it('docs/RESULTS.md is what the records say (else run node scripts/experiment.mjs table)', () => {
  expect(readFileSync(join(root, 'docs', 'RESULTS.md'), 'utf8')).toBe(resultsPage(root))
})

it('the figures of the shipped purifiers are of the files that are shipped', () => {
  for (const { id } of modalities) {
    const { classifier, purifier } = JSON.parse(readFileSync(join(root, 'models', id, 'bundle.json'), 'utf8'))
    const { oblivious, 'siamese-1': known } = recordsOf(root, id)
    for (const record of [oblivious, known]) expect(record).toMatchObject({ classifier: classifier.sha256, purifier: purifier.sha256 })
  }
})

it('README tells what the shipped bundles were measured at', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const { id } of modalities) {
    const { test } = JSON.parse(readFileSync(join(root, 'models', id, 'bundle.json'), 'utf8')).training.purifier
    const { runs } = recordsOf(root, id).whole
    const lowest = [2, 4, 8].map((k) => {
      const attacked = runs.filter(({ eps }: any) => Math.round(255 * eps) === k)
      expect(attacked.map(({ attack }: any) => attack).sort()).toEqual(['autoattack', 'deepfool', 'fgsm', 'pgd'])
      return Math.min(...attacked.map(({ robust }: any) => robust.purifier.value))
    })
    const measured = [test.accuracy, test.balancedAccuracy, test.accuracyPurified, test.balancedAccuracyPurified, ...lowest]
    const [, ...cells] = readme.split('\n').find((line) => line.startsWith(`| \`${id}\``))!.split('|').slice(1, -1)
    expect(cells.map((cell) => cell.trim())).toEqual(measured.map((value) => (100 * value).toFixed(1)))
  }
})

/** What the training of a purifier holds back, and that none of it was learned from before. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LoadedBundle } from '../../../src/engine/bundle/load'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { heldBack, newToAll, noBetterThanGuessing, tooFewToFlag } from '../../../src/engine/training/held-back'
import { loadTrainingData, type LearnedRecord, type TrainingData } from '../../../src/engine/training/training-data'
import type { ModelInput } from '../../../src/shared/bundle'

const spec: ModelInput = { width: 8, height: 8, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } }
let data: string
/** Eighty images of as many patients; the pixel value tells which. */
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'assay-held-back-'))
  for (let i = 0; i < 80; i++) await writeFile(join(data, `${i}`), writeDicom({ kind: 'computed-radiography', modality: 'CR', width: 8, height: 8, pixels: new Uint8Array(64).fill(i), attributes: [{ tag: 0x00100020, vr: 'LO', value: `P${i}` }] }))
  await writeFile(join(data, 'labels.csv'), `file,label\n${Array.from({ length: 80 }, (_, i) => `${i},${i % 2 ? 'sick' : 'well'}`).join('\n')}\n`)
})
afterAll(() => rm(data, { recursive: true }))

const cutBy = (share: number, seed = 1): Promise<TrainingData> => loadTrainingData({ data, labels: join(data, 'labels.csv') }, undefined, spec, share, seed)
const names = (part: TrainingData['training']): string[] => part.items.map(({ name }) => name)
const recordOf = ({ training, validation, sha256 }: TrainingData, settings: LearnedRecord['settings']): LearnedRecord => ({ settings, data: { images: training.labels.length, validationImages: validation.labels.length, sha256 } })
const bundle = (training: Record<string, LearnedRecord>): LoadedBundle => ({ manifest: { id: 'chest', training } }) as unknown as LoadedBundle

it('of a person’s own scans enough are held back to calibrate on; of those that the classifier learned from, what it held back', () => {
  const learned = { settings: { validationShare: 0.2 }, data: { images: 80, validationImages: 20 } }
  expect(heldBack(100, undefined, learned)).toBe(0.2)
  expect(heldBack(101, undefined, learned) * 101).toBeCloseTo(30, 9)
  expect(heldBack(1000, undefined, learned)).toBe(0.2)
  expect(heldBack(40, undefined, undefined)).toBe(0.5)
  expect(heldBack(101, 0.1, learned)).toBe(0.1)
})

describe('images held back for a purifier', () => {
  it('are without those that its classifier learned from', async () => {
    const before = await cutBy(0.2)
    const classifier = recordOf(before, { seed: 1, validationShare: 0.2 })
    const held = newToAll(await cutBy(0.4), bundle({ classifier }), undefined, 1)
    expect(names(held.data.validation)).toEqual(names(before.validation))
    expect([held.data.validation.labels.length, held.data.training.labels.length, held.data.leftOut]).toEqual([16, 48, 16])
    expect(held.warnings).toEqual(['The classifier of chest learned from 16 of the 32 images that are held back to measure and calibrate on. They are left out, and 16 images remain; with --validation-share 0.2, as it was trained with, none of them is held back.'])
    expect(tooFewToFlag(held)).toEqual([expect.stringMatching(/^Only 16 images are held back to calibrate on, .*; give images of more patients, or calibrate afterwards/)])
  })

  it('are all calibrated on, with a warning, where the others are too few', async () => {
    const classifier = recordOf(await cutBy(0.05), { seed: 1, validationShare: 0.05 })
    const { data: all, warnings } = newToAll(await cutBy(0.4), bundle({ classifier }), undefined, 1)
    expect([all.validation.labels.length, all.leftOut]).toEqual([32, undefined])
    expect(warnings).toEqual([expect.stringMatching(/^The classifier of chest learned from 28 of the 32 images .* Too few others remain to calibrate on, .*: the figures flatter, .*; with --validation-share 0\.05, /)])
  })

  it('are without those that the purifier at the beginning learned from, cut as it really was', async () => {
    // Its own seed cut nothing, and its share was worked out: the classifier's seed, and thirty of other images.
    const theirs = await cutBy(30 / 80, 4)
    const teacher = bundle({ classifier: { settings: { seed: 4, validationShare: 0.2 }, data: { images: 7, validationImages: 2 } }, purifier: recordOf(theirs, { seed: 9 }) })
    const { data: left, warnings } = newToAll(await cutBy(0.4, 1), bundle({}), teacher, 1)
    const learned = new Set(names(theirs.training))
    expect(names(left.validation).filter((name) => learned.has(name))).toEqual([])
    expect(left.leftOut).toBeGreaterThan(0)
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^The purifier of chest learned from ${left.leftOut} of the 32 images .* ${32 - left.leftOut!} images remain\\.$`))])
  })

  it('are as they are where they are new to all, or nothing is known', async () => {
    const classifier = recordOf(await cutBy(0.2), { seed: 1, validationShare: 0.2 })
    for (const network of [bundle({ classifier }), bundle({})]) {
      const { data: all, warnings } = newToAll(await cutBy(0.2), network, undefined, 1)
      expect([all.validation.labels.length, all.leftOut, warnings]).toEqual([16, undefined, []])
    }
  })

  it('that are too few may be more only as far as nothing learned from them', async () => {
    const classifier = recordOf(await cutBy(0.2), { seed: 1, validationShare: 0.2 })
    const told = async (share: number, training: Record<string, LearnedRecord>) => tooFewToFlag(newToAll(await cutBy(share), bundle(training), undefined, 1))
    expect(await told(0.1, { classifier })).toEqual([expect.stringContaining('hold back as many as the networks before did (--validation-share 0.2)')])
    expect((await told(0.2, { classifier })).join()).not.toContain('--validation-share')
    expect(await told(0.2, {})).toEqual([expect.stringContaining('hold back a larger share (--validation-share)')])
    expect(await told(0.3, {})).toEqual([])
  })
})

describe('a classifier on the images held back', () => {
  const images = (...counts: number[]) => ({ labels: Int32Array.from(counts.flatMap((count, label) => Array.from({ length: count }, () => label))) })
  const warned = (balancedAccuracy: number, ...counts: number[]) => noBetterThanGuessing('chest', { accuracy: 0.9, balancedAccuracy }, images(...counts)).length === 1

  it('that guesses, or takes one class for the other, is told of with what guessing would give', () => {
    expect(noBetterThanGuessing('chest', { accuracy: 0.5, balancedAccuracy: 0.484 }, images(15, 15))[0]).toMatch(/^chest is right for 48 % of the 30 images held back \(mean of the classes\), and guessing for 50 %: /)
    expect([warned(0, 15, 15), warned(0.33, 40, 40, 40), warned(1, 30, 0)]).toEqual([true, true, false])
  })
  it('is not told of where it does better than one guess in twenty would by chance', () => {
    // Ten thousand coins thrown for fifty images: the share that passes for better.
    let state = 1
    const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
    const heads = (n: number) => Array.from({ length: n }, next).filter((v) => v < 0.5).length / n
    const passed = Array.from({ length: 10_000 }, () => warned((heads(20) + heads(30)) / 2, 20, 30)).filter((told) => !told).length
    expect(passed / 10_000).toBeGreaterThan(0.03)
    expect(passed / 10_000).toBeLessThan(0.07)
    expect([warned(0.6, 50, 50), warned(0.6, 20, 20), warned(0.45, 60, 60, 60)]).toEqual([false, true, false])
  })
})

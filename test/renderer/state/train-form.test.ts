/** What a training is asked with, from what a person fills in. */
import { describe, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { asLeft, fieldsOf, valueOf } from '../../../src/renderer/state/train-fields'
import { beginners, checkOf, emptyForm, estimate, jobOf, problemsOf, suggested } from '../../../src/renderer/state/train-form'
import type { TrainForm } from '../../../src/renderer/state/train-form'
import { tasks, thoroughnesses } from '../../../src/renderer/state/train-presets'
import { jobParameters } from '../../../src/shared/job-parameters'
import { paceGroup } from '../../../src/shared/training-pace'
import type { TrainingSummary } from '../../../src/shared/training-record'
import type { BundleSummary } from '../../../src/shared/types'

const bundle = (id: string, changes: Partial<BundleSummary> = {}): BundleSummary => ({
  id, name: id === 'chest' ? 'Chest X-ray' : id, description: '', modality: 'CR', bodyPart: 'CHEST', classes: ['normal', 'pneumonia'], inputWidth: 128, inputHeight: 128, channels: 1, canScreen: true, calibrationCount: 100, ...changes,
})
const bundles = [bundle('chest'), bundle('bare', { canScreen: false })]
const form = (changes: Partial<TrainForm> = {}): TrainForm => ({ ...emptyForm, bundle: 'chest', data: '/data/train', ...changes })
const around = { bundles, trainings: [] as TrainingSummary[], dataFolder: '/home/me/assay', provider: 'auto' as const }
const training = (changes: Partial<TrainingSummary> = {}): TrainingSummary => ({
  jobId: 'one', kind: 'train-purifier', state: 'done', name: '', from: null, out: null, data: '', startedAt: 0, endedAt: 1, epochs: 1, epochsDone: 1, pace: null, ...changes,
})

describe('the form of a training', () => {
  it('makes a job that the contract takes, for every task and preset, always into a new bundle', () => {
    for (const { id: task } of tasks)
      for (const thoroughness of thoroughnesses) {
        const job = jobOf(form({ task, thoroughness }), around)!
        const parsed = jobParameters[job.kind].strict().parse(job.parameters)
        expect(parsed.out).toMatch(/^\/home\/me\/assay\/bundles\/[a-z-]+$/)
        expect(bundles.map(({ id }) => id)).not.toContain(parsed.id)
      }
  })
  it('goes on from the bundle where something is adapted, and begins anew elsewhere', () => {
    const from = (task: TrainForm['task']) => (jobOf(form({ task }), around)!.parameters as { from?: string }).from
    expect(tasks.map(({ id }) => from(id))).toEqual(['bundle', undefined, 'chest', undefined])
  })
  it('begins a new purifier with that of another bundle for the same sort of images, where one was chosen', () => {
    const many = [...bundles, bundle('skin', { channels: 3 }), bundle('fundus', { channels: 3, canScreen: false }), bundle('broken', { channels: 3, error: { code: 'bundle-invalid', message: '', facts: {} } })]
    const asked = (changes: Partial<TrainForm>) => jobOf(form({ task: 'new-purifier', ...changes }), { ...around, bundles: many })!.parameters as { from?: string }
    expect(beginners(form({ task: 'new-purifier', bundle: 'fundus' }), many).map(({ id }) => id)).toEqual(['skin'])
    expect(beginners(form({ task: 'adapt-purifier', bundle: 'fundus' }), many)).toEqual([])
    expect(asked({ bundle: 'fundus', begin: 'skin' }).from).toBe('skin')
    expect(asked({ bundle: 'fundus' })).not.toHaveProperty('from')
    // Chosen before another classifier was.
    expect(asked({ bundle: 'chest', begin: 'skin' })).not.toHaveProperty('from')
  })
  it('lies in folders of the engine’s system', () => {
    expect(jobOf(form(), { ...around, dataFolder: 'C:\\Users\\me\\Assay' })!.parameters.out).toBe('C:\\Users\\me\\Assay\\bundles\\chest-adapted')
  })
  it('names the file about the data for a classifier, whose card it goes into', () => {
    const about = (task: TrainForm['task']) => (jobOf(form({ task, about: ' /data/about.md ' }), around)!.parameters as { about?: string }).about
    expect(tasks.map(({ id }) => about(id))).toEqual([undefined, undefined, '/data/about.md', '/data/about.md'])
  })
  it('asks for labels of the test as they stand there, with a folder of the test or without', () => {
    for (const test of ['', '/data/test']) {
      const asked = form({ test, testLabels: '/data/test.csv' })
      expect(jobOf(asked, around)!.parameters.testLabels).toBe('/data/test.csv')
      expect(checkOf(asked)).toMatchObject({ testLabels: '/data/test.csv' })
    }
  })
  it('says what is missing, field by field', () => {
    expect(Object.keys(problemsOf(emptyForm, around))).toEqual(['bundle', 'data'])
    expect(problemsOf(form({ bundle: 'bare' }), around).bundle).toContain('no purifier')
    expect(problemsOf(form({ bundle: 'bare', task: 'new-purifier' }), around)).toEqual({})
    expect(problemsOf(form({ id: 'chest' }), around).id).toContain('already')
    expect(problemsOf(form({ id: 'Chest X' }), around).id).toContain('small letters')
    expect(problemsOf(form({ task: 'new-classifier', bundle: '', size: '100' }), around).size).toContain('multiple of 16')
    expect(Object.keys(problemsOf(form({ settings: { epochs: '2.5', epsilon: '300', validationShare: '' } }), around))).toEqual(['settings.epochs', 'settings.epsilon'])
    expect(jobOf(form({ settings: { epochs: 'many' } }), around)).toBeNull()
  })
  it('suggests an id that is free and a name that does not gather endings', () => {
    expect(suggested(form(), around)).toEqual({ id: 'chest-adapted', name: 'Chest X-ray, adapted' })
    const adapted = bundle('chest-adapted', { name: 'Chest X-ray, adapted' })
    expect(suggested(form(), { ...around, bundles: [...bundles, adapted] })).toEqual({ id: 'chest-adapted-2', name: 'Chest X-ray, adapted 2' })
    expect(suggested(form({ bundle: 'chest-adapted' }), { ...around, bundles: [...bundles, adapted] })).toEqual({ id: 'chest-adapted-2', name: 'Chest X-ray, adapted 2' })
  })
  it('leaves alone what a training that is not finished is to make', () => {
    const into = (out: string, state: TrainingSummary['state']) => ({ ...around, trainings: [training({ out, state })] })
    const local = form({ task: 'new-classifier', bundle: '' })
    const paused = into('/home/me/assay/bundles/local-classifier', 'cancelled')
    expect(jobOf(local, paused)!.parameters).toMatchObject({ id: 'local-classifier-2', out: '/home/me/assay/bundles/local-classifier-2' })
    expect(problemsOf(form({ id: 'local-classifier' }), paused).id).toContain('not finished')
    expect(suggested(form(), into('/home/me/assay/bundles/chest-adapted', 'running')).id).toBe('chest-adapted-2')
    // A finished one whose bundle was removed, and one that lies elsewhere.
    for (const free of [into('/home/me/assay/bundles/local-classifier', 'done'), into('/elsewhere/bundles/local-classifier', 'cancelled')]) {
      expect(suggested(local, free).id).toBe('local-classifier')
      expect(problemsOf(form({ id: 'local-classifier' }), free)).toEqual({})
    }
  })
})

describe('further settings', () => {
  const parameters = (settings: Record<string, string>, changes: Partial<TrainForm> = {}) => jobOf(form({ settings, ...changes }), around)!.parameters as Record<string, unknown>
  it('are typed in units of people and reach the job in its own', () => {
    expect(parameters({ epsilon: '6', adaptiveShare: '25', learningRate: '0,001', epochs: '5' })).toMatchObject({ epsilon: 6 / 255, adaptiveShare: 0.25, learningRate: 0.001, epochs: 5 })
  })
  it('stand over the preset; one that was emptied is as the preset has it, or none where it may be absent', () => {
    expect(parameters({})).toMatchObject({ epochs: 8, patience: 4 })
    expect(parameters({ patience: ' ' })).not.toHaveProperty('patience')
    expect(parameters({ patience: '2' })).toMatchObject({ patience: 2 })
    expect(parameters({ learningRate: '', epochs: ' ', patience: '' }, { task: 'adapt-classifier' })).toMatchObject({ learningRate: 2e-4, epochs: 10 })
    const field = (name: string) => fieldsOf('adapt-classifier', 'train-classifier', 'standard').find((each) => each.name === name)!
    expect([asLeft(field('epochs'), ''), asLeft(field('patience'), ''), asLeft(field('patience'), undefined)], 'what the page counts as changed').toEqual(['10', '', '5'])
    expect(['epochs', 'learningRate', 'patience', 'freeze'].map((name) => field(name).optional)).toEqual([false, false, true, true])
  })
  it('have what the command line has for the network of a new classifier', () => {
    const settings = { channels: '3', localContrast: 'true' }
    expect(parameters(settings, { task: 'new-classifier' })).toMatchObject({ channels: 3, localContrast: true })
    expect(parameters({ channels: '' }, { task: 'new-classifier' })).not.toHaveProperty('channels')
    expect(parameters({ localContrast: 'false' }, { task: 'new-classifier' })['localContrast'] ?? false).toBe(false)
    const adapted = parameters(settings, { task: 'adapt-classifier' })
    expect([adapted['channels'], adapted['localContrast']], 'what is gone on with has its own').toEqual([undefined, undefined])
    const choices = (name: string) => fieldsOf('new-classifier', 'train-classifier', 'quick').find((each) => each.name === name)?.choices
    expect([choices('channels'), choices('localContrast')]).toEqual([['', '1', '3'], ['false', 'true']])
  })
  it('show the defaults of the job’s own parameters', () => {
    const standard = (name: string, task: TrainForm['task'] = 'new-purifier', kind: 'train-purifier' | 'train-classifier' = 'train-purifier') => fieldsOf(task, kind, 'quick').find((field) => field.name === name)
    expect(standard('epsilon')).toMatchObject({ standard: '8', choices: null })
    expect(standard('epochs')!.standard).toBe('3')
    expect(standard('augment')).toMatchObject({ standard: 'standard', choices: ['none', 'light', 'standard', 'strong'] })
    expect(standard('patience')!.standard).toBe('')
    // What is gone on with has its own shape.
    expect([standard('width')?.name, standard('width', 'adapt-purifier')?.name]).toEqual(['width', undefined])
    expect([standard('freeze', 'adapt-classifier', 'train-classifier')?.name, standard('freeze', 'new-classifier', 'train-classifier')?.name]).toEqual(['freeze', undefined])
    expect(valueOf(standard('freeze', 'adapt-classifier', 'train-classifier')!, 'all-but-head')).toBe('all-but-head')
    expect(valueOf(standard('epochs')!, '0')).toBeUndefined()
  })
})

describe('the check', () => {
  it('is asked about the same data and bundle as the training', () => {
    expect(checkOf(emptyForm)).toBeNull()
    expect(checkOf(form({ test: ' /data/test ', labels: '/data/l.csv' }))).toEqual({ data: '/data/train', labels: '/data/l.csv', test: '/data/test', bundle: 'chest' })
    expect(checkOf(form({ task: 'adapt-classifier' })), 'whose classes are not imposed').toEqual({ data: '/data/train', from: 'chest' })
    expect(checkOf(form({ task: 'new-classifier' }))).toEqual({ data: '/data/train', size: 128 })
  })
})

describe('the estimate', () => {
  const side = 128
  const asked = (changes: Partial<TrainForm> = {}) => jobOf(form({ ...changes, settings: { epochs: '10', validationShare: '20', ...changes.settings } }), around)!
  /** A training of 100 images, learned from with what such a form asks for. */
  const past = (pixels: number, secondsPerEpoch: number, changes: Partial<TrainForm> = {}, channels = 1): TrainingSummary => {
    const { kind, parameters } = asked(changes)
    return training({ jobId: String(pixels), kind, pace: { secondsPerEpoch, images: 100, pixels, group: paceGroup(kind, jobParameters[kind].parse(parameters), channels) } })
  }
  const grey = (pixels = side * side) => ({ pixels, channels: 1 })
  it('scales the pace of an earlier training that was alike by images and pixels', () => {
    expect(estimate(asked(), [past(side * side, 50)], 250, grey())).toBeCloseTo(50 * 2 * 10, 6)
    expect(estimate(asked(), [past(64 * 64, 10), past(256 * 256, 1000)], 125, grey(side * 64))).toBeCloseTo(10 * 2 * 10, 6)
    expect(estimate(asked({ thoroughness: 'thorough', settings: { learningRate: '0,01', seed: '7' } }), [past(side * side, 50)], 125, grey())).toBeCloseTo(50 * 10, 6)
  })
  it('is unknown where none was run', () => {
    expect(estimate(asked(), [training({ pace: null })], 250, grey())).toBeNull()
  })
  it('is not taken from one that did something else to its images: another network, colour, other attacks', () => {
    const others: Partial<TrainForm>[] = [{ task: 'adapt-classifier' }, { task: 'new-purifier' }, { settings: { adaptiveShare: '50' } }, { settings: { attackSteps: '9' } }]
    for (const each of others) expect(estimate(asked(), [past(side * side, 50, each)], 250, grey()), JSON.stringify(each)).toBeNull()
    const classifier = asked({ task: 'new-classifier', bundle: '' })
    const classifiers: Partial<TrainForm>[] = [{ settings: { adversarialEpsilon: '2' } }, { settings: { width: '40' } }]
    for (const each of classifiers) expect(estimate(classifier, [past(side * side, 50, { task: 'new-classifier', bundle: '', ...each })], 250, grey()), JSON.stringify(each)).toBeNull()
    const learned = [past(side * side, 50, { task: 'new-classifier', bundle: '' }), past(side * side, 90, { task: 'new-classifier', bundle: '' }, 3)]
    expect([1, 3].map((channels) => estimate(classifier, learned, 125, { pixels: side * side, channels }))).toEqual([500, 900])
    expect(estimate(asked({ task: 'new-classifier', bundle: '', settings: { channels: '3' } }), learned, 125, grey()), 'as the job asks, whatever the images are').toBe(900)
  })
})

it('a suggested name does not gather endings, whatever language they are in', () => {
  speak('de')
  const named = (name: string) => suggested(form(), { ...around, bundles: [{ ...bundles.find(({ id }) => id === 'chest')!, name }] }).name
  expect([named('Chest'), named('Chest, adapted'), named('Chest, angepasst 2')]).toEqual(['Chest, angepasst', 'Chest, angepasst', 'Chest, angepasst'])
  speak('en')
})

import { describe, expect, it } from 'vitest'
import { fieldsOf, formOf, freeId, numbersAsText, numbersIn, presetOf, readForm } from '../../../src/renderer/state/import-form'
import type { ImportForm } from '../../../src/renderer/state/import-form'
import type { GuessedSettings } from '../../../src/shared/models'

const guess: GuessedSettings = {
  layout: 'nchw',
  channels: 3,
  width: 224,
  height: 224,
  sizeKnown: true,
  output: 'softmax',
  mean: [0],
  std: [1 / 255],
  intensity: { kind: 'declared-range' },
  channelOrder: 'rgb',
  inverted: false,
  classCount: 2,
  classes: null,
}
const form = (over: Partial<ImportForm> = {}): ImportForm => ({ ...formOf({ fileName: 'Vendor Model v2.onnx' }, guess, ['vendor-model-v2']), ...over })
const problems = (over: Partial<ImportForm>) => readForm(form(over), 2, ['taken']).problems

describe('numbers in a form', () => {
  it('may be fractions, and keep 1/255 exact', () => {
    expect(numbersIn('0.485, 0.456;0.406')).toEqual([0.485, 0.456, 0.406])
    expect(numbersIn('1/255')).toEqual([1 / 255])
    expect(numbersIn(numbersAsText([1 / 255, 0.5]))).toEqual([1 / 255, 0.5])
  })
  it('are not guessed where they are none', () => expect(['', 'a', '1/', '1/2/3', '1 b', '1/0'].map(numbersIn)).toEqual([null, null, null, null, null, null]))
})

describe('the import form', () => {
  it('begins with what the file says, an id that is free, and reads back as the same settings', () => {
    const begun = form()
    expect(begun).toMatchObject({ name: 'Vendor Model v2', id: 'vendor-model-v2-2', classes: 'class 0\nclass 1', std: '1/255' })
    const { settings, problems } = readForm(begun, 2, [])
    expect(problems).toEqual({})
    expect(settings).toMatchObject({ classes: ['class 0', 'class 1'], std: [1 / 255], width: 224 })
    expect(readForm({ ...begun, ...fieldsOf({ ...settings!, channelOrder: 'bgr', mean: [0.5] }) }, 2, []).settings).toMatchObject({ channelOrder: 'bgr', mean: [0.5] })
  })
  it('says beside each field what is wrong with it', () => {
    expect(problems({ classes: 'a\nb\nc' }).classes).toBe('The model gives 2 answers, and 3 classes are named.')
    expect(problems({ classes: 'a\na' }).classes).toMatch(/same name/)
    expect(problems({ std: '0' }).std).toMatch(/larger than 0/)
    expect(problems({ mean: '0.1, 0.2' }).mean).toMatch(/one number, or 3/)
    expect(problems({ height: '0' }).height).toMatch(/1 to 4096/)
    expect(problems({ intensity: 'fixed', low: '100', high: '-100' }).low).toMatch(/smaller one first/)
    expect(problems({ intensity: 'data-range', low: '1', high: '101' }).low).toMatch(/between 0 and 100/)
  })
  it('lets a model be tried before it has a good name', () => {
    const read = readForm(form({ id: 'taken', name: ' ' }), 2, ['taken'])
    expect(read.settings).not.toBeNull()
    expect(read.problems).toMatchObject({ id: 'There is a bundle with this id already.', name: 'Give it a name.' })
  })
})

it('a range is known by its mean and std, written once or for each channel', () => {
  expect(presetOf({ channels: 3, mean: [0, 0, 0], std: [1 / 255] })?.id).toBe('bytes')
  expect(presetOf({ channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })?.id).toBe('imagenet')
  expect(presetOf({ channels: 1, mean: [0.2], std: [1] })).toBeUndefined()
})

it('an id that is taken gets a number', () => expect(freeId('a', ['a', 'a-2'])).toBe('a-3'))

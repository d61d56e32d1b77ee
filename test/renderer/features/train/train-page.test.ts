/** What the Train page's form and notes draw, before anybody has done anything. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { speak } from '../../../../src/renderer/language'
import type { TrainForm } from '../../../../src/renderer/state/train-form'
import type { OpenedTraining, TrainingSummary } from '../../../../src/shared/training-record'

const platform = { kind: 'browser' }
vi.mock('../../../../src/renderer/platform', () => ({ platform }))
vi.stubGlobal('window', { location: { hash: '' }, addEventListener: () => undefined })
const { SetupForm } = await import('../../../../src/renderer/features/train/SetupForm')
const { BeforeAfterTable } = await import('../../../../src/renderer/features/train/BeforeAfterTable')
const { TrainingView } = await import('../../../../src/renderer/features/train/TrainingView')
const { emptyForm } = await import('../../../../src/renderer/state/train-form')
const { useTrainings } = await import('../../../../src/renderer/state/trainings')

/** Drawn without a page, components see the state that the store began with. */
const began = useTrainings.getInitialState()
const asItBegan = { ...began }
beforeEach(() => void (platform.kind = 'browser'))
afterEach(() => {
  Object.assign(began, asItBegan)
  speak('en')
})
const form = (changes: Partial<TrainForm> = {}): string => {
  began.form = { ...emptyForm, ...changes }
  return renderToStaticMarkup(createElement(SetupForm))
}
/** The input or the choice below a label. */
const control = (html: string, label: string): string => new RegExp(`>${label}</label><(?:input|select)[^>]*>`).exec(html)?.[0] ?? 'none'

describe('the form of a training', () => {
  it('lets labels of the test be typed without a folder of the test, and says what they then mean', () => {
    const html = form({ testLabels: '/data/test.csv' })
    expect(control(html, 'Labels of the test images')).toContain('value="/data/test.csv"')
    expect(control(html, 'Labels of the test images')).not.toContain('disabled=')
    expect(/<button[^>]*aria-label="CSV: Labels of the test images"[^>]*>/.exec(html)?.[0]).not.toContain('disabled=')
    expect(html).toContain('Without a test folder it names test images in the folder of labelled images')
    expect([control(html, 'Test images, if there are some'), control(form(), 'Test images, if there are some')].map((each) => /placeholder="(.*?)"/.exec(each)?.[1])).toEqual(['those that the CSV of their labels names', 'none: the images held back are measured on'])
  })
  it('says in a browser how long copies last, and that a paused training on them ends with them', () => {
    expect(form()).toContain('They last until assay serve ends; a paused training on them cannot be continued after that')
    platform.kind = 'electron'
    expect(form()).not.toContain('assay serve')
  })
  it('shows in an emptied setting what then runs', () => {
    const placeholder = (task: TrainForm['task'], label: string) => /placeholder="(.*?)"/.exec(control(form({ task, settings: { epochs: '', learningRate: '', patience: '', validationShare: '' } }), label))?.[1]
    expect(['Epochs', 'Learning rate', 'Patience'].map((label) => placeholder('adapt-classifier', label))).toEqual(['10', '0.0002', 'none'])
    expect([placeholder('adapt-classifier', 'Held back for measuring'), placeholder('new-purifier', 'Held back for measuring')]).toEqual(['20', 'as its classifier had'])
    speak('de')
    expect(placeholder('adapt-classifier', 'Geduld')).toBe('keine')
  })
  it('has the further settings of a new classifier, and the file about the data of any classifier', () => {
    const html = form({ task: 'new-classifier' })
    expect(html).toContain('>as the images have</option>')
    expect(html).toMatch(/>Local contrast<\/label><select[^>]*><option[^>]*>no<\/option><option[^>]*>yes<\/option>/)
    expect(control(html, 'About the data')).not.toBe('none')
    expect(html).toContain('aria-label="File: About the data"')
    expect(control(form({ task: 'adapt-classifier' }), 'Local contrast')).toBe('none')
    expect([control(form({ task: 'adapt-classifier' }), 'About the data'), control(form({ task: 'new-purifier' }), 'About the data')].map((each) => each !== 'none')).toEqual([true, false])
  })
})

describe('a training that is looked at', () => {
  const training: TrainingSummary = { jobId: 'one', kind: 'train-purifier', state: 'cancelled', name: 'Chest', from: null, out: null, data: '/data', startedAt: 0, endedAt: 1, epochs: 8, epochsDone: 1, pace: null }
  const opened = { summary: training, parameters: {}, begin: null, steps: [], epochs: [{ seconds: 1 }], bundle: null, beforeAfter: null, warnings: ['Few images.'], unreadable: [] } as unknown as OpenedTraining
  const drawn = (state: Partial<typeof began>): string => {
    Object.assign(began, { opened, ...state })
    return renderToStaticMarkup(createElement(TrainingView, { training }))
  }
  /** Which of its buttons can be pressed: Continue, and Stop. */
  const enabled = (html: string): boolean[] => ['Continue', 'Stop, keep the best'].map((word) => !/disabled=/.test([...html.matchAll(/<button([^>]*)>(.*?)<\/button>/g)].find(([, , inside]) => inside!.includes(word))![1]!))
  it('has its warnings before it is done, none twice', () => {
    const html = drawn({ warned: { one: ['Few images.', 'Doubles.'] } })
    expect([...html.matchAll(/<li lang="en"[^>]*>(.*?)<\/li>/g)].map(([, warning]) => warning)).toEqual(['Few images.', 'Doubles.'])
  })
  it('can be asked nothing while it is on its way to go on or to end', () => {
    expect([enabled(drawn({})), enabled(drawn({ acting: true }))]).toEqual([[true, true], [false, false]])
  })
})

describe('the table of before and after', () => {
  const counted = (count: number) => ({ count, of: 25 })
  const html = (attacked: number): string =>
    renderToStaticMarkup(createElement(BeforeAfterTable, {
      table: { part: 'test', images: 25, steps: 10, rows: [{ when: 'after', purified: true, clean: counted(16), balancedAccuracy: 0.6, attacked: [{ epsilon: 4 / 255, oblivious: counted(attacked), adaptive: null }], flagged: null }] },
    }))
  it('says why more answers may be right under an attack than without, where more are', () => {
    expect(html(20)).toContain('an audit counts it as wrong')
    expect(html(16)).not.toContain('an audit counts it as wrong')
  })
})

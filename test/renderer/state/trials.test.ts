import { describe, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { answerCounts, betterOrder, classesFromFolders, fitOf, otherOrder, soleAnswer, verdictOf, waysBeside } from '../../../src/renderer/state/trials'
import type { Trial, Way } from '../../../src/renderer/state/trials'
import type { ModelSettings, PreviewedImage, TrialImage } from '../../../src/shared/models'

const settings: ModelSettings = {
  classes: ['cat', 'dog'],
  width: 8,
  height: 8,
  channels: 3,
  layout: 'nchw',
  output: 'logits',
  mean: [0],
  std: [1],
  intensity: { kind: 'declared-range' },
  channelOrder: 'rgb',
  inverted: false,
}
const imagesOf = (folders: string): TrialImage[] => folders.split(' ').map((folder, i) => ({ path: `/${folder}/${i}.png`, folder }))
const answersOf = (labels: string, classes = settings.classes): PreviewedImage[] =>
  labels.split(' ').map((label, i) => ({ path: String(i), thumbnail: null, answer: { label, probabilities: classes.map((name) => (name === label ? 0.9 : 0.1 / (classes.length - 1))) } }))
const trial = (id: string, labels: string): Trial => ({ way: { ...waysBeside(settings)[0]!, id, label: id } as Way, answers: answersOf(labels) })

describe('the ways that are compared', () => {
  it('are the one that is set and those that differ from it in one thing', () => {
    const ways = waysBeside(settings)
    expect(ways.map(({ id }) => id)).toEqual(['as-set', 'bytes', 'symmetric', 'imagenet', 'colours', 'inverted'])
    expect(ways[1]!.settings).toEqual({ ...settings, mean: [0], std: [1 / 255] })
    expect(waysBeside({ ...settings, std: [1 / 255] }).map(({ id }) => id)).toContain('unit')
    expect(waysBeside({ ...settings, channels: 1 }).map(({ id }) => id), 'grey has no colours and no ImageNet').toEqual(['as-set', 'bytes', 'symmetric', 'inverted'])
  })
})

describe('how well a way fits', () => {
  const images = imagesOf('cat cat cat dog')
  it('is counted by folder names, class by class', () => {
    expect(fitOf(answersOf('cat cat dog dog'), images, settings.classes)).toMatchObject({ right: 3, of: 4, classes: 2, balanced: (2 / 3 + 1) / 2 })
    expect(fitOf(answersOf('cat cat cat cat'), images, settings.classes).balanced, 'one thing to everything').toBe(0.5)
    expect(fitOf(answersOf('cat cat cat cat'), imagesOf('a b c d'), settings.classes).of).toBe(0)
  })
  it('is told by counts alone where no class is known', () => {
    expect(answerCounts(answersOf('dog cat dog dog'))).toEqual([{ label: 'dog', count: 3 }, { label: 'cat', count: 1 }])
    expect(soleAnswer(answersOf('dog dog dog dog'))).toBe('dog')
    expect(soleAnswer(answersOf('dog dog'))).toBeNull()
  })
})

describe('the verdict', () => {
  const images = imagesOf('cat cat cat cat dog dog dog dog')
  const right = 'cat cat cat cat dog dog dog dog'
  it('waits for the way as set, and says nothing without labels', () => {
    expect(verdictOf([], images)).toBeNull()
    expect(verdictOf([trial('as-set', right)], imagesOf('a a a a b b b b'))).toEqual({ kind: 'unlabelled' })
  })
  it('is content where no other way is clearly better', () => {
    expect(verdictOf([trial('as-set', 'cat cat cat dog dog dog dog dog'), trial('bytes', right)], images), 'one image more is chance').toMatchObject({ kind: 'fits', fit: { right: 7 } })
  })
  it('names the way that is better', () => {
    expect(verdictOf([trial('as-set', 'dog dog dog dog dog dog dog dog'), trial('bytes', right)], images)).toMatchObject({ kind: 'better', trial: { way: { id: 'bytes' } }, fit: { right: 8 }, present: { right: 4 } })
  })
  it('names those that the images do not tell apart from the best', () => {
    const found = verdictOf([trial('as-set', 'dog dog dog dog cat cat cat cat'), trial('bytes', right), trial('inverted', right), trial('symmetric', 'cat dog cat dog cat dog cat dog')], images)
    expect(found).toMatchObject({ kind: 'better', trial: { way: { id: 'bytes' } }, rivals: [{ id: 'inverted' }] })
  })
  it('is not taken in by a way that says the commoner class to everything', () => {
    const uneven = imagesOf('cat dog dog dog dog dog')
    expect(verdictOf([trial('as-set', 'cat dog dog dog cat cat'), trial('bytes', 'dog dog dog dog dog dog')], uneven)).toMatchObject({ kind: 'fits', fit: { right: 4 } })
  })
  it('says so when guessing would do as well', () => {
    expect(verdictOf([trial('as-set', 'cat dog cat dog cat dog cat dog'), trial('bytes', 'dog dog dog dog dog dog dog dog')], images)).toMatchObject({ kind: 'none-fits' })
  })
})

describe('names in another order', () => {
  it('are found exactly, and left alone where they are right', () => {
    const classes = ['a', 'b', 'c', 'd']
    const images = imagesOf('a a b b c c d d')
    expect(betterOrder(answersOf('b b c c a a d d', classes), images, classes)).toEqual(['c', 'a', 'b', 'd'])
    expect(betterOrder(answersOf('a a b b c c d d', classes), images, classes)).toBeNull()
    expect(betterOrder(answersOf('a b'), imagesOf('x y'), settings.classes)).toBeNull()
  })
  it('are a way of their own, whose answers are the same outputs', () => {
    const found = otherOrder(trial('as-set', 'dog dog cat cat'), imagesOf('cat cat dog dog'))!
    expect(found.way.settings.classes).toEqual(['dog', 'cat'])
    expect(found.answers.map(({ answer }) => answer!.label)).toEqual(['cat', 'cat', 'dog', 'dog'])
  })
})

it('folder names are offered as classes where there are as many', () => {
  expect(classesFromFolders(imagesOf('glioma none glioma'), ['class 0', 'class 1'])).toEqual(['glioma', 'none'])
  expect(classesFromFolders(imagesOf('cat dog'), ['dog', 'cat'])).toBeNull()
  expect(classesFromFolders(imagesOf('a b c'), ['class 0', 'class 1'])).toBeNull()
})

it('ways are called by the language of the moment, also those that were made before it changed', () => {
  const names = (): string[] => waysBeside(settings).map(({ label }) => label)
  const [before, made] = [names(), waysBeside(settings)]
  speak('de')
  expect(made.map(({ label }) => label)).toEqual(names())
  expect(names()).not.toEqual(before)
  expect(names().at(-1)).toBe('Umgekehrt')
  speak('en')
})

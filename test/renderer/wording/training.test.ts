/** Trainings in words. */
import { afterEach, expect, it } from 'vitest'
import { speak } from '../../../src/renderer/language'
import { metricName } from '../../../src/renderer/wording/training'

afterEach(() => speak('en'))

it('the numbers of an epoch have names in the language of the page; one without a name has its own words', () => {
  const named = (metric: string) => metricName(metric, { begin: null, parameters: {} })
  expect(['learningRate', 'loss', 'someNewMeasure'].map(named)).toEqual(['Learning rate', 'Loss', 'Some new measure'])
  speak('de')
  expect(['learningRate', 'loss'].map(named)).toEqual(['Lernrate', 'Verlust'])
})

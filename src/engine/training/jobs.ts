/** The two trainings as jobs. */
import type { JobDefinition } from '../jobs/definition'
import { trainClassifier } from './train-classifier'
import { trainPurifier } from './train-purifier'

export const trainClassifierJob: JobDefinition<'train-classifier'> = {
  kind: 'train-classifier',
  title: ({ data }) => `Train a classifier on ${data}`,
  run: trainClassifier,
}

export const trainPurifierJob: JobDefinition<'train-purifier'> = {
  kind: 'train-purifier',
  title: ({ bundle, loss }) => `Train a purifier (${loss}) for ${bundle}`,
  run: trainPurifier,
}

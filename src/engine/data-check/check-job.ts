/** The job behind `assay train check`. */
import { basename } from 'node:path'
import { loadBundle, resolveBundleFolder } from '../bundle/load'
import { openLabelled, openTest } from '../dataset/labelled-source'
import type { JobDefinition } from '../jobs/definition'
import { checkData } from './check'

/** What a classifier is trained at when nobody says otherwise. */
const usualSize = 128

export const checkDataJob: JobDefinition<'check-data'> = {
  kind: 'check-data',
  title: ({ data }) => `Check ${basename(data)} for training`,

  async run(parameters, { places, signal, progress }) {
    const { data, labels, test, testLabels, size, seed } = parameters
    const bundle = parameters.bundle === undefined ? undefined : (await loadBundle(await resolveBundleFolder(parameters.bundle, places.bundleFolders))).manifest
    progress({ message: 'Listing the images' })
    const training = await openLabelled({ data, labels, classes: bundle?.classes, part: 'train' })
    const tested = await openTest({ data, labels, test, testLabels, classes: training.classes })
    const result = await checkData({
      training: { source: training, path: data },
      test: tested && { source: tested, path: test ?? data },
      width: size ?? bundle?.input.width ?? usualSize,
      height: size ?? bundle?.input.height ?? usualSize,
      intensity: bundle?.input.intensity ?? { kind: 'declared-range' },
      bundle,
      seed,
      signal,
      progress: (done, total) => progress({ done, total, message: done < total ? 'Looking at the images' : 'Comparing the images' }),
    })
    return { result, exitCode: result.unreadable.length > 0 ? 3 : 0 }
  },
}

/** The job behind `assay train check`. */
import { basename } from 'node:path'
import { loadBundle, resolveBundleFolder } from '../bundle/load'
import { openLabelled, openTest } from '../dataset/labelled-source'
import { openToLearnOn } from '../dataset/learning-on'
import type { JobDefinition } from '../jobs/definition'
import { checkData } from './check'
import { otherClasses } from './class-findings'
import { sorted } from './finding'

/** What a classifier is trained at when nobody says otherwise. */
const usualSize = 128

export const checkDataJob: JobDefinition<'check-data'> = {
  kind: 'check-data',
  title: ({ data }) => `Check ${basename(data)} for training`,

  async run(parameters, { places, signal, progress }) {
    const { data, labels, test, testLabels, classNames, size, seed, from } = parameters
    const named = from ?? parameters.bundle
    const bundle = named === undefined ? undefined : (await loadBundle(await resolveBundleFolder(named, places.bundleFolders))).manifest
    progress({ message: 'Listing the images' })
    const asked = { data, labels, classNames, part: 'train' as const }
    const { source: training, others } =
      bundle && from !== undefined ? await openToLearnOn({ ...asked, classes: bundle.classes }) : { source: await openLabelled({ ...asked, classes: bundle?.classes }), others: false }
    const tested = await openTest({ data, labels, test, testLabels, classNames, classes: training.classes })
    const check = await checkData({
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
    const result = bundle && others ? { ...check, findings: sorted([otherClasses(training.classes, bundle), ...check.findings]) } : check
    return { result, exitCode: result.unreadable.length > 0 ? 3 : 0 }
  },
}

/**
 * `assay train purifier`: a purifier for a bundle's classifier, then the calibration on scans that neither has learned
 * from.
 */
import { join } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { classifierTarget } from '../attacks/target'
import { ensureWritable } from '../bundle/atomic'
import { loadBundle, resolveBundleFolder } from '../bundle/load'
import { writeBundle } from '../bundle/write'
import type { JobContext, JobOutcome } from '../jobs/definition'
import { ParameterLayout, type ParameterSource } from '../nn/parameters'
import { denoisingAutoencoder, purifiedWithEmbedding, type PurifierShape } from '../nn/purifier'
import type { GraphBuilder, Value } from '../onnx/builder'
import { createSession } from '../runtime/session'
import { embeddingOutput } from '../screening/purify'
import { calibrateBundle } from '../calibration/calibrate'
import { modelCard } from './card'
import { fingerprint, loadCheckpoint, removeCheckpoint } from './checkpoint'
import { exportNetwork } from './export'
import { PurifierMeter } from './measure-purifier'
import { purifierObjective } from './purifier-objective'
import { trainingGraph } from './training-graph'
import { train } from './trainer'
import { AugmentedBatches, loadTestData, loadTrainingData } from './training-data'
import { freshState, seenFromHere, settingsOf, trainingHooks, trainingRecord } from './training-run'
import { TwinMaker } from './twins'

const noisyShare = 0.15

export async function trainPurifier(parameters: JobParameters['train-purifier'], context: JobContext): Promise<JobOutcome> {
  const { batch, epochs, seed, provider, loss } = parameters
  const folder = await resolveBundleFolder(parameters.bundle, context.places.bundleFolders)
  const bundle = await loadBundle(folder)
  const { manifest } = bundle
  const spec = manifest.input
  if (spec.width % 8 !== 0 || spec.height % 8 !== 0)
    throw new AssayError('invalid-arguments', `The purifier needs an image size divisible by 8, and ${manifest.id} has ${spec.width} × ${spec.height}; train the classifier at another size.`, { bundle: manifest.id })
  const target = classifierTarget(bundle, provider)
  const before = (manifest.training.classifier as { settings?: { validationShare?: number; seed?: number } } | undefined)?.settings
  const share = parameters.validationShare ?? before?.validationShare ?? 0.2
  const hooks = trainingHooks(context)
  // The classifier's own split: whoever is calibrated on must be new to both networks.
  const data = await loadTrainingData(parameters.data, manifest.classes, spec, share, before?.seed ?? seed, hooks.loading)
  const tested = await loadTestData(parameters.test, manifest.classes, spec, hooks.loading)
  await ensureWritable(folder)

  const shape: PurifierShape = { width: parameters.width, depth: parameters.depth }
  const layout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, ...target.imageShape]), shape))
  const step = await createSession(
    trainingGraph(layout, { weightDecay: 0, clipNorm: 1 }, (g, p) => purifierObjective(g, p, target, shape, batch, loss)),
    { provider },
  )
  const meter = await PurifierMeter.create(layout, target, shape, context.signal)
  const twins = new TwinMaker(target, batch, { epsilon: parameters.epsilon, steps: parameters.attackSteps, noisyShare })
  try {
    const views = new AugmentedBatches(data.training, batch, seed)
    const checkpoint = {
      path: join(folder, '.training', 'purifier.npz'),
      asked: fingerprint({ ...settingsOf(parameters), data: data.sha256, classifier: manifest.classifier.sha256 }),
    }
    const resumed = parameters.resume ? await loadCheckpoint(checkpoint.path, layout.size, checkpoint.asked) : undefined
    const underAttack = await meter.attacked(data.validation, 4)
    const done = await train(
      {
        session: step,
        epochs,
        stepsPerEpoch: views.stepsPerEpoch,
        peakLearningRate: parameters.learningRate,
        warmUpSteps: Math.min(views.stepsPerEpoch, 100),
        metrics: loss === 'dae' ? ['loss'] : ['loss', 'reconstruction'],
        feeds: async (epoch, at) => {
          const { x, labels, random } = views.at(epoch, at)
          return { x, labels, attacked: await twins.make(x, labels, random) }
        },
        validate: async (weights) => ({
          validationAccuracy: (await meter.accuracy(weights, data.validation)).purified.accuracy,
          validationAccuracyAttacked: (await meter.accuracy(weights, underAttack)).purified.accuracy,
        }),
        checkpoint,
        ...hooks.training,
      },
      resumed ?? freshState(layout.initialise(seed)),
    )
    context.progress({ message: 'measuring' })
    const validation = await meter.all(done.weights, data.validation)
    const test = tested.images && (await meter.all(done.weights, tested.images))

    const answers = (g: GraphBuilder, p: ParameterSource, x: Value) => {
      const { image, embedding } = purifiedWithEmbedding(g, p, x, shape)
      return { answer: image, also: { [embeddingOutput]: embedding } }
    }
    const bytes = await exportNetwork({ layout, input: target.imageShape, output: 'purified', network: answers }, done.weights)
    const { purifier: _old, detector: _calibratedForTheOld, ...rest } = manifest
    const draft = {
      ...rest,
      classifier: { file: manifest.classifier.file, output: manifest.classifier.output, layout: manifest.classifier.layout },
      purifier: { loss },
      training: {
        ...manifest.training,
        purifier: trainingRecord(parameters, data, layout, context.places.version, { validation, ...(test ? { test } : {}) }),
      },
    }
    await writeBundle(folder, draft, { classifier: bundle.classifier, purifier: bytes })
    context.progress({ message: 'calibrating on scans that were not learned from' })
    const { warnings, detector } = await calibrateBundle(folder, data.validation.x, { label: `validation part of ${seenFromHere(parameters.data)}`, seed, provider, learnedFrom: true, signal: context.signal })
    await writeBundle(folder, { ...draft, detector }, { classifier: bundle.classifier, purifier: bytes, card: modelCard({ ...draft, detector }) })
    await removeCheckpoint(checkpoint.path)
    const result = { bundle: manifest.id, epochs, parameters: layout.size, images: data.training.labels.length, validation, ...(test ? { test } : {}), history: done.history, warnings }
    return hooks.outcome(result, [...data.failures, ...tested.failures])
  } finally {
    await step.release()
    await meter.release()
    await twins.release()
  }
}

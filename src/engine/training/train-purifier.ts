/**
 * `assay train purifier`: a purifier for a bundle's classifier, then the calibration on scans that neither has learned
 * from.
 */
import { resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { classifierTarget } from '../attacks/target'
import { ensureRoom, ensureWritable } from '../bundle/atomic'
import { loadBundle, resolveBundle, resolveBundleFolder, type LoadedBundle } from '../bundle/load'
import { bundleOf, writeBundle } from '../bundle/write'
import { mostToChoose } from '../calibration/aside'
import { calibrationOf, fewestScans } from '../calibration/calibrate'
import type { JobContext, JobOutcome } from '../jobs/definition'
import { ParameterLayout, type ParameterSource } from '../nn/parameters'
import { denoisingAutoencoder, purifiedWithEmbedding, type PurifierShape } from '../nn/purifier'
import type { GraphBuilder, Value } from '../onnx/builder'
import { embeddingOutput } from '../screening/purify'
import { modelCard } from './card'
import { fingerprint, freshState, loadCheckpoint, removeCheckpoint, roomNeeded } from './checkpoint'
import { exportNetwork } from './export'
import { classifierRecord, heldBack, newToAll, noBetterThanGuessing, tooFewToFlag } from './held-back'
import { InnerAttack } from './inner-attack'
import { PurifierMeter, throughPurifier } from './measure-purifier'
import { checkpointPath, refuseTaken, refuseUnfinished, whileHeld } from './place'
import { purifierOfBundle } from './purifier-of-bundle'
import { purifierObjective } from './purifier-objective'
import { TrainingRecord } from './record'
import { answersOf, chooseSamples } from './samples'
import { createTrainingSession, trainingGraph } from './training-graph'
import { train } from './trainer'
import { AugmentedBatches, loadTestData, loadTrainingData, originsOfData, requireHeldBack, someOf, type LabelledImages } from './training-data'
import { augmentationOf, bundleId, computingSettings, dataWarnings, seenFromHere, trainingHooks, trainingRecord } from './training-run'
import { TwinMaker } from './twins'

/** The bundle to write into: the one that was named, or a new one. @param path of the checkpoint @throws AssayError `output-not-writable` when that exists and is finished, or either holds a training that is not */
async function placeOf(path: string, parameters: JobParameters['train-purifier'], bundle: LoadedBundle, folder: string): Promise<{ folder: string; id: string; name: string }> {
  const { out, id, name } = parameters
  const { manifest } = bundle
  if (out === undefined) {
    await refuseUnfinished(folder, parameters, path)
    return { folder, id: manifest.id, name: name ?? manifest.name }
  }
  await refuseTaken(out, parameters, path)
  const newId = id ?? bundleId(out)
  return { folder: resolve(out), id: newId, name: name ?? `${manifest.name} (${newId})` }
}

/** The bundle whose purifier learns on; none for one from scratch. @throws AssayError `bundle-not-found`, `bundle-invalid` */
async function teacherOf(from: string, bundle: LoadedBundle, bundleFolders: readonly string[]): Promise<LoadedBundle | undefined> {
  if (from === 'scratch') return undefined
  return from === 'bundle' ? bundle : loadBundle(await resolveBundle(from, bundleFolders))
}

export async function trainPurifier(parameters: JobParameters['train-purifier'], context: JobContext): Promise<JobOutcome> {
  const source = await resolveBundleFolder(parameters.bundle, context.places.bundleFolders)
  const path = checkpointPath(parameters.out ?? source, 'purifier')
  return whileHeld(path, () => trainInto(path, source, parameters, context))
}

/** @param path of the checkpoint @param source folder of the bundle that gets the purifier */
async function trainInto(path: string, source: string, parameters: JobParameters['train-purifier'], context: JobContext): Promise<JobOutcome> {
  const { batch, epochs, seed, provider, loss } = parameters
  const bundle = await loadBundle(source)
  const { folder, id, name } = await placeOf(path, parameters, bundle, source)
  const { manifest } = bundle
  const spec = manifest.input
  if (spec.width % 8 !== 0 || spec.height % 8 !== 0)
    throw new AssayError('invalid-arguments', `The purifier needs an image size divisible by 8, and ${manifest.id} has ${spec.width} × ${spec.height}; train the classifier at another size.`, { bundle: manifest.id })
  const teacher = await teacherOf(parameters.from, bundle, context.places.bundleFolders)
  const target = classifierTarget(bundle, provider)
  const learned = classifierRecord(bundle)
  const cutBy = learned?.settings?.seed ?? seed
  const hooks = trainingHooks(context, parameters.finish)
  // The classifier's own split: whoever is calibrated on must be new to both networks.
  const loaded = await loadTrainingData(parameters, manifest.classes, spec, (images) => heldBack(images, parameters.validationShare, learned), cutBy, hooks.loading)
  const held = newToAll(loaded, bundle, teacher, cutBy)
  const { data } = held
  requireHeldBack(data, fewestScans, held.more)
  const tested = await loadTestData(parameters, manifest.classes, spec, hooks.loading)
  const ofData = [...held.warnings, ...(await dataWarnings(data, tested.images, context.signal))]
  await ensureWritable(folder)

  const before = teacher && purifierOfBundle(teacher, spec.channels)
  const shape: PurifierShape = before?.shape ?? { width: parameters.width, depth: parameters.depth }
  const layout = ParameterLayout.of((g, p) => denoisingAutoencoder(g, p, g.input('x', [1, ...target.imageShape]), shape))
  // In its own bundle the classifier lies there already.
  await ensureRoom(folder, roomNeeded(layout.size, folder === source ? 0 : bundle.classifier.byteLength))
  const step = await createTrainingSession(
    trainingGraph(layout, { weightDecay: 0, clipNorm: 1 }, (g, p) => purifierObjective(g, p, target, shape, batch, loss)),
    { provider },
  )
  const meter = await PurifierMeter.create(layout, target, shape, context.signal)
  const { adaptiveShare } = parameters
  const adaptive = adaptiveShare > 0 ? await InnerAttack.create(layout, target, throughPurifier(target, shape), batch) : undefined
  const twins = new TwinMaker(target, batch, { ...parameters, steps: parameters.attackSteps }, adaptive)
  let live: TrainingRecord | undefined
  try {
    const bare = async (images: LabelledImages) => (await meter.accuracy(layout.initialise(seed), images)).bare
    const untouched = await bare(data.validation)
    const warnings = [...ofData, ...noBetterThanGuessing(manifest.id, untouched, data.validation)]
    // The calibration says itself in the end what it was too few for.
    const told = [...warnings, ...tooFewToFlag(held)]
    hooks.warn(told)
    const views = new AugmentedBatches(data.training, batch, seed, augmentationOf(parameters))
    const checkpoint = {
      path,
      asked: fingerprint({ ...computingSettings(parameters), data: data.sha256, classifier: manifest.classifier.sha256, from: teacher?.manifest.purifier?.sha256 }),
    }
    const resumed = parameters.resume ? await loadCheckpoint(checkpoint.path, layout.size, checkpoint.asked) : undefined
    const [weak, strong] = [await meter.attacked(data.validation, 4), await meter.attacked(data.validation, 8)]
    const [clean, attacked] = [chooseSamples(data.validation), chooseSamples(weak)]
    live = await TrainingRecord.open(
      context,
      {
        epochs,
        stepsPerEpoch: views.stepsPerEpoch,
        images: data.training.labels.length,
        validationImages: data.validation.labels.length,
        input: { width: spec.width, height: spec.height, channels: spec.channels },
        classes: [...manifest.classes],
        reference: { validationAccuracyBare: untouched.accuracy, validationAccuracyBareAttacked: (await bare(weak)).accuracy },
        warnings: told,
      },
      {
        images: clean,
        attacked: attacked.x,
        epsilon: 4 / 255,
        look: async (weights) => {
          const [untouched, under] = [await meter.look(weights, clean), await meter.look(weights, attacked)]
          const n = clean.labels.length
          return { purified: under.image, answers: { clean: answersOf(untouched.bare, n), attacked: answersOf(under.bare, n), purified: answersOf(under.purified, n) } }
        },
      },
      resumed ?? null,
    )
    const done = await train(
      {
        session: step,
        epochs,
        stepsPerEpoch: views.stepsPerEpoch,
        peakLearningRate: parameters.learningRate,
        schedule: parameters.schedule,
        warmUpSteps: Math.min(views.stepsPerEpoch, 100),
        averaging: parameters.averaging,
        patience: parameters.patience,
        metrics: loss === 'dae' ? ['loss'] : ['loss', 'reconstruction'],
        feeds: async (epoch, at, weights) => {
          const { x, labels, random } = views.at(epoch, at)
          return { x, labels, attacked: await twins.make(x, labels, random, weights) }
        },
        validate: async (weights) => ({
          validationAccuracy: (await meter.accuracy(weights, data.validation)).purified.accuracy,
          validationAccuracyAttacked: (await meter.accuracy(weights, weak)).purified.accuracy,
          validationAccuracyStronglyAttacked: (await meter.accuracy(weights, strong)).purified.accuracy,
          ...(adaptiveShare > 0 ? { validationAccuracyAdaptive: await meter.adaptiveAccuracy(weights, data.validation, 2) } : {}),
        }),
        // Clean images are what a purifier meets most.
        score: (r) => 2 * r.validationAccuracy! + r.validationAccuracyAttacked! + r.validationAccuracyStronglyAttacked! + 2 * (r.validationAccuracyAdaptive ?? 0),
        checkpoint,
        ...hooks.training(live),
      },
      resumed ?? freshState(before?.weights ?? layout.initialise(seed)),
    )
    context.progress({ message: 'measuring' })
    const validation = await meter.all(done.chosen, data.validation)
    const test = tested.images && (await meter.all(done.chosen, tested.images))

    const outputs = (g: GraphBuilder, p: ParameterSource, x: Value) => {
      const { image, embedding } = purifiedWithEmbedding(g, p, x, shape)
      return { answer: image, also: { [embeddingOutput]: embedding } }
    }
    const bytes = await exportNetwork({ layout, input: target.imageShape, output: 'purified', network: outputs }, done.chosen)
    const { purifier: _old, detector: _calibratedForTheOld, ...rest } = manifest
    // Calibrated anew, it is no copy that was calibrated on others' scans.
    const { calibrated: _calibrated, ...trainedSoFar } = manifest.training
    const draft = {
      ...rest,
      id,
      name,
      classifier: { file: manifest.classifier.file, output: manifest.classifier.output, layout: manifest.classifier.layout },
      purifier: { loss },
      training: {
        ...trainedSoFar,
        // Width and depth are those of what it began with, whatever was asked for.
        purifier: trainingRecord('purifier', { parameters: { ...parameters, ...shape }, data, layout, version: context.places.version, providers: done.providers, validation, test, warnings, before: teacher }),
      },
    }
    const files = { classifier: bundle.classifier, purifier: bytes }
    const calibrating = (message = 'calibrating on scans that were not learned from') => context.progress({ message })
    calibrating()
    const { warnings: ofCalibration, detector } = await calibrationOf(bundleOf(folder, draft, files), data.validation.x, {
      label: `validation part of ${seenFromHere(parameters.data)}`,
      seed,
      provider,
      learnedFrom: true,
      origins: () => originsOfData(data),
      groups: () => data.validation.items.map(({ group }) => group),
      // As many as choose the scores in a calibration.
      spare: someOf(data.training, mostToChoose).x,
      progress: (done) => ('choice' in done ? calibrating(done.message) : undefined),
      signal: context.signal,
    })
    const finished = { ...draft, detector }
    const { beforeAfter, warnings: ofTable } = await hooks.beforeAfter({ before: bundle, after: bundleOf(folder, finished, files), images: tested.images ?? data.validation, part: tested.images ? 'test' : 'validation', provider, attacked: (images, k) => meter.attacked(images, k) })
    // At once, and after all that takes time: a bundle that is trained on in its place is never without a detector, and until it is replaced the training can be resumed.
    await writeBundle(folder, finished, { ...files, card: modelCard(finished) })
    await removeCheckpoint(checkpoint.path)
    const result = { bundle: id, epochs: done.history.length, bestEpoch: done.bestEpoch, parameters: layout.size, images: data.training.labels.length, validation, ...(test ? { test } : {}), beforeAfter, history: done.history, warnings: [...warnings, ...ofCalibration, ...ofTable] }
    return hooks.outcome(result, [...data.failures, ...tested.failures])
  } finally {
    await live?.close()
    await step.release()
    await meter.release()
    await adaptive?.release()
    await twins.release()
  }
}

/**
 * `assay train classifier`: from a folder of class folders to a bundle with a classifier.
 */
import { resolve } from 'node:path'
import type { BundleManifest, ModelInput } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import type { ProviderChoice } from '../../shared/types'
import type { JobContext, JobOutcome } from '../jobs/definition'
import { ensureRoom, ensureWritable } from '../bundle/atomic'
import { loadBundle, resolveBundleFolder, type LoadedBundle } from '../bundle/load'
import { bundleOf, writeBundle } from '../bundle/write'
import { predictedClasses } from '../attacks/image-lists'
import { otherClasses } from '../data-check/class-findings'
import { openToLearnOn } from '../dataset/learning-on'
import { crossEntropy } from '../nn/losses'
import { GraphBuilder } from '../onnx/builder'
import { createSession, type Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'
import { modelCard } from './card'
import { fingerprint, freshState, loadCheckpoint, removeCheckpoint, roomNeeded } from './checkpoint'
import { accuracyOf, allLogits, crossEntropyOf, type Accuracy } from './evaluate'
import type { Freeze } from './freeze'
import { attackedImages, halfAttacked, InnerAttack } from './inner-attack'
import { ourClassifier, type TrainableNetwork } from './network'
import { networkOfBundle } from './onnx-network'
import { checkpointPath, refuseTaken, whileHeld } from './place'
import { TrainingRecord } from './record'
import { answersOf, chooseSamples } from './samples'
import { classWeights, mix, weightedTargets } from './targets'
import { createTrainingSession, trainingGraph } from './training-graph'
import { train } from './trainer'
import { AugmentedBatches, channelsOf, learnedBefore, someOf, loadTestData, loadTrainingData, requireHeldBack, type LabelledImages, type LearnedRecord, type TrainingData } from './training-data'
import { aboutText, augmentationOf, bundleId, computingSettings, dataWarnings, trainingHooks, trainingRecord } from './training-run'

/** Images of one size divisible by 16, as the four poolings need. */
function checkSize(size: number): void {
  if (size % 16 !== 0) throw new AssayError('invalid-arguments', `The image size ${size} is not divisible by 16; try ${Math.max(32, Math.round(size / 16) * 16)}.`, { size })
}

/** Weights as an input, so that one session serves every epoch. */
async function forwardSession({ layout, logits }: TrainableNetwork, batch: number, input: readonly number[], provider: ProviderChoice): Promise<Session> {
  const g = new GraphBuilder()
  const weights = g.input('weights', [layout.size])
  g.output('logits', logits(g, layout.slices(g, weights), g.input('x', [batch, ...input])))
  return createSession(g.toBytes(), { provider })
}

interface Measured extends Accuracy {
  /** Cross-entropy of the true classes. */
  loss: number
}

async function logitsOf(session: Session, weights: Float32Array, images: LabelledImages, batch: number): Promise<Float32Array> {
  const vector = float32([weights.length], weights)
  return allLogits(images, images.classes.length, batch, async (x) => (await session.run({ x, weights: vector })).logits!)
}

async function measure(session: Session, weights: Float32Array, images: LabelledImages, batch: number): Promise<Measured> {
  const classes = images.classes.length
  const logits = await logitsOf(session, weights, images, batch)
  return { ...accuracyOf(predictedClasses(logits, classes), images.labels, classes), loss: crossEntropyOf(logits, images.labels) }
}

/** Accuracy and balanced accuracy count alike; of equals the surer one is better. */
const worth = (accuracy: number, balancedAccuracy: number, loss: number): number => (accuracy + balancedAccuracy) / 2 - 0.01 * Math.min(loss, 2)

/** Most images that are attacked after each epoch. */
const mostAttacked = 96

/** Images that the gains of a new network are set by. */
const mostSettling = 64

/** Where learning begins: where the network was, or at random and made fit for these images. */
async function firstWeights({ initial, layout, settle }: TrainableNetwork, seed: number, { x, size, labels }: LabelledImages): Promise<Float32Array> {
  if (initial) return initial
  const random = layout.initialise(seed)
  return settle ? settle(random, float32([labels.length, size.channels, size.height, size.width], x)) : random
}

/** What is learned: a new network, or a bundle's. */
interface Pupil {
  spec: ModelInput
  modality: string
  bodyPart: string
  /** The bundle that is learned on from. */
  before?: LoadedBundle
  answers: Pick<BundleManifest['classifier'], 'output' | 'layout'>
  network(classes: readonly string[]): TrainableNetwork
}

/** `3`, `stem,stage0` or `all-but-head`. */
function freezeOf(text: string | undefined): Freeze {
  if (text === undefined || text === '') return []
  if (text === 'all-but-head') return text
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((name) => name.trim())
}

async function pupilOf(parameters: JobParameters['train-classifier'], bundleFolders: readonly string[]): Promise<Pupil> {
  const { from, freeze, seed, modality, bodyPart, size } = parameters
  if (from !== undefined) {
    const bundle = await loadBundle(await resolveBundleFolder(from, [...bundleFolders]))
    const { input, classifier, ...manifest } = bundle.manifest
    return {
      spec: input,
      modality: modality || manifest.modality,
      bodyPart: bodyPart || manifest.bodyPart,
      before: bundle,
      answers: { output: classifier.output, layout: classifier.layout },
      network: (wanted) => networkOfBundle(bundle, { classes: wanted, seed, freeze: freezeOf(freeze) }),
    }
  }
  if (freeze) throw new AssayError('invalid-arguments', 'Only a classifier that has learned before can keep layers as they are; name its bundle with --from, or leave --freeze out.', {})
  checkSize(size)
  const channels = parameters.channels ?? (await channelsOf(parameters))
  const { width, blocks, localContrast, pooling } = parameters
  return {
    spec: { width: size, height: size, channels, mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1), intensity: { kind: 'declared-range' } },
    modality,
    bodyPart,
    answers: { output: 'logits', layout: 'nchw' },
    network: (classes) => ourClassifier({ classes: classes.length, width, blocks, localContrast, pooling }, [channels, size, size]),
  }
}

/** What is measured on images that the classifier learned from flatters it. */
function learnedBeforeWarnings(data: TrainingData, before: LoadedBundle): string[] {
  const learned = (before.manifest.training.classifier ?? {}) as LearnedRecord
  const count = learnedBefore(data, learned)?.length ?? 0
  if (count === 0) return []
  const { seed, validationShare } = learned.settings!
  return [`${before.manifest.id} learned from ${count} of the ${data.validation.labels.length} images that are held back to measure on, so that the figures flatter; use --seed ${seed} and --validation-share ${validationShare}, which cut the images as it cut them.`]
}

/** What a network that learns on is to tell apart, with a warning where that is not what it could; as the data says for a new one. */
async function classesOf({ before }: Pupil, { data, labels, classNames }: JobParameters['train-classifier']): Promise<{ wanted?: readonly string[]; warnings: string[] }> {
  if (!before) return { warnings: [] }
  const { source, others } = await openToLearnOn({ data, labels, classNames, classes: before.manifest.classes, part: 'train' })
  return { wanted: source.classes, warnings: others ? [otherClasses(source.classes, before.manifest).message] : [] }
}

export async function trainClassifier(parameters: JobParameters['train-classifier'], context: JobContext): Promise<JobOutcome> {
  const path = checkpointPath(parameters.out, 'classifier')
  return whileHeld(path, () => trainInto(path, parameters, context))
}

/** @param path of the checkpoint */
async function trainInto(path: string, parameters: JobParameters['train-classifier'], context: JobContext): Promise<JobOutcome> {
  await refuseTaken(parameters.out, parameters, path)
  const about = await aboutText(parameters.about)
  const { epochs, batch, seed, provider } = parameters
  const pupil = await pupilOf(parameters, context.places.bundleFolders)
  const { spec } = pupil
  const hooks = trainingHooks(context, parameters.finish)
  const { wanted, warnings: ofClasses } = await classesOf(pupil, parameters)
  const data = await loadTrainingData(parameters, wanted, spec, parameters.validationShare, seed, hooks.loading)
  requireHeldBack(data, 1)
  const { classes } = data.training
  const tested = await loadTestData(parameters, classes, spec, hooks.loading)
  const warnings = [...ofClasses, ...(pupil.before ? learnedBeforeWarnings(data, pupil.before) : []), ...(await dataWarnings(data, tested.images, context.signal))]
  hooks.warn(warnings)
  await ensureWritable(resolve(parameters.out))
  const input = [spec.channels, spec.height, spec.width]
  const network = pupil.network(classes)
  const { layout } = network
  await ensureRoom(resolve(parameters.out), roomNeeded(layout.size, pupil.before?.classifier.byteLength ?? 0))

  const step = await createTrainingSession(
    trainingGraph(layout, { weightDecay: parameters.weightDecay, clipNorm: 1 }, (g, p) => {
      const x = g.input('x', [batch, ...input])
      return { loss: crossEntropy(g, network.logits(g, p, x), g.input('targets', [batch, classes.length])), metrics: {} }
    }),
    { provider },
  )
  const forward = await forwardSession(network, batch, input, provider)
  const { adversarialEpsilon, adversarialSteps } = parameters
  const attack = adversarialEpsilon > 0 ? await InnerAttack.create(layout, { imageShape: [spec.channels, spec.height, spec.width], classes, provider }, network.logits, batch) : undefined
  let live: TrainingRecord | undefined
  try {
    const checkpoint = { path, asked: fingerprint({ ...computingSettings(parameters), data: data.sha256, ...(pupil.before && { classifier: pupil.before.manifest.classifier.sha256 }) }) }
    const resumed = parameters.resume ? await loadCheckpoint(checkpoint.path, layout.size, checkpoint.asked) : undefined
    const views = new AugmentedBatches(data.training, batch, seed, augmentationOf(parameters))
    const weightOf = classWeights(data.training.labels, classes.length, parameters.classWeights)
    const attackedPart = someOf(data.validation, mostAttacked)
    const samples = chooseSamples(data.validation)
    live = await TrainingRecord.open(
      context,
      {
        epochs,
        stepsPerEpoch: views.stepsPerEpoch,
        images: data.training.labels.length,
        validationImages: data.validation.labels.length,
        input: { width: spec.width, height: spec.height, channels: spec.channels },
        classes,
        reference: {},
        warnings,
      },
      {
        images: samples,
        attacked: null,
        epsilon: null,
        look: async (weights) => ({ purified: null, answers: { clean: answersOf(await logitsOf(forward, weights, samples, batch), samples.labels.length) } }),
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
        warmUpSteps: views.stepsPerEpoch,
        averaging: parameters.averaging,
        patience: parameters.patience,
        metrics: ['loss'],
        feeds: async (epoch, at, weights) => {
          const { x, labels, random } = views.at(epoch, at)
          const targets = weightedTargets(labels.data, weightOf, parameters.labelSmoothing)
          if (parameters.mixup > 0) mix(x, targets, parameters.mixup, random)
          return { x: attack ? await halfAttacked(attack, weights, x, labels, { epsilon: adversarialEpsilon, steps: adversarialSteps }, random) : x, targets }
        },
        validate: async (weights) => {
          const { accuracy, balancedAccuracy, loss } = await measure(forward, weights, data.validation, batch)
          const record = { validationLoss: loss, validationAccuracy: accuracy, validationBalancedAccuracy: balancedAccuracy }
          if (!attack) return record
          const under = await measure(forward, weights, await attackedImages(attack, weights, attackedPart, batch, adversarialEpsilon), batch)
          return { ...record, validationAccuracyAttacked: under.accuracy }
        },
        score: (r) => worth(r.validationAccuracy!, r.validationBalancedAccuracy!, r.validationLoss!) + (r.validationAccuracyAttacked ?? 0),
        checkpoint,
        ...hooks.training(live),
      },
      resumed ?? freshState(await firstWeights(network, seed, someOf(data.training, mostSettling))),
    )
    const shown = async (images: LabelledImages): Promise<Record<string, number>> => {
      const { accuracy, balancedAccuracy } = await measure(forward, done.chosen, images, batch)
      return { accuracy, balancedAccuracy }
    }
    const validation = await shown(data.validation)
    const test = tested.images && (await shown(tested.images))
    const result = {
      bundle: parameters.id ?? bundleId(parameters.out),
      epochs: done.history.length,
      bestEpoch: done.bestEpoch,
      parameters: network.size,
      images: data.training.labels.length,
      validation,
      ...(test ? { test } : {}),
      history: done.history,
    }

    const bytes = await network.export(done.chosen)
    const draft = {
      id: result.bundle,
      name: parameters.name ?? result.bundle,
      modality: pupil.modality,
      bodyPart: pupil.bodyPart,
      classes,
      input: spec,
      classifier: pupil.answers,
      training: {
        classifier: trainingRecord('classifier', { parameters, data, layout, kept: network.size - layout.size, version: context.places.version, providers: done.providers, validation, test, warnings, before: pupil.before }),
        about,
      },
    }
    const files = { classifier: bytes, card: modelCard(draft) }
    const { beforeAfter, warnings: ofTable } = await hooks.beforeAfter({ before: pupil.before ?? null, after: bundleOf(parameters.out, draft, files), images: tested.images ?? data.validation, part: tested.images ? 'test' : 'validation', provider })
    // After all that takes time: a training that is cut off has its checkpoint and no bundle, or its bundle and no checkpoint.
    await writeBundle(parameters.out, draft, files)
    await removeCheckpoint(checkpoint.path)
    return hooks.outcome({ ...result, warnings: [...warnings, ...ofTable], beforeAfter }, [...data.failures, ...tested.failures])
  } finally {
    await live?.close()
    await step.release()
    await forward.release()
    await attack?.release()
  }
}

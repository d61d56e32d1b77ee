/**
 * `assay train classifier`: from a folder of class folders to a bundle with a classifier.
 */
import { access } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { ModelInput } from '../../shared/bundle'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import type { JobContext, JobOutcome } from '../jobs/definition'
import { ensureWritable } from '../bundle/atomic'
import { manifestName } from '../bundle/manifest'
import { writeBundle } from '../bundle/write'
import { residualClassifier, type ClassifierShape } from '../nn/classifier'
import { crossEntropy, smoothedTargets } from '../nn/losses'
import { ParameterLayout } from '../nn/parameters'
import { GraphBuilder, type Value } from '../onnx/builder'
import { createSession, type Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'
import { modelCard } from './card'
import { fingerprint, loadCheckpoint, removeCheckpoint } from './checkpoint'
import { accuracyOf, predict, type Accuracy } from './evaluate'
import { exportNetwork } from './export'
import { trainingGraph } from './training-graph'
import { train } from './trainer'
import { AugmentedBatches, channelsOf, loadTestData, loadTrainingData, type LabelledImages } from './training-data'
import { aboutText, freshState, settingsOf, trainingHooks, trainingRecord } from './training-run'

/** Images of one size divisible by 16, as the four poolings need. */
function checkSize(size: number): void {
  if (size % 16 !== 0) throw new AssayError('invalid-arguments', `The image size ${size} is not divisible by 16; try ${Math.max(32, Math.round(size / 16) * 16)}.`, { size })
}

/** Weights as an input, so that one session serves every epoch. */
async function forwardSession(layout: ParameterLayout, batch: number, input: readonly number[], shape: ClassifierShape, provider: JobParameters['train-classifier']['provider']): Promise<Session> {
  const g = new GraphBuilder()
  const weights = g.input('weights', [layout.size])
  const x = g.input('x', [batch, ...input])
  g.output('logits', residualClassifier(g, layout.slices(g, weights), x, shape))
  return createSession(g.toBytes(), { provider })
}

async function measure(session: Session, weights: Float32Array, images: LabelledImages, batch: number): Promise<Accuracy> {
  const predicted = await predict(images, batch, async (x) => (await session.run({ x, weights: float32([weights.length], weights) })).logits!)
  return accuracyOf(predicted, images.labels, images.classes.length)
}

const checkpointPath = (out: string): string => join(resolve(out), '.training', 'classifier.npz')

/** A finished bundle is not trained over: hours of somebody's work may be in it. */
async function refuseFinished({ out, resume }: JobParameters['train-classifier']): Promise<void> {
  const exists = (path: string) => access(path).then(() => true, () => false)
  if (!(await exists(join(resolve(out), manifestName))) || (resume && (await exists(checkpointPath(out))))) return
  throw new AssayError('output-not-writable', `${out} already holds a finished bundle; choose another folder, or remove it to train anew.`, { path: out })
}

export async function trainClassifier(parameters: JobParameters['train-classifier'], context: JobContext): Promise<JobOutcome> {
  checkSize(parameters.size)
  await refuseFinished(parameters)
  const about = await aboutText(parameters.about)
  const { epochs, batch, seed, provider } = parameters
  const channels = parameters.channels ?? (await channelsOf(parameters))
  const spec: ModelInput = { width: parameters.size, height: parameters.size, channels, mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1), intensity: { kind: 'declared-range' } }
  const hooks = trainingHooks(context)
  const data = await loadTrainingData(parameters, undefined, spec, parameters.validationShare, seed, hooks.loading)
  const { classes } = data.training
  const tested = await loadTestData(parameters, classes, spec, hooks.loading)
  await ensureWritable(resolve(parameters.out))
  const input = [channels, parameters.size, parameters.size]
  const shape: ClassifierShape = { classes: classes.length, width: parameters.width, blocks: parameters.blocks }
  const network = (g: GraphBuilder, p: Parameters<typeof residualClassifier>[1], x: Value) => residualClassifier(g, p, x, shape)
  const layout = ParameterLayout.of((g, p) => network(g, p, g.input('x', [batch, ...input])))

  const step = await createSession(
    trainingGraph(layout, { weightDecay: parameters.weightDecay, clipNorm: 1 }, (g, p) => {
      const x = g.input('x', [batch, ...input])
      const labels = g.input('labels', [batch], 'int64')
      const loss = crossEntropy(g, network(g, p, x), smoothedTargets(g, labels, classes.length, parameters.labelSmoothing))
      return { loss, metrics: {} }
    }),
    { provider },
  )
  const forward = await forwardSession(layout, batch, input, shape, provider)
  try {
    const checkpoint = { path: checkpointPath(parameters.out), asked: fingerprint({ ...settingsOf(parameters), data: data.sha256 }) }
    const resumed = parameters.resume ? await loadCheckpoint(checkpoint.path, layout.size, checkpoint.asked) : undefined
    const views = new AugmentedBatches(data.training, batch, seed)
    const done = await train(
      {
        session: step,
        epochs,
        stepsPerEpoch: views.stepsPerEpoch,
        peakLearningRate: parameters.learningRate,
        warmUpSteps: views.stepsPerEpoch,
        metrics: ['loss'],
        feeds: async (epoch, at) => {
          const { x, labels } = views.at(epoch, at)
          return { x, labels }
        },
        validate: async (weights) => ({ validationAccuracy: (await measure(forward, weights, data.validation, batch)).accuracy }),
        checkpoint,
        ...hooks.training,
      },
      resumed ?? freshState(layout.initialise(seed)),
    )
    const validation = await measure(forward, done.weights, data.validation, batch)
    const test = tested.images && (await measure(forward, done.weights, tested.images, batch))
    const result = { bundle: parameters.id ?? bundleId(parameters.out), epochs, parameters: layout.size, images: data.training.labels.length, validation, ...(test ? { test } : {}), history: done.history }

    const bytes = await exportNetwork({ layout, input, output: 'logits', network }, done.weights)
    const draft = {
      id: result.bundle,
      name: parameters.name ?? result.bundle,
      modality: parameters.modality,
      bodyPart: parameters.bodyPart,
      classes,
      input: spec,
      classifier: { output: 'logits' as const, layout: 'nchw' as const },
      training: {
        classifier: trainingRecord(parameters, data, layout, context.places.version, { validation, ...(test ? { test } : {}) }),
        about,
      },
    }
    await writeBundle(parameters.out, draft, { classifier: bytes, card: modelCard(draft) })
    await removeCheckpoint(checkpoint.path)
    return hooks.outcome(result, [...data.failures, ...tested.failures])
  } finally {
    await step.release()
    await forward.release()
  }
}

/** A bundle's id from its folder's name. */
function bundleId(folder: string): string {
  const id = basename(resolve(folder)).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  return id || 'bundle'
}

/**
 * `assay attack`: adversarial images on disk, as an .npz for checking elsewhere and as pictures for looking at and
 * screening, with what they did to the classifier counted in the real inference path.
 */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { Norm } from '../../shared/audit'
import type { JobParameters } from '../../shared/job-parameters'
import { researchUseOnly } from '../../shared/notice'
import { assertUnused, ensureWritable, makeFolder, writeFileAtomic } from '../bundle/atomic'
import { loadBundle, resolveBundle, type LoadedBundle } from '../bundle/load'
import { whileLocked } from '../bundle/lock'
import { openEvaluationSet, type EvaluationSet } from '../dataset/evaluation-set'
import { noneRead, throwIfAborted, type LoadFailure } from '../dataset/model-inputs'
import { writeDicom } from '../image/dicom/write'
import { encodePng, interleavePlanes, quantize } from '../image/encode'
import { UniqueNames } from '../image/names'
import type { JobContext, JobDefinition, JobOutcome } from '../jobs/definition'
import { median } from '../tensor/median'
import { encodeNpz } from '../tensor/npz'
import { float32, int64 } from '../tensor/tensor'
import { openAnswering } from './answering'
import { numbered, titleOf, type Attack } from './attack'
import { assertPossible, assertWithinBounds, distances, withinEpsilon } from './bounds'
import { CompiledTarget } from './compiled-target'
import { indicesWhere, predictedClasses } from './image-lists'
import { onProbabilities } from './probabilities'
import { findAttack, optionsOf } from './registry'
import { findingOf, targetFor } from './target'

type Parameters = JobParameters['attack']
const readAtOnce = 64

interface AttackImages {
  /** [count, C, H, W] in [0, 1]. */
  x: Float32Array
  labels: Int32Array
  /** Files, or `#12` in an archive. */
  paths: string[]
  failures: LoadFailure[]
}

async function load(set: EvaluationSet, context: JobContext): Promise<AttackImages> {
  const pieces = []
  for (let start = 0; start < set.labels.length; start += readAtOnce) {
    context.progress({ done: start, total: set.labels.length, message: 'reading images' })
    pieces.push(await set.load(start, start + readAtOnce, context.signal))
  }
  const numbers = pieces.flatMap((piece) => piece.numbers)
  const x = new Float32Array(pieces.reduce((sum, piece) => sum + piece.x.length, 0))
  pieces.reduce((at, piece) => (x.set(piece.x, at), at + piece.x.length), 0)
  return { x, labels: Int32Array.from(numbers, (number) => set.labels[number]!), paths: numbers.map((number) => set.paths[number]!), failures: pieces.flatMap((piece) => piece.failures) }
}

const share = (predicted: Int32Array, labels: Int32Array): number => predicted.reduce((n, p, i) => n + Number(p === labels[i]), 0) / labels.length

/** Right when clean and still right when attacked, or changed by more than is allowed, over all images. */
const robustShare = (clean: Int32Array, attacked: Int32Array, labels: Int32Array, tooFar: (image: number) => boolean): number =>
  labels.reduce((n, label, i) => n + Number(clean[i] === label && (attacked[i] === label || tooFar(i))), 0) / labels.length

/** ε as people say it: in 255ths for L∞, as it is for L2. */
const strength = (epsilon: number, norm: Norm): string => (norm === 'linf' ? `${Number((255 * epsilon).toFixed(2))}/255` : `${Number(epsilon.toPrecision(4))} in L2`)

async function writePictures(folder: string, format: Parameters['pictures'], bundle: LoadedBundle, classes: readonly string[], images: AttackImages, adversarial: Float32Array, context: JobContext): Promise<void> {
  if (format === 'none') return
  const { input, modality } = bundle.manifest
  const { channels, width, height } = input
  const pixels = channels * width * height
  // A bundle from anywhere calls its classes as it likes.
  const ofClasses = new UniqueNames()
  const folders = classes.map((name) => ({ at: join(folder, 'images', ofClasses.named(name)), names: new UniqueNames() }))
  for (const label of new Set(images.labels)) await makeFolder(folders[label]!.at)
  for (const [i, path] of images.paths.entries()) {
    throwIfAborted(context.signal)
    const unit = interleavePlanes(adversarial.subarray(i * pixels, (i + 1) * pixels), channels)
    const data = quantize(unit, format === 'png' || channels === 3 ? 8 : 16)
    const bytes =
      format === 'dicom'
        ? writeDicom({ kind: 'secondary-capture', modality: modality || 'OT', width, height, samples: channels, pixels: data, ...(channels === 3 ? { photometric: 'RGB' as const } : {}), seed: createHash('sha256').update(data).digest('hex') })
        : encodePng({ width, height, samples: channels, data })
    const { at, names } = folders[images.labels[i]!]!
    const wanted = path.startsWith('#') ? `image-${path.slice(1).padStart(6, '0')}` : path
    await writeFileAtomic(join(at, names.give(wanted, format === 'dicom' ? '.dcm' : '.png')), bytes)
  }
}

/** Hidden, so that it is no image where the folder is screened. */
const lockFile = '.attack.lock'

async function run(parameters: Parameters, context: JobContext): Promise<JobOutcome> {
  const attack = findAttack(parameters.attack)
  const bundle = await loadBundle(await resolveBundle(parameters.bundle, context.places.bundleFolders))
  const out = resolve(parameters.out)
  await ensureWritable(out)
  return whileLocked(join(out, lockFile), out, 'Another attack writes', () => runHeld(parameters, attack, bundle, out, context))
}

/** @param out that nobody else writes into */
async function runHeld(parameters: Parameters, attack: Attack, bundle: LoadedBundle, out: string, context: JobContext): Promise<JobOutcome> {
  await assertUnused(out, ['attack.json', 'adversarial.npz', 'images'])
  const { manifest } = bundle
  const { input } = manifest
  const finding = findingOf(bundle, parameters.finding)
  const norm = parameters.norm ?? attack.norms[0]!
  if (!attack.norms.includes(norm)) throw new AssayError('invalid-arguments', `${attack.title} works in ${attack.norms.join(' and ')} only; leave --norm out.`, { attack: attack.name, norm })
  if (parameters.epsilon === undefined && !attack.minimumNorm) throw new AssayError('invalid-arguments', `${attack.title} needs to know how far it may go; give --eps, for example 4/255.`, { attack: attack.name })
  if (parameters.epsilon !== undefined) assertPossible(parameters.epsilon, norm)
  // Without a radius a minimum-norm attack may go from any image to any other.
  const epsilon = parameters.epsilon ?? (norm === 'linf' ? 1 : Math.sqrt(input.channels * input.height * input.width))
  const { steps, stepSize, restarts, seed } = parameters
  const options = optionsOf(attack, epsilon, norm, { ...parameters.options, steps, stepSize, restarts, ...(parameters.randomStart ? {} : { randomStart: 0 }) })
  const target = targetFor(parameters.threat, bundle, attack, parameters.provider, finding)

  const set = await openEvaluationSet({
    path: resolve(parameters.data),
    ...(parameters.labels === undefined ? {} : { labels: resolve(parameters.labels) }),
    part: parameters.part,
    ...(parameters.limit === undefined ? {} : { limit: parameters.limit }),
    spec: input,
    classes: target.classes,
    classNames: parameters.classNames,
    ...(finding === undefined ? {} : { finding: { name: manifest.classes[finding]!, index: finding, of: manifest.classes.length } }),
  })
  const images = await load(set, context)
  const count = images.labels.length
  if (count === 0) throw noneRead(parameters.data, images.failures.map(({ error }) => error.message))

  const model = new CompiledTarget(target, Math.min(parameters.batch, count))
  const variant = attack.variant?.(model.classes)
  const named = titleOf(attack, model.classes)
  const title = parameters.epsilon === undefined ? named : `${named} at ${strength(parameters.epsilon, norm)}`
  const started = performance.now()
  const { adversarial, queries } = await attack
    .run({
      model, x: images.x, labels: images.labels, norm, epsilon, options, seed, numbers: numbered(count), signal: context.signal,
      progress: (share) => context.progress({ done: Math.floor(share * count), total: count, message: title }),
    })
    .finally(() => model.release())
  const seconds = (performance.now() - started) / 1000
  const { linf, l2 } = distances(images.x, adversarial, count)
  assertWithinBounds(adversarial, attack.minimumNorm ? undefined : { norm, epsilon, linf, l2 })

  // What an attack leaves as it is was wrong already, or out of its reach: neither tells how far it goes.
  const changed = indicesWhere(count, (image) => linf[image]! > 0)
  const medianOf = (values: ArrayLike<number>): number => median(changed.map((image) => values[image]!))

  // Of a minimum-norm attack only what stays within the radius counts, where one was given.
  const size = norm === 'linf' ? linf : l2
  const tooFar = (image: number): boolean => !withinEpsilon(size[image]!, epsilon)
  const judge = async (purify: boolean) => {
    const models = await openAnswering(bundle, { provider: parameters.provider, purify, ...(finding === undefined ? {} : { finding }) })
    try {
      const predicted = async (x: Float32Array) => predictedClasses((await models.answers(x)).flat(), target.classes.length)
      const clean = await predicted(images.x)
      const robust = robustShare(clean, await predicted(adversarial), images.labels, tooFar)
      const robustAt8Bits = robustShare(clean, await predicted(Float32Array.from(adversarial, (v) => Math.round(v * 255) / 255)), images.labels, tooFar)
      return { clean: share(clean, images.labels), robust, robustAt8Bits }
    } finally {
      await models.release()
    }
  }
  const bare = await judge(false)
  const purified = bundle.purifier ? await judge(true) : undefined
  const { channels, height, width } = input
  const shape = [count, channels, height, width]
  await writeFileAtomic(join(out, 'adversarial.npz'), encodeNpz({ x: float32(shape, adversarial), y: int64([count], Array.from(images.labels)) }, { compress: true }))
  await writePictures(out, parameters.pictures, bundle, target.classes, images, adversarial, context)

  const warnings = attack.access === 'gradients' ? onProbabilities(bundle) : []
  const result = {
    bundle: bundle.manifest.id,
    attack: attack.name,
    title: titleOf(attack, model.classes),
    ...(variant && { differences: variant.differences }),
    threat: parameters.threat,
    reference: attack.reference,
    norm,
    options,
    ...(finding === undefined ? {} : { finding: manifest.classes[finding]! }),
    ...(parameters.epsilon === undefined ? {} : { epsilon, ...(norm === 'linf' && { epsilonOf255: epsilon * 255 }) }),
    n: count,
    ...model.ran.report(),
    cleanAccuracy: bare.clean,
    robustAccuracy: bare.robust,
    robustAccuracyAt8Bits: bare.robustAt8Bits,
    ...(purified && { cleanAccuracyPurified: purified.clean, robustAccuracyPurified: purified.robust, robustAccuracyPurifiedAt8Bits: purified.robustAt8Bits }),
    changed: changed.length,
    medianLinf: medianOf(linf),
    medianL2: medianOf(l2),
    ...(queries && { medianQueries: medianOf(queries) }),
    seconds,
    imagesPerSecond: count / seconds,
    files: { npz: 'adversarial.npz', ...(parameters.pictures === 'none' ? {} : { pictures: 'images' }) },
    ...(warnings.length ? { warnings } : {}),
    ...(images.failures.length ? { unreadable: images.failures.map(({ path, error }) => ({ path, code: error.code, message: error.message })) } : {}),
  }
  const record = { format: 'assay-attack/1', note: researchUseOnly, version: context.places.version, classifier: bundle.manifest.classifier.sha256, target: model.target.description, ...result }
  await writeFileAtomic(join(out, 'attack.json'), `${JSON.stringify(record, null, 2)}\n`)
  return { result, exitCode: images.failures.length ? 3 : 0 }
}

export const attackJob: JobDefinition<'attack'> = {
  kind: 'attack',
  title: ({ attack, bundle, epsilon, norm }) => `Attack ${bundle} with ${attack}${epsilon === undefined ? '' : ` at ${strength(epsilon, norm ?? findAttack(attack).norms[0]!)}`}`,
  run,
}

/**
 * `assay attack`: adversarial images on disk, as an .npz for checking elsewhere and as pictures for looking at and
 * screening, with what they did to the classifier counted in the real inference path.
 */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AssayError } from '../../shared/errors'
import type { JobParameters } from '../../shared/job-parameters'
import { assertUnused, ensureWritable, writeFileAtomic } from '../bundle/atomic'
import { classifierInput, logProbabilities } from '../bundle/classifier'
import { loadBundle, resolveBundle, type LoadedBundle } from '../bundle/load'
import { throwIfAborted } from '../dataset/model-inputs'
import { writeDicom } from '../image/dicom/write'
import { encodePng, interleavePlanes, quantize } from '../image/encode'
import type { JobContext, JobDefinition, JobOutcome } from '../jobs/definition'
import { createSession } from '../runtime/session'
import { encodeNpz } from '../tensor/npz'
import { float32, int64 } from '../tensor/tensor'
import { loadAttackImages, type AttackImages } from './attack-data'
import { numbered, titleOf } from './attack'
import { assertWithinBounds, distances } from './bounds'
import { CompiledTarget } from './compiled-target'
import { findAttack, optionsOf } from './registry'
import { targetFor } from './target'

type Parameters = JobParameters['attack']
const inferenceBatch = 16

/** Predicted classes by the bundle's models as they are run for screening, with or without the purifier. */
async function classify(bundle: LoadedBundle, x: Float32Array, provider: Parameters['provider'], purify: boolean): Promise<Int32Array> {
  const { channels, height, width } = bundle.manifest.input
  const step = inferenceBatch * channels * height * width
  const classifier = await createSession(bundle.classifier, { provider })
  const purifier = purify && bundle.purifier ? await createSession(bundle.purifier, { provider }) : undefined
  const predicted: number[] = []
  try {
    for (let start = 0; start < x.length; start += step) {
      const batch = x.subarray(start, Math.min(x.length, start + step))
      const image = float32([batch.length / (channels * height * width), channels, height, width], batch)
      const seen = purifier ? (await purifier.run({ [purifier.inputNames[0]!]: image }))[purifier.outputNames[0]!]! : image
      const outputs = await classifier.run({ [classifier.inputNames[0]!]: classifierInput(seen.data as Float32Array, bundle.manifest) })
      for (const row of logProbabilities(outputs[classifier.outputNames[0]!]!, bundle.manifest)) predicted.push(row.indexOf(Math.max(...row)))
    }
  } finally {
    await classifier.release()
    await purifier?.release()
  }
  return Int32Array.from(predicted)
}

const share = (predicted: Int32Array, labels: Int32Array): number => predicted.reduce((n, p, i) => n + Number(p === labels[i]), 0) / labels.length

/** Right when clean and still right when attacked, over all images. */
const robustShare = (clean: Int32Array, attacked: Int32Array, labels: Int32Array): number =>
  labels.reduce((n, label, i) => n + Number(clean[i] === label && attacked[i] === label), 0) / labels.length

const median = (values: Float64Array): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted.length ? (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2 : 0
}

async function writePictures(folder: string, format: Parameters['pictures'], bundle: LoadedBundle, images: AttackImages, adversarial: Float32Array, context: JobContext): Promise<void> {
  if (format === 'none') return
  const { classes, input, modality } = bundle.manifest
  const { channels, width, height } = input
  const pixels = channels * width * height
  for (const name of new Set(images.labels)) await mkdir(join(folder, 'images', classes[name]!), { recursive: true })
  for (const [i, name] of images.names.entries()) {
    throwIfAborted(context.signal)
    const unit = interleavePlanes(adversarial.subarray(i * pixels, (i + 1) * pixels), channels)
    const path = join(folder, 'images', classes[images.labels[i]!]!, `${name}.${format === 'dicom' ? 'dcm' : 'png'}`)
    const data = quantize(unit, format === 'png' || channels === 3 ? 8 : 16)
    const bytes =
      format === 'dicom'
        ? writeDicom({ kind: 'secondary-capture', modality: modality || 'OT', width, height, samples: channels, pixels: data, ...(channels === 3 ? { photometric: 'RGB' as const } : {}), seed: createHash('sha256').update(data).digest('hex') })
        : encodePng({ width, height, samples: channels, data })
    await writeFileAtomic(path, bytes)
  }
}

async function run(parameters: Parameters, context: JobContext): Promise<JobOutcome> {
  const attack = findAttack(parameters.attack)
  const bundle = await loadBundle(await resolveBundle(parameters.bundle, context.places.bundleFolders))
  const out = resolve(parameters.out)
  await ensureWritable(out)
  await assertUnused(out, ['attack.json', 'adversarial.npz', 'images'])
  const { classes, input } = bundle.manifest
  const images = await loadAttackImages(parameters.data, classes, input, parameters.limit, {
    signal: context.signal,
    progress: (done, total) => context.progress({ done, total, message: 'reading images' }),
  })
  const count = images.labels.length
  if (count === 0) throw new AssayError('data-set-invalid', `None of the images in ${parameters.data} could be read.`, { path: parameters.data })

  const norm = parameters.norm ?? attack.norms[0]!
  if (!attack.norms.includes(norm)) throw new AssayError('invalid-arguments', `${attack.title} works in ${attack.norms.join(' and ')} only; leave --norm out.`, { attack: attack.name, norm })
  const { epsilon, steps, stepSize, restarts, seed } = parameters
  const options = optionsOf(attack, epsilon, norm, { ...parameters.options, steps, stepSize, restarts, ...(parameters.randomStart ? {} : { randomStart: 0 }) })
  const model = new CompiledTarget(targetFor(parameters.threat, bundle, attack, parameters.provider), Math.min(parameters.batch, count))
  const variant = attack.variant?.(model.classes)
  const title = `${titleOf(attack, model.classes)} at ${(255 * epsilon).toFixed(2)}/255`
  const started = performance.now()
  const { adversarial } = await attack
    .run({
      model, x: images.x, labels: images.labels, norm, epsilon, options, seed, numbers: numbered(count), signal: context.signal,
      progress: (share) => context.progress({ done: Math.floor(share * count), total: count, message: title }),
    })
    .finally(() => model.release())
  const seconds = (performance.now() - started) / 1000
  const { linf, l2 } = distances(images.x, adversarial, count)
  assertWithinBounds(adversarial, attack.minimumNorm ? undefined : { norm, epsilon, linf, l2 })

  const judge = async (purify: boolean) => {
    const clean = await classify(bundle, images.x, parameters.provider, purify)
    const attacked = await classify(bundle, adversarial, parameters.provider, purify)
    const rounded = await classify(bundle, Float32Array.from(adversarial, (v) => Math.round(v * 255) / 255), parameters.provider, purify)
    return { clean: share(clean, images.labels), robust: robustShare(clean, attacked, images.labels), robustAt8Bits: robustShare(clean, rounded, images.labels) }
  }
  const bare = await judge(false)
  const purified = bundle.purifier ? await judge(true) : undefined
  const { channels, height, width } = input
  const shape = [count, channels, height, width]
  await writeFileAtomic(join(out, 'adversarial.npz'), encodeNpz({ x: float32(shape, adversarial), y: int64([count], Array.from(images.labels)) }, { compress: true }))
  await writePictures(out, parameters.pictures, bundle, images, adversarial, context)

  const result = {
    bundle: bundle.manifest.id,
    attack: attack.name,
    title: titleOf(attack, model.classes),
    ...(variant && { differences: variant.differences }),
    threat: parameters.threat,
    reference: attack.reference,
    norm,
    options,
    epsilon,
    epsilonOf255: epsilon * 255,
    n: count,
    ...model.ran.report(),
    cleanAccuracy: bare.clean,
    robustAccuracy: bare.robust,
    robustAccuracyAt8Bits: bare.robustAt8Bits,
    ...(purified && { cleanAccuracyPurified: purified.clean, robustAccuracyPurified: purified.robust, robustAccuracyPurifiedAt8Bits: purified.robustAt8Bits }),
    medianLinf: median(linf),
    medianL2: median(l2),
    seconds,
    imagesPerSecond: count / seconds,
    files: { npz: 'adversarial.npz', ...(parameters.pictures === 'none' ? {} : { pictures: 'images' }) },
    ...(images.failures.length ? { unreadable: images.failures.map(({ path, error }) => ({ path, code: error.code, message: error.message })) } : {}),
  }
  const record = { format: 'assay-attack/1', version: context.places.version, classifier: bundle.manifest.classifier.sha256, target: model.target.description, ...result }
  await writeFileAtomic(join(out, 'attack.json'), `${JSON.stringify(record, null, 2)}\n`)
  return { result, exitCode: images.failures.length ? 3 : 0 }
}

export const attackJob: JobDefinition<'attack'> = {
  kind: 'attack',
  title: ({ attack, bundle, epsilon }) => `Attack ${bundle} with ${attack} at ${(255 * epsilon).toFixed(2)}/255`,
  run,
}

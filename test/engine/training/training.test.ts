/** Both trainings from phantoms to a bundle that screens; the same again from the same seed, and after being stopped. */
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureRoom } from '../../../src/engine/bundle/atomic'
import { loadBundle, requireScreening } from '../../../src/engine/bundle/load'
import { writeBundle } from '../../../src/engine/bundle/write'
import { networkOfBundle } from '../../../src/engine/training/onnx-network'
import { trainClassifierJob, trainPurifierJob } from '../../../src/engine/training/jobs'
import { readModel } from '../../../src/engine/onnx/reader'
import { roomNeeded } from '../../../src/engine/training/checkpoint'
import { readTrainingLines } from '../../../src/engine/training/record'
import { createScreener } from '../../../src/engine/screening/screener'
import { AssayError } from '../../../src/shared/errors'
import type { BeforeAfter } from '../../../src/shared/training-record'
import { exportedFor } from '../screening/tiny-bundle'
import { bytesOf, classifierParameters, context, purifierParameters, workplace, type Workplace } from './phantom-training'

vi.mock('../../../src/engine/bundle/atomic', { spy: true })

let at: Workplace
beforeAll(async () => {
  at = await workplace()
  await trainClassifierJob.run(classifierParameters(at, 'first'), context(at.home))
  await cp(at.bundle('first'), at.bundle('bare'), { recursive: true })
  await trainPurifierJob.run(purifierParameters(at, 'first'), context(at.home))
})
afterAll(() => at.remove())

/** A bundle of the trained classifier, for another training of the purifier. */
async function copyOfBare(name: string): Promise<string> {
  await cp(at.bundle('bare'), at.bundle(name), { recursive: true })
  return at.bundle(name)
}

describe('a trained bundle', () => {
  it('loads, verifies, is calibrated on what was not learned from, and tells of its training', async () => {
    const bundle = requireScreening(await loadBundle(at.bundle('first')))
    expect(bundle.manifest).toMatchObject({ id: 'phantoms', classes: ['normal', 'opacity'], input: { width: 32, height: 32, channels: 1 }, purifier: { loss: 'siamese' } })
    const { classifier, purifier } = bundle.manifest.training as Record<string, { data: { images: number; validationImages: number }; test: Record<string, number> }>
    expect(classifier!.data.images + classifier!.data.validationImages).toBe(40)
    expect(purifier!.data).toEqual(classifier!.data)
    expect(bundle.manifest.detector.calibration.scores.length).toBeGreaterThan(0)
    expect(bundle.manifest.detector.calibration.scores.length).toBeLessThanOrEqual(classifier!.data.validationImages)
    for (const value of Object.values({ ...classifier!.test, ...purifier!.test })) expect(value >= 0 && value <= 1).toBe(true)
    const card = await readFile(join(at.bundle('first'), 'MODEL_CARD.md'), 'utf8')
    for (const words of ['phantoms', 'Research use only', 'seed', '(cpu) on']) expect(card).toContain(words)
    expect(existsSync(join(at.bundle('first'), '.training', 'classifier.npz'))).toBe(false)
    expect(existsSync(join(at.bundle('first'), '.training', 'purifier.npz'))).toBe(false)
  })

  it('screens', async () => {
    const screener = await createScreener(requireScreening(await loadBundle(at.bundle('first'))), { provider: 'cpu' })
    const answers = await screener.screen(Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => (i % 97) / 96))
    await screener.release()
    expect(answers).toHaveLength(3)
    for (const { pValue, score, before, after, purified } of answers) {
      expect(pValue > 0 && pValue <= 1 && Number.isFinite(score)).toBe(true)
      for (const answer of [before, after]) expect(answer.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
      expect(purified.every((v) => v >= 0 && v <= 1)).toBe(true)
    }
  })

  it('is not trained over, with or without --resume', async () => {
    for (const resume of [false, true])
      await expect(trainClassifierJob.run(classifierParameters(at, 'first', { resume }), context(at.home))).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining('finished bundle') as string })
  })
})

describe('the same seed', () => {
  it('gives the same classifier and the same purifier, byte for byte; another seed gives others', async () => {
    const again = context(at.home)
    const { result, exitCode } = await trainClassifierJob.run(classifierParameters(at, 'again'), again)
    expect(exitCode).toBe(0)
    expect((result as { history: unknown[] }).history).toHaveLength(2)
    expect(again.events.filter((e) => e.name === 'train.metrics' && 'validationAccuracy' in e.payload.metrics)).toHaveLength(2)
    expect(await bytesOf(at.bundle('again'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
    await trainPurifierJob.run(purifierParameters(at, 'again'), context(at.home))
    expect(await bytesOf(at.bundle('again'), 'purifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'purifier.onnx'))
    await trainClassifierJob.run(classifierParameters(at, 'other', { seed: 6 }), context(at.home))
    expect(await bytesOf(at.bundle('other'), 'classifier.onnx')).not.toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
  })
})

describe('stopped in the middle of an epoch', () => {
  it('the classifier goes on to the same bytes, by way of the same curve', async () => {
    await expect(trainClassifierJob.run(classifierParameters(at, 'stopped'), context(at.home, 2))).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(join(at.bundle('stopped'), 'classifier.onnx'))).toBe(false)
    const { result } = await trainClassifierJob.run(classifierParameters(at, 'stopped', { resume: true }), context(at.home))
    expect(await bytesOf(at.bundle('stopped'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
    expect((result as { history: unknown[] }).history.length).toBe(2)
  })

  it('or while it is measured in the end, the classifier has no bundle yet, and goes on to the same bytes', async () => {
    await expect(trainClassifierJob.run(classifierParameters(at, 'unmeasured'), context(at.home, 'measuring before and after'))).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(at.bundle('unmeasured'))).toEqual(['.training'])
    await trainClassifierJob.run(classifierParameters(at, 'unmeasured', { resume: true }), context(at.home))
    expect(await bytesOf(at.bundle('unmeasured'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
  })

  it('the purifier too, twice over', async () => {
    const folder = await copyOfBare('stopped-purifier')
    await expect(trainPurifierJob.run(purifierParameters(at, 'stopped-purifier'), context(at.home, 2))).rejects.toMatchObject({ code: 'cancelled' })
    await expect(trainPurifierJob.run(purifierParameters(at, 'stopped-purifier', { resume: true }), context(at.home, 4))).rejects.toMatchObject({ code: 'cancelled' })
    await trainPurifierJob.run(purifierParameters(at, 'stopped-purifier', { resume: true }), context(at.home))
    expect(await bytesOf(folder, 'purifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'purifier.onnx'))
    const of = async (name: string) => {
      const { calibration, ...detector } = requireScreening(await loadBundle(at.bundle(name))).manifest.detector
      return { ...detector, calibration: { ...calibration, date: '' } }
    }
    expect(await of('stopped-purifier')).toEqual(await of('first'))
  })

  it('does not go on as another training, nor from a broken checkpoint', async () => {
    const stopped = (changes: object = {}) => trainClassifierJob.run(classifierParameters(at, 'changed', changes), context(at.home, 2))
    await expect(stopped()).rejects.toMatchObject({ code: 'cancelled' })
    for (const changes of [{ epochs: 3 }, { learningRate: 1e-3 }, { seed: 9 }, { width: 5 }, { data: at.test }])
      await expect(stopped({ ...changes, resume: true }), JSON.stringify(changes)).rejects.toMatchObject({ code: 'checkpoint-invalid' })
    // What it is called decides nothing.
    await expect(stopped({ name: 'Another name', bodyPart: 'SKULL', classNames: { clear: 'normal' }, resume: true })).rejects.toMatchObject({ code: 'cancelled' })
    const path = join(at.bundle('changed'), '.training', 'classifier.npz')
    const good = await readFile(path)
    const flipped = Buffer.from(good)
    flipped[good.length >> 1]! ^= 0xff
    for (const bytes of [good.subarray(0, good.length >> 1), Buffer.alloc(0), Buffer.from('no checkpoint'), flipped]) {
      await writeFile(path, bytes)
      await expect(stopped({ resume: true })).rejects.toMatchObject({ code: 'checkpoint-invalid', facts: { path } })
    }
  })

  it('is not begun anew over, by either training, in a new folder or in the bundle itself', async () => {
    const refusal = (folder: string) => ({ code: 'output-not-writable', message: expect.stringMatching(/not finished; .*--resume.*another folder/) as string, facts: { path: folder } })
    const [paused, bare] = [at.bundle('paused'), await copyOfBare('paused-purifier')]
    await expect(trainClassifierJob.run(classifierParameters(at, 'paused'), context(at.home, 2))).rejects.toMatchObject({ code: 'cancelled' })
    await expect(trainPurifierJob.run(purifierParameters(at, 'paused-purifier'), context(at.home, 2))).rejects.toMatchObject({ code: 'cancelled' })
    const [classifier, purifier] = [await bytesOf(paused, '.training/classifier.npz'), await bytesOf(bare, '.training/purifier.npz')]
    await expect(trainClassifierJob.run(classifierParameters(at, 'paused', { data: at.test }), context(at.home))).rejects.toMatchObject(refusal(paused))
    await expect(trainPurifierJob.run(purifierParameters(at, 'paused-purifier'), context(at.home))).rejects.toMatchObject(refusal(bare))
    for (const resume of [false, true])
      await expect(trainPurifierJob.run(purifierParameters(at, 'first', { out: paused, resume }), context(at.home))).rejects.toMatchObject(refusal(paused))
    expect(await bytesOf(paused, '.training/classifier.npz')).toEqual(classifier)
    expect(await bytesOf(bare, '.training/purifier.npz')).toEqual(purifier)
  })

  it('is ended with the best so far, as a training that is asked to while it runs', async () => {
    const asked = context(at.home, 4)
    const running = { ...asked, signal: new AbortController().signal, finish: asked.signal }
    await trainClassifierJob.run(classifierParameters(at, 'ended'), running)
    await expect(trainClassifierJob.run(classifierParameters(at, 'cut-short'), context(at.home, 4))).rejects.toMatchObject({ code: 'cancelled' })
    const { result } = await trainClassifierJob.run(classifierParameters(at, 'cut-short', { resume: true, finish: true }), context(at.home))
    expect(result).toMatchObject({ epochs: 1, bestEpoch: 1, history: [{ epoch: 1 }] })
    expect(await bytesOf(at.bundle('cut-short'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('ended'), 'classifier.onnx'))
    expect(existsSync(join(at.bundle('cut-short'), '.training'))).toBe(false)

    await copyOfBare('cut-short-purifier')
    await expect(trainPurifierJob.run(purifierParameters(at, 'cut-short-purifier'), context(at.home, 1))).rejects.toMatchObject({ code: 'cancelled' })
    await trainPurifierJob.run(purifierParameters(at, 'cut-short-purifier', { resume: true, finish: true }), context(at.home))
    const { manifest } = requireScreening(await loadBundle(at.bundle('cut-short-purifier')))
    expect((manifest.training.purifier as { settings: object }).settings).not.toHaveProperty('finish')
  })

  it('is not ended before its first step', async () => {
    const asked = { ...context(at.home), finish: AbortSignal.abort() }
    await expect(trainClassifierJob.run(classifierParameters(at, 'no-step'), asked)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('Nothing has been learned yet') as string })
    expect(existsSync(join(at.bundle('no-step'), 'bundle.json'))).toBe(false)
  })

  it('is not ended where there is none, nor begun for that', async () => {
    for (const resume of [false, true])
      await expect(trainClassifierJob.run(classifierParameters(at, 'none', { resume, finish: true }), context(at.home))).rejects.toMatchObject({ code: 'invalid-arguments' })
    expect(existsSync(at.bundle('none'))).toBe(false)
    await expect(trainClassifierJob.run(classifierParameters(at, 'paused', { finish: true }), context(at.home))).rejects.toMatchObject({ code: 'output-not-writable' })
  })

  it('starts anew where there is nothing to go on from', async () => {
    await trainClassifierJob.run(classifierParameters(at, 'fresh', { resume: true }), context(at.home))
    expect(await bytesOf(at.bundle('fresh'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
  })
})

describe('the folder of a training', () => {
  it('is taken by no other while it runs, and free afterwards', async () => {
    const first = context(at.home)
    let learning: () => void = () => undefined
    const begun = new Promise<void>((resolve) => (learning = resolve))
    const progress: typeof first.progress = (update) => {
      first.progress(update)
      if (update.message?.startsWith('epoch')) learning()
    }
    const running = trainClassifierJob.run(classifierParameters(at, 'shared'), { ...first, progress })
    await begun
    for (const resume of [false, true])
      await expect(trainClassifierJob.run(classifierParameters(at, 'shared', { resume }), context(at.home))).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringMatching(/^Another Assay trains into /) as string })
    await running
    expect(existsSync(join(at.bundle('shared'), '.training'))).toBe(false)
    expect(await bytesOf(at.bundle('shared'), 'classifier.onnx')).toEqual(await bytesOf(at.bundle('first'), 'classifier.onnx'))
  })

  it.each(['classifier.onnx', 'purifier.onnx', 'MODEL_CARD.md'])('may hold files, but no %s that belongs to no bundle', async (file) => {
    const folder = at.bundle(`with-${file}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, file), 'mine')
    for (const run of [() => trainClassifierJob.run(classifierParameters(at, `with-${file}`), context(at.home)), () => trainPurifierJob.run(purifierParameters(at, 'first', { out: folder }), context(at.home))])
      await expect(run()).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining(file) as string })
    expect(await readdir(folder)).toEqual([file])
  })
})

describe('what cannot be trained', () => {
  const classifier = (changes: object) => trainClassifierJob.run(classifierParameters(at, 'never', changes), context(at.home))
  it('a learning rate that makes the loss no number is a runtime-failed that names the epoch, and leaves no bundle', async () => {
    await expect(classifier({ learningRate: 1e30, epochs: 4 })).rejects.toMatchObject({ code: 'runtime-failed', facts: { epoch: expect.any(Number) } })
    expect(existsSync(join(at.bundle('never'), 'classifier.onnx'))).toBe(false)
  })
  it('sizes that the poolings do not divide, batches larger than the data, folders that are not there', async () => {
    await expect(classifier({ size: 40 })).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(classifier({ batch: 64 })).rejects.toMatchObject({ code: 'data-set-invalid' })
    await expect(classifier({ data: join(at.home, 'nowhere') })).rejects.toMatchObject({ code: expect.stringMatching(/data-set-invalid|file-not-found/) })
    await expect(classifier({ about: join(at.home, 'nowhere.md') })).rejects.toMatchObject({ code: 'file-not-found' })
  })
})

describe('too few images held back', () => {
  /** One patient to each class, so that none can be held back. */
  const lonely = async (): Promise<string> => {
    const data = join(at.home, 'lonely')
    await cp(at.train, data, { recursive: true })
    const files = (await Promise.all(['normal', 'opacity'].map(async (name) => (await readdir(join(data, name))).map((file) => `${name}/${file},${name}`)))).flat()
    await writeFile(join(data, 'manifest.csv'), ['file,group', ...files].join('\n'))
    return data
  }
  it('end a training before its first step', async () => {
    const data = await lonely()
    for (const run of [
      (to: ReturnType<typeof context>) => trainClassifierJob.run(classifierParameters(at, 'lonely', { data, test: undefined }), to),
      (to: ReturnType<typeof context>) => trainPurifierJob.run(purifierParameters(at, 'first', { data, out: at.bundle('lonely') }), to),
      (to: ReturnType<typeof context>) => trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('lonely'), validationShare: 0.05 }), to),
    ]) {
      const watched = context(at.home)
      await expect(run(watched)).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('held back') })
      expect(watched.messages.filter((message) => message.startsWith('epoch'))).toEqual([])
    }
    expect(existsSync(at.bundle('lonely'))).toBe(false)
  })

  it('of classes that are mixed up are told before it', async () => {
    const watched = context(at.home, 1)
    const classNames = { normal: 'opacity', opacity: 'normal' }
    await expect(trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('mixed'), classNames }), watched)).rejects.toMatchObject({ code: 'cancelled' })
    const told = watched.events.flatMap((event) => (event.name === 'train.warnings' ? event.payload.warnings : []))
    expect(told).toContainEqual(expect.stringMatching(/^phantoms is right for \d+ % of the 12 images held back .* or their classes are mixed up/))
  })

  it('to flag anything are told before it, as all warnings are', async () => {
    const watched = context(at.home, 1)
    await expect(trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('few') }), watched)).rejects.toMatchObject({ code: 'cancelled' })
    const told = watched.events.findIndex(({ name }) => name === 'train.warnings')
    expect(told).toBeGreaterThanOrEqual(0)
    expect(watched.events.findIndex(({ name }) => name === 'train.metrics')).not.toBeLessThan(told)
    const { payload } = watched.events[told] as { payload: { warnings: string[] } }
    expect(payload.warnings.at(-1)).toMatch(/^Only 1\d images are held back to calibrate on/)
    expect(payload.warnings.join(), 'its classifier knows these images').not.toContain('guessing')
  })
})

describe('a larger share held back than the classifier held back', () => {
  it('leaves out what it learned from, says so before the first step and in its record, and tells no flagged share of its own thresholds’ images', async () => {
    const watched = context(at.home)
    const { result } = await trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('wider'), validationShare: 0.45, test: undefined, epochs: 1 }), watched)
    const { warnings, beforeAfter } = result as { warnings: string[]; beforeAfter: BeforeAfter }
    expect(warnings[0]).toMatch(/^The classifier of phantoms learned from 6 of the 18 images that are held back .* They are left out, and 12 images remain; with --validation-share 0.3, /)
    const { manifest } = await loadBundle(at.bundle('wider'))
    const [of, then] = [manifest.training.purifier, manifest.training.classifier] as { data: object }[]
    expect(of!.data).toMatchObject({ images: 22, validationImages: 12, leftOut: 6 })
    expect(then!.data).toMatchObject({ images: 28, validationImages: 12 })
    const told = watched.events.flatMap((event) => (event.name === 'train.warnings' ? event.payload.warnings : []))
    expect(told[0]).toBe(warnings[0])
    expect(told.at(-1)).toMatch(/^Only 12 images are held back .*; give images of more patients, or calibrate afterwards/)
    const begun = (await readTrainingLines(at.home)).findLast(({ kind }) => kind === 'begin')
    expect(begun).toMatchObject({ validationImages: 12, warnings: told })
    expect(beforeAfter.rows.map(({ when, purified, flagged }) => [when, purified, flagged?.clean])).toEqual([['both', false, undefined], ['before', true, null], ['after', true, null]])
  })
})

describe('learning on', () => {
  it('a classifier goes on from a bundle, into a new one of the same input; frozen layers stay byte for byte', async () => {
    const { result } = await trainClassifierJob.run(classifierParameters(at, 'on', { id: 'on', from: at.bundle('first'), freeze: 'all-but-head', size: 64, epochs: 1 }), context(at.home))
    expect(result).toMatchObject({ bundle: 'on' })
    const [before, after] = [await loadBundle(at.bundle('first')), await loadBundle(at.bundle('on'))]
    expect(after.manifest).toMatchObject({ id: 'on', classes: before.manifest.classes, input: before.manifest.input })
    const [old, learned] = [before, after].map(({ classifier }) => readModel(classifier).graph.initializers)
    const changed = [...old!.keys()].filter((name) => old!.get(name)!.data.some((v, i) => v !== learned!.get(name)!.data[i]))
    expect(changed.length).toBeGreaterThan(0)
    expect(changed.every((name) => name.startsWith('head.')), changed.join()).toBe(true)
    // Fewer than were learned at first: a finished file has gains and standardisation folded into its weights.
    const parameters = networkOfBundle(before).layout.size
    const head = [...learned!].reduce((sum, [name, { data }]) => sum + (name.startsWith('head.') ? data.length : 0), 0)
    expect(after.manifest.training.classifier).toMatchObject({ parameters, learned: head })
    expect(await readFile(join(at.bundle('on'), 'MODEL_CARD.md'), 'utf8')).toContain(`${head} of ${parameters.toLocaleString('en')} parameters, trained`)
  })

  it('keeps its trained last layer and its classes where a table gives their indices or has a column for each', async () => {
    const images = (await Promise.all(['normal', 'opacity'].map(async (name, label) => (await readdir(join(at.train, name))).map((file) => ({ file: `${name}/${file}`, label }))))).flat()
    const tables = { indices: ['file,label', ...images.map(({ file, label }) => `${file},${label}`)], columns: ['file,opacity,normal', ...images.map(({ file, label }) => `${file},${label},${1 - label}`)] }
    const old = readModel((await loadBundle(at.bundle('first'))).classifier).graph.initializers
    for (const [name, rows] of Object.entries(tables)) {
      const labels = join(at.home, `${name}.csv`)
      await writeFile(labels, rows.join('\n'))
      const { result } = await trainClassifierJob.run(classifierParameters(at, name, { id: name, from: at.bundle('first'), labels, epochs: 1, learningRate: 1e-7, averaging: 0 }), context(at.home))
      expect((result as { warnings: string[] }).warnings.join()).not.toContain('new last layer')
      const { manifest, classifier } = await loadBundle(at.bundle(name))
      expect(manifest.classes).toEqual(['normal', 'opacity'])
      for (const [weight, { data }] of readModel(classifier).graph.initializers) data.forEach((v, i) => expect(Math.abs(Number(v) - Number(old.get(weight)!.data[i]))).toBeLessThan(1e-4))
    }
  })

  it('with images of other classes gets a new last layer, and its card says so', async () => {
    const data = join(at.home, 'others')
    await cp(at.train, data, { recursive: true })
    await rename(join(data, 'opacity'), join(data, 'effusion'))
    const { result } = await trainClassifierJob.run(classifierParameters(at, 'others', { id: 'others', from: at.bundle('first'), data, test: undefined, epochs: 1 }), context(at.home))
    const sentence = 'The images are of the classes effusion and normal, while phantoms tells normal and opacity apart, so that its classifier gets a new last layer'
    expect((result as { warnings: string[] }).warnings[0]).toContain(sentence)
    expect((await loadBundle(at.bundle('others'))).manifest.classes).toEqual(['effusion', 'normal'])
    expect(await readFile(join(at.bundle('others'), 'MODEL_CARD.md'), 'utf8')).toContain(sentence)
  })

  it('says where it is measured on images that the bundle learned from', async () => {
    const run = (seed: number) => trainClassifierJob.run(classifierParameters(at, `seed-${seed}`, { id: 'seed', from: at.bundle('first'), seed, epochs: 1 }), context(at.home))
    const warnings = async (seed: number) => ((await run(seed)).result as { warnings: string[] }).warnings.filter((warning) => warning.includes('learned from'))
    expect(await warnings(6)).toEqual([expect.stringMatching(/^phantoms learned from \d+ of the 12 images that are held back .* use --seed 5 and --validation-share 0.3,/)])
    expect(await warnings(5)).toEqual([])
  })

  it('asks for room for the whole file, not for the layers alone that learn, and for the classifier that a purifier is put in front of', async () => {
    const bundle = await loadBundle(at.bundle('first'))
    const askedFor = async (run: Promise<unknown>) => {
      vi.mocked(ensureRoom).mockRejectedValueOnce(new AssayError('disk-full', 'Full.'))
      await expect(run).rejects.toMatchObject({ code: 'disk-full' })
      return vi.mocked(ensureRoom).mock.lastCall![1]
    }
    const learned = networkOfBundle(bundle, { freeze: 'all-but-head' }).layout.size
    expect(await askedFor(trainClassifierJob.run(classifierParameters(at, 'roomy', { from: at.bundle('first'), freeze: 'all-but-head' }), context(at.home)))).toBe(roomNeeded(learned, bundle.classifier.byteLength))
    const inPlace = await askedFor(trainPurifierJob.run(purifierParameters(at, 'first'), context(at.home)))
    expect(await askedFor(trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('roomy') }), context(at.home)))).toBe(inPlace + bundle.classifier.byteLength)
  })

  it('does not go on once the bundle that it learns on from holds another network', async () => {
    const source = at.bundle('source')
    const onward = (changes: object = {}) => trainClassifierJob.run(classifierParameters(at, 'onward', { id: 'onward', from: source, freeze: 'all-but-head', ...changes }), context(at.home, 2))
    await cp(at.bundle('first'), source, { recursive: true })
    await expect(onward()).rejects.toMatchObject({ code: 'cancelled' })
    await cp(at.bundle('on'), source, { recursive: true })
    await expect(onward({ resume: true })).rejects.toMatchObject({ code: 'checkpoint-invalid' })
  })

  it('a purifier goes on from the bundle’s own, into a new bundle, and leaves the old one alone', async () => {
    const before = await bytesOf(at.bundle('first'), 'purifier.onnx')
    await trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('further'), from: 'bundle', width: 8, epochs: 1, learningRate: 1e-7, averaging: 0 }), context(at.home))
    expect(await bytesOf(at.bundle('first'), 'purifier.onnx')).toEqual(before)
    const { manifest, purifier } = await loadBundle(at.bundle('further'))
    expect(manifest.id).toBe('further')
    const [old, learned] = [before, purifier!].map((bytes) => readModel(bytes).graph.initializers)
    // So slowly that it must have begun where the other ended, and with its width.
    for (const [name, { data }] of old!) data.forEach((v, i) => expect(Math.abs(Number(learned!.get(name)!.data[i]) - Number(v))).toBeLessThan(1e-4))
  })

  it('a purifier that is trained on in its place screens with the old one until the new one is calibrated, and a training cut off there is resumed', async () => {
    const there = at.bundle('in-place')
    await cp(at.bundle('first'), there, { recursive: true })
    const before = await bytesOf(there, 'bundle.json')
    const onward = (resume: boolean, stopAt?: string) => trainPurifierJob.run(purifierParameters(at, 'in-place', { from: 'bundle', epochs: 1, resume }), context(at.home, stopAt))
    for (const [resume, stopAt] of [[false, 'calibrating'], [true, 'measuring before and after']] as const) {
      await expect(onward(resume, stopAt)).rejects.toMatchObject({ code: 'cancelled' })
      expect(await bytesOf(there, 'bundle.json')).toEqual(before)
    }
    expect(requireScreening(await loadBundle(there)).manifest.detector).toBeDefined()
    await onward(true)
    expect(requireScreening(await loadBundle(there)).manifest.purifier.sha256).not.toBe((await loadBundle(at.bundle('first'))).manifest.purifier!.sha256)
  })

  it('a purifier begins with another bundle’s, for images of another size, and its record says which', async () => {
    await writeFile(join(at.home, 'licence.md'), 'Invented images. Licence CC0.')
    await trainClassifierJob.run(classifierParameters(at, 'larger', { size: 48, epochs: 1, about: join(at.home, 'licence.md') }), context(at.home))
    await trainPurifierJob.run(purifierParameters(at, 'larger', { from: at.bundle('first'), depth: 3, epochs: 1, learningRate: 1e-7, averaging: 0 }), context(at.home))
    const { manifest, purifier } = await loadBundle(at.bundle('larger'))
    expect(manifest.input.width).toBe(48)
    const [old, learned] = [await bytesOf(at.bundle('first'), 'purifier.onnx'), purifier!].map((bytes) => readModel(bytes).graph.initializers)
    for (const [name, { data }] of old!) data.forEach((v, i) => expect(Math.abs(Number(learned!.get(name)!.data[i]) - Number(v))).toBeLessThan(1e-4))
    const { from, depth } = (manifest.training.purifier as { settings: { from: string; depth: number } }).settings
    // As deep as what it began with, whatever was asked for.
    expect(depth).toBe(purifierParameters(at, 'first').depth)
    expect(isAbsolute(from)).toBe(false)
    expect(resolve(from)).toBe(at.bundle('first'))
    const first = (await loadBundle(at.bundle('first'))).manifest
    const card = await readFile(join(at.bundle('larger'), 'MODEL_CARD.md'), 'utf8')
    expect(card).toMatch(new RegExp(`Began with the purifier of ${first.name} \\(SHA-256 \`${first.purifier!.sha256}\`\\), which learned on \\d+ images:\\n\\n\`\`\`\\nnpx assay train purifier .*--epochs 2 `))
    expect(card).toContain('## Data and licence\n\nInvented images.')
    // A third generation still knows the first, and whose images are in it.
    await trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('third'), from: at.bundle('larger'), epochs: 1 }), context(at.home))
    const third = await readFile(join(at.bundle('third'), 'MODEL_CARD.md'), 'utf8')
    for (const { sha256 } of [manifest.purifier!, first.purifier!]) expect(third).toContain(`SHA-256 \`${sha256}\`), which`)
    expect(third).toContain(`## Data and licence\n\n### Learned from before: ${manifest.name}\n\nInvented images.`)
    await expect(trainPurifierJob.run(purifierParameters(at, 'larger', { from: 'nowhere' }), context(at.home))).rejects.toMatchObject({ code: 'bundle-not-found' })
  })

  it('against an attacker who knows the purifier tells how it fares against one', async () => {
    const { result } = await trainPurifierJob.run(purifierParameters(at, 'first', { out: at.bundle('adaptive'), adaptiveShare: 0.5, epochs: 1 }), context(at.home))
    expect((result as { history: Record<string, number>[] }).history[0]!.validationAccuracyAdaptive).toBeTypeOf('number')
  })

  it('a purifier, and a classifier that learns on, take one that was exported for one image at a time', async () => {
    const { manifest, classifier } = await loadBundle(at.bundle('bare'))
    await writeBundle(at.bundle('vendor'), { ...manifest, id: 'vendor' }, { classifier: exportedFor(1, classifier) })
    await trainPurifierJob.run(purifierParameters(at, 'vendor', { out: at.bundle('before-vendor'), adaptiveShare: 0.5, epochs: 1 }), context(at.home))
    const pure = (await loadBundle(at.bundle('before-vendor'))).purifier!
    await trainPurifierJob.run(purifierParameters(at, 'bare', { out: at.bundle('before-bare'), adaptiveShare: 0.5, epochs: 1 }), context(at.home))
    expect(Buffer.compare(pure, (await loadBundle(at.bundle('before-bare'))).purifier!)).toBe(0)
    await trainClassifierJob.run(classifierParameters(at, 'on-vendor', { from: at.bundle('vendor'), epochs: 1 }), context(at.home))
    expect((await loadBundle(at.bundle('on-vendor'))).manifest.training).toMatchObject({ classifier: { test: { accuracy: expect.any(Number) } } })
  })

  it('adversarial training measures under attack after each epoch', async () => {
    const { result } = await trainClassifierJob.run(classifierParameters(at, 'hardened', { adversarialEpsilon: 2 / 255, adversarialSteps: 1, epochs: 1 }), context(at.home))
    expect((result as { history: Record<string, number>[] }).history[0]!.validationAccuracyAttacked).toBeTypeOf('number')
  })

  it('without a bundle has no layers to freeze', async () => {
    await expect(trainClassifierJob.run(classifierParameters(at, 'never', { freeze: '2' }), context(at.home))).rejects.toMatchObject({ code: 'invalid-arguments' })
  })
})

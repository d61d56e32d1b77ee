/** The calls behind the Models page: trying a model on images, importing it, and the person's own bundles. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { classifierInput, probabilities } from '../../../src/engine/bundle/classifier'
import { loadBundle } from '../../../src/engine/bundle/load'
import { writeBundle } from '../../../src/engine/bundle/write'
import { readImage } from '../../../src/engine/image/files'
import { toModelInput } from '../../../src/engine/image/model-input'
import { ModelsDesk } from '../../../src/engine/models/desk'
import { mul } from '../../../src/engine/onnx/ops'
import { createSession } from '../../../src/engine/runtime/session'
import { createByteStore } from '../../../src/engine/store'
import { classifierModel, draft } from '../screening/tiny-bundle'
import { temporaryFolder } from '../bundle/fixtures'
import { meansModel, picture, settings } from './foreign'

async function workplace() {
  const home = await temporaryFolder()
  const shipped = join(home, 'shipped')
  const { purifier: _, ...bare } = draft
  await writeBundle(join(shipped, 'tiny'), { ...bare, id: 'tiny' }, { classifier: classifierModel(), card: '# Tiny' })
  const store = createByteStore()
  const desk = new ModelsDesk({ dataFolder: join(home, 'data'), bundleFolders: [join(home, 'data/bundles'), shipped] }, store)
  const naming = { id: 'vendor', name: 'Vendor', modality: 'XC', bodyPart: 'SKIN' }
  return { home, shipped, desk, store, naming }
}

const ids = async (desk: ModelsDesk) => (await desk.list()).map(({ id, removable }) => `${id}${removable ? ' own' : ''}`)

describe('trying a model on images', () => {
  it('answers under each setting, with a thumbnail of what the model sees and an error for what is no image', async () => {
    const { home, desk, store } = await workplace()
    const model = meansModel(join(home, 'vendor.onnx'), { head: (g, means) => mul(g, means, 10) })
    const red = picture(join(home, 'red.png'), [250, 10, 60])
    const notes = join(home, 'notes.png')
    writeFileSync(notes, 'nothing to see')
    const label = async (over: Parameters<typeof settings>[0]) => (await desk.answers(model, settings(over), [red]))[0]!.answer!.label
    expect(await label({})).toBe('red')
    expect(await label({ channelOrder: 'bgr' })).toBe('blue')
    expect(await label({ inverted: true })).toBe('green')
    const [first, second] = await desk.answers(model, settings(), [red, notes])
    expect(store.get(first!.thumbnail!)).toMatchObject({ mediaType: 'image/png' })
    expect(second).toMatchObject({ thumbnail: null, answer: null, error: { code: 'image-format-unknown' } })
    await expect(desk.answers(model, settings({ classes: ['one', 'two'] }), [red])).rejects.toMatchObject({ code: 'bundle-invalid' })
    await desk.close()
  })

  it('takes the same number of images of every folder', async () => {
    const { home, desk } = await workplace()
    for (let i = 0; i < 40; i++) picture(join(home, 'images/many', `${i}.png`), [1, 2, 3])
    for (let i = 0; i < 3; i++) picture(join(home, 'images/few', `${i}.png`), [1, 2, 3])
    const folders = (await desk.images([join(home, 'images')])).map(({ folder }) => folder)
    expect(folders.filter((name) => name === 'few')).toHaveLength(3)
    expect(folders.filter((name) => name === 'many')).toHaveLength(21)
    await expect(desk.images([join(home, 'nowhere')])).rejects.toMatchObject({ code: 'file-not-found' })
  })
})

describe('importing', () => {
  it('makes a bundle that answers as the trial did, whatever was turned round', async () => {
    const { home, desk, naming } = await workplace()
    const image = picture(join(home, 'image.png'), [200, 90, 20])
    let n = 0
    for (const nhwc of [false, true])
      for (const channelOrder of ['rgb', 'bgr'] as const)
        for (const inverted of [false, true]) {
          const model = meansModel(join(home, `model-${n++}.onnx`), { nhwc })
          const wanted = settings({ layout: nhwc ? 'nhwc' : 'nchw', channelOrder, inverted, mean: [0.1, 0.3, 0.6], std: [0.5, 0.2, 0.3] })
          const [tried] = await desk.answers(model, wanted, [image])
          const { id } = await desk.import({ ...naming, id: `vendor-${n}`, path: model, settings: wanted })
          const { manifest, classifier } = await loadBundle(join(home, 'data/bundles', id))
          const session = await createSession(classifier, { provider: 'cpu' })
          const x = toModelInput(await readImage(image), manifest.input)
          const [row] = probabilities((await session.run({ [session.inputNames[0]!]: classifierInput(x, manifest) }))[session.outputNames[0]!]!, manifest)
          for (const [i, p] of row!.entries()) expect(p).toBeCloseTo(tried!.answer!.probabilities[i]!, 5)
          expect((await desk.describe(id)).models.classifier.inputGradient).toEqual({ possible: true })
          await session.release()
        }
    await desk.close()
  })

  it('is in the list at once, removable, and never stands in for a bundle of the same id', async () => {
    const { home, desk, naming } = await workplace()
    const path = meansModel(join(home, 'vendor.onnx'))
    await desk.import({ ...naming, path, settings: settings() })
    expect(await ids(desk)).toEqual(['vendor own', 'tiny'])
    await expect(desk.import({ ...naming, path, settings: settings() })).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(desk.import({ ...naming, id: 'tiny', path, settings: settings() })).rejects.toMatchObject({ code: 'invalid-arguments' })
  })
})

describe('bundles', () => {
  it('are described with card, hashes and what their models are made of', async () => {
    const { desk } = await workplace()
    const { card, files, models, manifest } = await desk.describe('tiny')
    expect(card).toBe('# Tiny')
    expect(files).toMatchObject([{ name: 'classifier.onnx', sha256: manifest.classifier.sha256 }])
    expect(models.classifier.operators.map(({ operator }) => operator)).toContain('GlobalAveragePool')
  })

  it('are put aside and taken back, but not those that came with Assay', async () => {
    const { home, desk, naming } = await workplace()
    await desk.import({ ...naming, path: meansModel(join(home, 'vendor.onnx')), settings: settings() })
    const { removed } = await desk.putAside('vendor')
    expect(await ids(desk)).toEqual(['tiny'])
    await desk.takeBack(removed)
    expect(await ids(desk)).toEqual(['vendor own', 'tiny'])
    await expect(desk.takeBack(removed)).rejects.toMatchObject({ code: 'bundle-not-found' })
    await expect(desk.takeBack('../../shipped/tiny')).rejects.toMatchObject({ code: 'bundle-not-found' })
    await expect(desk.putAside('tiny')).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(desk.putAside('nobody')).rejects.toMatchObject({ code: 'bundle-not-found' })
  })

  it('stay where they are while something works with them, or is to write into them', async () => {
    const { home, shipped, desk: first, naming } = await workplace()
    await first.import({ ...naming, path: meansModel(join(home, 'vendor.onnx')), settings: settings() })
    const own = join(home, 'data/bundles')
    let works: { title: string; parameters: Record<string, unknown> }[] = []
    const desk = new ModelsDesk({ dataFolder: join(home, 'data'), bundleFolders: [own, shipped] }, createByteStore(), async () => works)
    for (const parameters of [{ bundle: 'vendor' }, { bundle: join(own, 'vendor') }, { from: 'vendor', out: '/elsewhere' }, { bundle: 'tiny', compare: ['vendor'] }, { bundle: 'tiny', out: join(own, 'vendor') }]) {
      works = [{ title: 'Calibrate vendor', parameters }]
      await expect(desk.putAside('vendor')).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringMatching(/in use \(Calibrate vendor\); wait/) as string })
    }
    works = [{ title: 'Scan', parameters: { bundle: 'tiny', paths: ['vendor'] } }]
    await desk.putAside('vendor')
    expect(await ids(desk)).toEqual(['tiny'])
  })

  it('that cannot be taken in name the place that refuses', async () => {
    const { home, shipped } = await workplace()
    writeFileSync(join(home, 'blocked'), '')
    const desk = new ModelsDesk({ dataFolder: join(home, 'blocked'), bundleFolders: [] }, createByteStore())
    await expect(desk.takeIn(join(shipped, 'tiny'))).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining(join(home, 'blocked', 'bundles')) as string })
    const folder = join(home, 'folder-as-manifest')
    mkdirSync(join(folder, 'bundle.json'), { recursive: true })
    await expect(desk.takeIn(folder)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining(`${join(folder, 'bundle.json')} is a folder`) as string })
  })

  it('taken in twice at once are there once, and the second time is told what it is', async () => {
    const { home, shipped } = await workplace()
    const desk = new ModelsDesk({ dataFolder: join(home, 'twice'), bundleFolders: [join(home, 'twice/bundles')] }, createByteStore())
    const both = await Promise.allSettled([desk.takeIn(join(shipped, 'tiny')), desk.takeIn(join(shipped, 'tiny'))])
    expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { message: expect.stringContaining('There is a bundle with the id tiny already') as string } }])
    expect(await ids(desk)).toEqual(['tiny own'])
  })

  it('that are broken are listed with the reason, and can be put aside too', async () => {
    const { home, desk } = await workplace()
    const folder = join(home, 'data/bundles/half')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'bundle.json'), '{')
    expect((await desk.list())[0]).toMatchObject({ id: 'half', removable: true, error: { code: 'bundle-invalid' } })
    await desk.putAside(folder)
    expect(await ids(desk)).toEqual(['tiny'])
  })

  it('are taken in from a folder, its bundle.json, or a zip, their hashes verified', async () => {
    const { home, shipped } = await workplace()
    const folder = join(shipped, 'tiny')
    const zip = join(home, 'tiny.zip')
    const zipped = zipSync(Object.fromEntries(['bundle.json', 'classifier.onnx', 'MODEL_CARD.md'].map((name) => [name, readFileSync(join(folder, name))])))
    writeFileSync(zip, zipped)
    for (const [i, path] of [folder, join(folder, 'bundle.json'), zip].entries()) {
      const places = { dataFolder: join(home, `fresh-${i}`), bundleFolders: [join(home, `fresh-${i}/bundles`)] }
      const desk = new ModelsDesk(places, createByteStore())
      expect(await desk.takeIn(path)).toEqual({ id: 'tiny' })
      expect(await ids(desk)).toEqual(['tiny own'])
      expect((await desk.describe('tiny')).card).toBe('# Tiny')
      await expect(desk.takeIn(path)).rejects.toMatchObject({ code: 'invalid-arguments' })
    }
    writeFileSync(join(folder, 'classifier.onnx'), 'another file')
    const desk = new ModelsDesk({ dataFolder: join(home, 'last'), bundleFolders: [join(home, 'last/bundles')] }, createByteStore())
    await expect(desk.takeIn(folder)).rejects.toMatchObject({ code: 'bundle-hash-mismatch' })
    expect(await ids(desk)).toEqual([])
  })
})

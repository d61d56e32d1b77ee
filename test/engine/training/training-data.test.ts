/** Images for training: who is learned from, who is only measured on, and what the check says of both. */
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLoaded } from '../../../src/engine/data-check/loaded'
import { readLabelled } from '../../../src/engine/dataset/labelled'
import { loadModelInputs } from '../../../src/engine/dataset/model-inputs'
import { splitByGroup } from '../../../src/engine/dataset/split'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'
import { channelsOf, learnedBefore, loadTestData, loadTrainingData, originsOfData, requireHeldBack, withoutHeld, type DataPart } from '../../../src/engine/training/training-data'
import type { ModelInput } from '../../../src/shared/bundle'
import { temporaryFolder } from '../bundle/fixtures'

const spec: ModelInput = { width: 32, height: 32, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } }
const names = ({ items }: DataPart): string[] => items.map(({ name }) => name)

/** Twelve patients with three pictures each, in one folder with a table; the pixel value tells which picture it is. */
async function clinic(columns = 'file,label', more: (i: number) => string = () => ''): Promise<{ data: string; labels: string }> {
  const data = await temporaryFolder()
  for (let i = 0; i < 36; i++)
    await writeFile(
      join(data, `${i}`),
      writeDicom({ kind: 'computed-radiography', modality: 'CR', width: 32, height: 32, pixels: new Uint8Array(1024).fill(i), attributes: [{ tag: 0x00100020, vr: 'LO', value: `P${i % 12}` }] }),
    )
  const labels = join(data, 'labels.csv')
  await writeFile(labels, `${columns}\n${Array.from({ length: 36 }, (_, i) => `${i},${i % 2 ? 'sick' : 'well'}${more(i)}`).join('\n')}\n`)
  return { data, labels }
}

describe('training data', () => {
  it('of class folders is cut as the split says, each image with its label', async () => {
    const home = await temporaryFolder()
    await writePhantomDataSet(home, { count: 30, size: 32, seed: 2, format: 'png' })
    const folder = join(home, 'train')
    const { training, validation } = await loadTrainingData({ data: folder }, undefined, spec, 0.3, 5)
    const { rest, held } = splitByGroup((await readLabelled(folder)).items, 0.3, 5)
    for (const [part, items] of [[training, rest], [validation, held]] as const) {
      const { x, labels } = await loadModelInputs(items, spec)
      expect(part.items.map(({ path }) => path)).toEqual(items.map(({ path }) => path))
      expect([...part.labels]).toEqual([...labels])
      expect(part.x).toEqual(x)
    }
  })

  it.each([0, 1, 2])('never parts the files of one DICOM patient (seed %i)', async (seed) => {
    const { training, validation } = await loadTrainingData(await clinic(), undefined, spec, 0.3, seed)
    const patients = (part: DataPart) => new Set(names(part).map((name) => Number(name) % 12))
    expect(training.labels.length + validation.labels.length).toBe(36)
    expect(validation.labels.length).toBeGreaterThan(5)
    expect([...patients(validation)].filter((patient) => patients(training).has(patient))).toEqual([])
    // Rows were put into another order in their place: each still belongs to its name and label.
    for (const { x, labels, items } of [training, validation])
      for (const [i, { name }] of items.entries()) expect([x[i * 1024], labels[i]]).toEqual([Math.fround(Number(name) / 255), Number(name) % 2 === 0 ? 1 : 0])
  })

  it('takes the names that a house has for the classes, for the test too', async () => {
    const places = { ...(await clinic('file,label,split', (i) => (i < 30 ? ',train' : ',test'))), classNames: { sick: 'PNEUMONIA', well: 'NORMAL' } }
    const { training } = await loadTrainingData(places, ['NORMAL', 'PNEUMONIA'], spec, 0.3, 1)
    expect(training.classes).toEqual(['NORMAL', 'PNEUMONIA'])
    expect([...training.labels]).toEqual(names(training).map((name) => Number(name) % 2))
    const tested = (await loadTestData(places, training.classes, spec)).images!
    expect([...tested.labels]).toEqual([0, 1, 0, 1, 0, 1])
    expect((await loadTrainingData(places, undefined, spec, 0.3, 1)).training.classes).toEqual(['NORMAL', 'PNEUMONIA'])
  })

  it('tells which devices its images come from', async () => {
    expect(originsOfData(await loadTrainingData(await clinic(), undefined, spec, 0.3, 0))).toEqual({ modalities: ['CR'], manufacturers: ['ASSAY'], devices: [] })
  })

  it('keeps to a column of splits, and finds the test there', async () => {
    const places = await clinic('file,label,split', (i) => `,${i < 20 ? 'train' : i < 30 ? 'val' : 'test'}`)
    const { training, validation } = await loadTrainingData(places, ['sick', 'well'], spec, 0.3, 0)
    expect(names(training)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    expect(names(validation)).toEqual(Array.from({ length: 10 }, (_, i) => String(20 + i)))
    expect(names((await loadTestData(places, ['sick', 'well'], spec)).images!)).toEqual(['30', '31', '32', '33', '34', '35'])
    expect(await channelsOf(places)).toBe(1)
  })

  it('is refused where a class has nothing to learn from', async () => {
    const places = await clinic('file,label,split', (i) => `,${i % 2 ? 'val' : 'train'}`)
    await expect(loadTrainingData(places, undefined, spec, 0.3, 0)).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('sick') })
  })
})

describe('images held back', () => {
  const split = (seed: number, share = 0.3) => clinic().then((places) => loadTrainingData(places, undefined, spec, share, seed))
  it('are too few where there are fewer than it takes', async () => {
    const data = await split(1)
    const held = data.validation.labels.length
    expect(() => requireHeldBack(data, held)).not.toThrow()
    expect(() => requireHeldBack(data, held + 1)).toThrow(expect.objectContaining({ code: 'data-set-invalid', message: expect.stringContaining(`${held} images held back`) }))
  })

  it('are none where each class is of one patient', async () => {
    const places = await clinic('file,label,patient', (i) => `,${i % 2}`)
    const data = await loadTrainingData(places, undefined, spec, 0.3, 1)
    expect(() => requireHeldBack(data, 1)).toThrow(/^0 images held back[^"]*$/)
    // Where files say so, and not a table, the table is the way out.
    const byFiles = { ...data, training: { ...data.training, items: data.training.items.map((item) => ({ ...item, group: item.group.replace('patient', 'dicom') })) } }
    expect(() => requireHeldBack(byFiles, 1)).toThrow('The files are of 2 patients by their DICOM identifiers; a column "patient" in a table of labels overrules them.')
  })

  it('are known to have been learned from, where the same images were cut otherwise', async () => {
    const places = await clinic()
    const [first, same, other] = await Promise.all([1, 1, 2].map((seed) => loadTrainingData(places, undefined, spec, 0.3, seed)))
    const learned = { settings: { seed: 1, validationShare: 0.3 }, data: { images: first!.training.labels.length, validationImages: first!.validation.labels.length, sha256: first!.sha256 } }
    const then = new Set(names(first!.training))
    const expected = names(other!.validation).flatMap((name, i) => (then.has(name) ? [i] : []))
    expect(expected.length).toBeGreaterThan(0)
    expect(learnedBefore(other!, learned)).toEqual(expected)
    expect(learnedBefore(same!, learned)).toEqual([])
    expect(learnedBefore(other!, { ...learned, data: { ...learned.data, sha256: '0'.repeat(64) } }), 'other images').toBeNull()
    expect(learnedBefore(other!, {}), 'a foreign classifier').toBeNull()
  })
})

describe('images that are left out', () => {
  it('are gone from what is measured on, and the others keep pixels, labels and places', async () => {
    const data = await loadTrainingData(await clinic(), undefined, spec, 0.4, 1)
    const [before, order] = [names(data.validation), [...data.order]]
    const { training, validation, order: after, leftOut } = withoutHeld(data, new Set([0, 3, before.length - 1]))
    const kept = before.filter((_, i) => ![0, 3, before.length - 1].includes(i))
    expect([names(validation), validation.labels.length, validation.x.length, leftOut]).toEqual([kept, kept.length, 1024 * kept.length, 3])
    for (const [i, { name }] of validation.items.entries()) expect([validation.x[i * 1024], validation.labels[i]]).toEqual([Math.fround(Number(name) / 255), Number(name) % 2 === 0 ? 1 : 0])
    const placeOf = (name: string) => order[training.labels.length + before.indexOf(name)]
    expect(after).toEqual([...order.slice(0, training.labels.length), ...kept.map(placeOf)])
  })
})

describe('the check of loaded data', () => {
  it('finds patients that a table puts on both sides', async () => {
    const places = await clinic('file,label,split', (i) => `,${i < 24 ? 'train' : 'val'}`)
    const { training, validation } = await loadTrainingData(places, undefined, spec, 0.3, 0)
    const findings = await checkLoaded({ training, validation }, training.classes)
    expect(findings.find(({ code }) => code === 'patients-across-parts')).toMatchObject({ level: 'warning', count: 12, message: expect.stringContaining('both training and validation') })
  })

  it('finds a test image that is in the training, and says nothing of others', async () => {
    const home = await temporaryFolder()
    await writePhantomDataSet(home, { count: 50, size: 64, seed: 8, format: 'png' })
    const size = { ...spec, width: 64, height: 64 }
    const [data, test] = [join(home, 'train'), join(home, 'test')]
    const check = async () => {
      const { training, validation } = await loadTrainingData({ data }, undefined, size, 0.2, 0)
      const { images } = await loadTestData({ data, test }, training.classes, size)
      return checkLoaded({ training, validation, test: images }, training.classes)
    }
    expect((await check()).filter(({ code }) => code.startsWith('duplicates'))).toEqual([])
    await cp(join(data, 'normal', 'phantom-0003.png'), join(test, 'normal', 'z.png'))
    const [first] = (await check()).filter(({ code }) => code.startsWith('duplicates'))
    expect(first).toMatchObject({ level: 'error', code: 'duplicates-across-parts', count: 1, examples: ['normal/phantom-0003.png = normal/z.png'] })
  })
})

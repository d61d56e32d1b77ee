/** Images to learn from in all the ways in which they lie about, and which of them belong together. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLabelled, openTest } from '../../../src/engine/dataset/labelled-source'
import { joinPatients } from '../../../src/engine/dataset/patients'
import { patientDigest } from '../../../src/engine/image/dicom/origin'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { encodeNpz } from '../../../src/engine/tensor/npz'
import { float32, tensor } from '../../../src/engine/tensor/tensor'
import type { ModelInput } from '../../../src/shared/bundle'
import { temporaryFolder } from '../bundle/fixtures'
import { png } from '../screening/tiny-bundle'

const spec: ModelInput = { width: 4, height: 4, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } }
const grey = (value: number): Uint8Array => png(new Uint8Array(16).fill(value), 4, 4)

const dicom = (value: number, patient: string): Uint8Array =>
  writeDicom({ kind: 'computed-radiography', modality: 'CR', width: 4, height: 4, pixels: new Uint8Array(16).fill(value), attributes: [{ tag: 0x00100020, vr: 'LO', value: patient }] })

async function folder(files: Record<string, Uint8Array | string>): Promise<string> {
  const home = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), content)
  }
  return home
}

describe('a folder with a table of labels', () => {
  const pictures = { 'img/1.png': grey(0), 'img/2.png': grey(51), 'img/3.png': grey(102), 'img/4.png': grey(153) }
  const table = (text: string) => folder({ ...pictures, 'labels.csv': text })

  it('names its classes itself, in code-unit order, and the patients of its images', async () => {
    const home = await table('file,label,Patient\n1.png,sick,7\n2.png,Well,7\n3.png,SICK,\n')
    const { classes, items } = await openLabelled({ data: join(home, 'img'), labels: join(home, 'labels.csv'), part: 'train' })
    expect(classes).toEqual(['Well', 'sick'])
    expect(items.map(({ name, label, group }) => [name, label, group.replace(home, '')])).toEqual([
      ['1.png', 1, 'patient:7'],
      ['2.png', 0, 'patient:7'],
      ['3.png', 1, '/img/3.png'],
    ])
  })

  it('reads tables with semicolons, in which a comma belongs to its field, and commas in which a semicolon does', async () => {
    for (const text of ['\ufefffile;label;dose, mSv\r\n1.png;sick;0,1\r\n2.png;well;0,2\r\n', 'file,label,note\n1.png,sick,a; b; c; d\n2.png,well,\n']) {
      const home = await table(text)
      const { classes, items } = await openLabelled({ data: join(home, 'img'), labels: join(home, 'labels.csv'), part: 'train' })
      expect(classes).toEqual(['sick', 'well'])
      expect(items.map(({ name, label }) => [name, label])).toEqual([['1.png', 0], ['2.png', 1]])
    }
  })

  it('takes names that a house has for the classes, in the rows for the test too, and tells those that are none', async () => {
    const home = await table('file,label,split\n1.png,Infiltrate,train\n2.png,clear,train\n3.png,infiltrate,test\n4.png,1,test\n')
    const query = { data: join(home, 'img'), labels: join(home, 'labels.csv'), classes: ['NORMAL', 'PNEUMONIA'] }
    await expect(openLabelled({ ...query, part: 'train' })).rejects.toMatchObject({ code: 'data-set-invalid', facts: { row: 2, unknown: 'Infiltrate\nclear\ninfiltrate' } })
    const classNames = { infiltrate: 'PNEUMONIA', clear: 'NORMAL' }
    expect((await openLabelled({ ...query, classNames, part: 'train' })).items.map(({ label }) => label)).toEqual([1, 0])
    expect((await openTest({ ...query, classNames }))?.items.map(({ label }) => label)).toEqual([1, 1])
    expect((await openLabelled({ data: query.data, labels: query.labels, classNames: { clear: '1' }, part: 'train' })).classes).toEqual(['1', 'Infiltrate'])
  })

  it('orders classes that are numbers as numbers', async () => {
    const home = await table('file,label\n1.png,10\n2.png,9\n')
    expect((await openLabelled({ data: join(home, 'img'), labels: join(home, 'labels.csv'), part: 'train' })).classes).toEqual(['9', '10'])
  })

  it('keeps the rows of each part apart; those for the test are found without being named again', async () => {
    const home = await table('file,label,split\n1.png,a,train\n2.png,b,\n3.png,a,Validation\n4.png,b,test\n')
    const where = { data: join(home, 'img'), labels: join(home, 'labels.csv') }
    const training = await openLabelled({ ...where, part: 'train' })
    expect(training.items.map(({ name, part }) => [name, part])).toEqual([['1.png', 'train'], ['2.png', 'train'], ['3.png', 'val']])
    expect((await openTest({ ...where, classes: training.classes }))!.items.map(({ name }) => name)).toEqual(['4.png'])
    const others = join(await folder({ 'a/5.png': grey(1), 'b/6.png': grey(2) }), '.')
    expect((await openTest({ ...where, test: others, classes: training.classes }))!.items.map(({ name }) => name)).toEqual(['a/5.png', 'b/6.png'])
  })

  it('has no test where no row is for it', async () => {
    const home = await table('file,label\n1.png,a\n2.png,b\n')
    expect(await openTest({ data: join(home, 'img'), labels: join(home, 'labels.csv'), classes: ['a', 'b'] })).toBeUndefined()
  })

  it('takes an image once that several rows name with one label', async () => {
    const home = await table('file,label,x\n1.png,a,10\n2.png,b,20\n1.png,a,30\n')
    expect((await openLabelled({ data: join(home, 'img'), labels: join(home, 'labels.csv'), part: 'train' })).items).toHaveLength(2)
  })

  it.each([
    ['two labels for one file', 'file,label\n1.png,a\n2.png,b\n1.png,b\n', /Row 4 .* another label than row 2/],
    ['one class', 'file,label\n1.png,a\n2.png,a\n', /a single class, a;/],
    ['an empty label', 'file,label\n1.png,a\n2.png,\n', /Row 3 .* has no label/],
    ['no column of labels', 'file,a,b\n1.png,1,0\n', /no column "label"/],
    ['a split that is none', 'file,label,split\n1.png,a,train\n2.png,b,maybe\n', /Row 3 .* split maybe/],
    ['rows for the test alone', 'file,label,split\n1.png,a,test\n2.png,b,test\n', /No row .* is for the training/],
  ])('says what is wrong with %s', async (_, text, message) => {
    const home = await table(text)
    await expect(openLabelled({ data: join(home, 'img'), labels: join(home, 'labels.csv'), part: 'train' })).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringMatching(message) })
  })

  it('gives DICOM images as model inputs, each with its patient, of whom nothing but equality is told', async () => {
    const home = await folder({ 'x/1': dicom(0, 'DOE 1'), 'x/2': dicom(51, 'DOE 1'), 'x/3': dicom(255, 'DOE 2'), 'labels.csv': 'file,label\n1,a\n2,b\n3,b\nabsent,a\n' })
    const { x, items, labels, failures } = await (await openLabelled({ data: join(home, 'x'), labels: join(home, 'labels.csv'), part: 'train' })).load(spec)
    expect([x[0], x[16], x[32], x.length]).toEqual([0, Math.fround(0.2), 1, 48])
    expect([...labels]).toEqual([0, 1, 1])
    const [first, second, third] = items.map(({ patient }) => patient)
    expect(first).toBe(second)
    expect(first).not.toBe(third)
    expect(JSON.stringify(items)).not.toContain('DOE')
    expect(failures).toMatchObject([{ error: { code: 'file-not-found' } }])
  })
})

describe('an archive', () => {
  it('of MedMNIST gives its parts, with numbers for classes', async () => {
    const home = await temporaryFolder()
    const path = join(home, 'mnist.npz')
    const images = (count: number) => tensor('uint8', [count, 4, 4], new Uint8Array(16 * count).fill(51))
    await writeFile(path, encodeNpz({ train_images: images(3), train_labels: tensor('uint8', [3, 1], Uint8Array.of(0, 2, 1)), test_images: images(2), test_labels: tensor('uint8', [2, 1], Uint8Array.of(1, 0)) }))
    const training = await openLabelled({ data: path, part: 'train' })
    expect(training.classes).toEqual(['0', '1', '2'])
    expect(training.items.map(({ name, label }) => [name, label])).toEqual([['#0', 0], ['#1', 2], ['#2', 1]])
    const { x, labels } = await training.load(spec)
    expect([...x]).toEqual(Array<number>(48).fill(Math.fround(0.2)))
    expect([...labels]).toEqual([0, 2, 1])
    expect((await training.image(training.items[0]!)).pixels[0]).toBe(51)
    expect((await openTest({ data: path, test: path, classes: training.classes }))!.items).toHaveLength(2)
  })

  it('of values in [0, 1] gives them as they are, and takes no table', async () => {
    const path = join(await temporaryFolder(), 'set.npz')
    await writeFile(path, encodeNpz({ x: float32([2, 1, 4, 4], Float32Array.from({ length: 32 }, (_, i) => i / 31)), y: tensor('uint8', [2], Uint8Array.of(0, 1)) }))
    const source = await openLabelled({ data: path, part: 'train', classes: ['a', 'b'] })
    expect((await source.load(spec)).x[31]).toBe(1)
    expect((await source.image(source.items[1]!)).pixels.at(-1)).toBe(65535)
    await expect(openLabelled({ data: path, labels: 'labels.csv', part: 'train' })).rejects.toMatchObject({ code: 'invalid-arguments' })
  })
})

describe('images of one patient', () => {
  it('are those that a table, a manifest or DICOM identifiers tie together, in any chain', () => {
    const { groups, known } = joinPatients([
      { group: 'patient:1', patient: 'x' },
      { group: '/a', patient: 'y' },
      { group: '/b', patient: 'x' },
      { group: 'group:g', patient: 'y' },
      { group: 'group:g' },
      { group: '/c' },
    ])
    expect(known).toBe(true)
    expect(groups[0]).toBe(groups[2])
    expect(new Set([groups[1], groups[3], groups[4]]).size).toBe(1)
    expect(new Set(groups).size).toBe(3)
  })

  it('are not known where nothing says so, or all files that carry an identifier carry the same', () => {
    expect(joinPatients([{ group: '/a' }, { group: '/b' }])).toEqual({ groups: ['/a', '/b'], known: false, ignored: 0 })
    expect(joinPatients([{ group: '/a', patient: 'same' }, { group: '/b', patient: 'same' }, { group: '/c' }])).toEqual({ groups: ['/a', '/b', '/c'], known: false, ignored: 2 })
  })

  it('are not those of placeholders, nor of an identifier that most files share', () => {
    const [anon, anonymous] = [patientDigest('ANON'), patientDigest('Anonymous')]
    const mixed = joinPatients([...['/a', '/b'].map((group) => ({ group, patient: anon })), ...['/c', '/d'].map((group) => ({ group, patient: anonymous })), { group: '/e', patient: 'p1' }, { group: '/f', patient: 'p1' }])
    expect(mixed).toEqual({ groups: ['/a', '/b', '/c', '/d', 'dicom:p1', 'dicom:p1'], known: true, ignored: 4 })
    const most = [...Array.from({ length: 12 }, (_, i) => ({ group: `/${i}`, patient: 'site' })), { group: '/x', patient: 'p1' }, { group: '/y', patient: 'p1' }, { group: '/z', patient: 'p2' }]
    expect(joinPatients(most)).toMatchObject({ groups: [...most.slice(0, 12).map(({ group }) => group), 'dicom:p1', 'dicom:p1', 'dicom:p2'], ignored: 12 })
    // Of a small set one patient may well have most.
    expect(joinPatients(most.slice(6)).groups.filter((group) => group === 'dicom:site')).toHaveLength(6)
  })

  it('are those of the table where it names them, whatever the files say', () => {
    const images = Array.from({ length: 30 }, (_, i) => ({ group: `patient:${i % 10}`, patient: i % 3 === 0 ? undefined : 'export' }))
    expect(joinPatients(images)).toEqual({ groups: images.map(({ group }) => group), known: true, ignored: 0 })
    // Nor does a file that the table forgot tie two of its patients together.
    const { groups } = joinPatients([{ group: 'patient:1', patient: 'x' }, { group: 'patient:2', patient: 'x' }, { group: '/c', patient: 'x' }, { group: '/d', patient: 'y' }])
    expect(groups).toEqual(['patient:1', 'patient:2', 'dicom:x', 'dicom:y'])
  })
})

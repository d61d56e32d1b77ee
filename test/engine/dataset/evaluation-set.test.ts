/** Labelled images to evaluate on, in all the ways in which they lie about. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEvaluationSet, spread, type EvaluationQuery } from '../../../src/engine/dataset/evaluation-set'
import { encodeNpz, type NamedTensors } from '../../../src/engine/tensor/npz'
import { float32, int64, tensor } from '../../../src/engine/tensor/tensor'
import type { ModelInput } from '../../../src/shared/bundle'
import { temporaryFolder } from '../bundle/fixtures'
import { png } from '../screening/tiny-bundle'

const spec: ModelInput = { width: 4, height: 4, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } }
const grey = (value: number): Uint8Array => png(new Uint8Array(16).fill(value), 4, 4)

const asked = (path: string, more: Partial<EvaluationQuery> = {}): EvaluationQuery => ({ path, part: 'test', spec, classes: ['a', 'b'], ...more })

async function all(query: EvaluationQuery) {
  const set = await openEvaluationSet(query)
  return { ...set, ...(await set.load(0, set.labels.length)), labels: Array.from(set.labels) }
}

describe('a folder', () => {
  const folder = async (table?: string): Promise<string> => {
    const home = await temporaryFolder()
    for (const name of ['a', 'b']) await mkdir(join(home, 'images', name), { recursive: true })
    for (let i = 0; i < 4; i++) await writeFile(join(home, 'images', i % 2 ? 'b' : 'a', `${i}.png`), grey(51 * i))
    if (table !== undefined) await writeFile(join(home, 'labels.csv'), table)
    return home
  }

  it('of class folders gives labels by name and values in [0, 1]', async () => {
    const home = await folder()
    const { labels, paths, x, numbers } = await all(asked(join(home, 'images')))
    expect(labels).toEqual([0, 0, 1, 1])
    expect(paths).toEqual(['a/0.png', 'a/2.png', 'b/1.png', 'b/3.png'])
    expect(numbers).toEqual([0, 1, 2, 3])
    expect([0, 16, 32, 48].map((i) => x[i])).toEqual([0, 0.4, 0.2, 0.6].map(Math.fround))
  })

  it.each([
    ['names', 'file,label\na/0.png,b\nb/1.png,A\n', [1, 0]],
    ['indices, with a mark of byte order and CRLF', '\ufefffile,label\r\na/0.png,1\r\n"b/1.png",0\r\n', [1, 0]],
    ['a column per class', 'image,a,b\na/0.png,0,1\nb/1.png,1,0\n', [1, 0]],
  ])('with a table of labels by %s', async (_, table, wanted) => {
    const home = await folder(table)
    expect((await all(asked(join(home, 'images'), { labels: join(home, 'labels.csv') }))).labels).toEqual(wanted)
  })

  it.each([
    ['its own column', 'file,effusion,mass\na/0.png,1,0\nb/1.png,1,1\n'],
    ['a list of findings', 'file,label\na/0.png,Effusion\nb/1.png,Effusion|Mass\n'],
  ])('for one finding reads %s', async (_, table) => {
    const home = await folder(table)
    const finding = { name: 'mass', index: 1, of: 2 }
    expect((await all(asked(join(home, 'images'), { labels: join(home, 'labels.csv'), classes: ['no mass', 'mass'], finding }))).labels).toEqual([0, 1])
  })

  it.each([
    ['no column of files', 'name,label\na/0.png,a\n', /no column "file"/],
    ['a label that is no class', 'file,label\na/0.png,c\n', /Row 2 .* has the label c/],
    ['an index beyond the classes', 'file,label\na/0.png,2\n', /Row 2/],
    ['two classes at once', 'file,a,b\na/0.png,1,1\n', /is of 2 classes/],
    ['something else than 0 and 1', 'file,a,b\na/0.png,0.5,1\n', /give 0 or 1/],
    ['no rows', 'file,label\n', /no rows/],
  ])('refuses a table with %s, naming the row', async (_, table, message) => {
    const home = await folder(table)
    await expect(all(asked(join(home, 'images'), { labels: join(home, 'labels.csv') }))).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringMatching(message) as string })
  })

  it('of class folders with names of their own gives the labels that these mean; an archive has none to give', async () => {
    const home = await folder()
    const classes = ['well', 'sick']
    await expect(openEvaluationSet(asked(join(home, 'images'), { classes }))).rejects.toMatchObject({ facts: { unknown: 'a\nb' } })
    expect((await all(asked(join(home, 'images'), { classes, classNames: { a: 'sick', b: 'well' } }))).labels).toEqual([1, 1, 0, 0])
    await expect(openEvaluationSet(asked(join(home, 'images.npz'), { classNames: { a: 'b' } }))).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('holds its labels as numbers') as string })
  })

  it('a file that is not there is a failure of its own, and the numbers of the others stay', async () => {
    const home = await folder('file,label\na/0.png,a\na/gone.png,a\nb/1.png,b\n')
    const { numbers, failures } = await all(asked(join(home, 'images'), { labels: join(home, 'labels.csv') }))
    expect(numbers).toEqual([0, 2])
    expect(failures).toMatchObject([{ error: { code: 'file-not-found' } }])
  })

  it('its hash changes with a pixel, a label or a name, and with nothing else', async () => {
    const home = await folder()
    const hash = async () => (await openEvaluationSet(asked(join(home, 'images')))).hash()
    const before = await hash()
    expect(await hash()).toBe(before)
    await writeFile(join(home, 'images', 'a', '0.png'), grey(1))
    expect(await hash()).not.toBe(before)
    await writeFile(join(home, 'images', 'a', '0.png'), grey(0))
    expect(await hash()).toBe(before)
  })
})

describe('an archive', () => {
  const archive = async (arrays: NamedTensors): Promise<string> => {
    const path = join(await temporaryFolder(), 'images.npz')
    await writeFile(path, encodeNpz(arrays))
    return path
  }
  const bytes = (shape: number[], value: (i: number) => number) => tensor('uint8', shape, Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)))

  it('as Assay exchanges them is taken as it is', async () => {
    const x = float32([2, 1, 4, 4], Float32Array.from({ length: 32 }, (_, i) => i / 32))
    const loaded = await all(asked(await archive({ x, y: int64([2], [1, 0]) })))
    expect(loaded.labels).toEqual([1, 0])
    expect(loaded.x).toEqual(x.data)
    expect(loaded.paths).toEqual(['#0', '#1'])
  })

  it("in MedMNIST's layout gives the part that is asked for, grey and colour", async () => {
    const arrays = { val_images: bytes([1, 4, 4], () => 0), val_labels: bytes([1, 1], () => 1), test_images: bytes([2, 4, 4], (i) => (i < 16 ? 255 : 51)), test_labels: bytes([2, 1], (i) => i) }
    const path = await archive(arrays)
    const test = await all(asked(path))
    expect([test.labels, test.x[0], test.x[16]]).toEqual([[0, 1], 1, Math.fround(0.2)])
    expect((await all(asked(path, { part: 'val' }))).labels).toEqual([1])
    const colour = await archive({ test_images: bytes([1, 4, 4, 3], (i) => [255, 0, 0][i % 3]!), test_labels: bytes([1, 1], () => 0) })
    expect((await all(asked(colour))).x[5]).toBeCloseTo(0.299, 6)
    const planes = (await all(asked(colour, { spec: { ...spec, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] } }))).x
    expect([planes[3], planes[16 + 3], planes[32 + 3]]).toEqual([1, 0, 0])
  })

  it('of another size is brought to the size of the bundle', async () => {
    const path = await archive({ x: float32([1, 1, 8, 8], new Float32Array(64).fill(0.25)), y: int64([1], [0]) })
    expect((await all(asked(path))).x).toEqual(new Float32Array(16).fill(0.25))
  })

  it('with several findings per image gives the one that is audited', async () => {
    const path = await archive({ test_images: bytes([3, 4, 4], () => 0), test_labels: bytes([3, 14], (i) => Number(i % 14 === 3 && i > 14)) })
    const finding = { name: 'mass', index: 3, of: 14 }
    expect((await all(asked(path, { classes: ['no mass', 'mass'], finding }))).labels).toEqual([0, 1, 1])
    await expect(all(asked(path))).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('name one') as string })
  })

  it.each([
    ['no labels', { x: float32([1, 1, 4, 4], new Float32Array(16)) }],
    ['values beyond 1', { x: float32([1, 1, 4, 4], new Float32Array(16).fill(255)), y: int64([1], [0]) }],
    ['labels beyond the classes', { x: float32([1, 1, 4, 4], new Float32Array(16)), y: int64([1], [2]) }],
    ['fewer labels than images', { x: float32([2, 1, 4, 4], new Float32Array(32)), y: int64([1], [0]) }],
    ['images in two dimensions', { x: float32([4, 4], new Float32Array(16)), y: int64([4], [0, 0, 0, 0]) }],
  ])('with %s is refused', async (_, arrays) => {
    await expect(all(asked(await archive(arrays)))).rejects.toMatchObject({ code: 'data-set-invalid' })
  })
})

describe('a limit', () => {
  it('keeps the shares of the classes and the order of the images', () => {
    const labels = Array.from({ length: 100 }, (_, i) => Number(i % 4 === 0))
    const chosen = spread(labels, 20)
    expect(chosen.filter((i) => labels[i] === 1)).toHaveLength(5)
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b))
    expect(spread(labels, 1000)).toHaveLength(100)
  })
})

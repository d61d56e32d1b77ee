/** Whose classes images are in that a classifier is to learn on from: its own, or the data's. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openToLearnOn } from '../../../src/engine/dataset/learning-on'
import { encodeNpz } from '../../../src/engine/tensor/npz'
import { tensor } from '../../../src/engine/tensor/tensor'
import { temporaryFolder } from '../bundle/fixtures'

const own = ['NORMAL', 'PNEUMONIA']

/** Nothing is decoded, so that empty files do. */
async function table(text: string, classes: readonly string[] = own) {
  const data = await temporaryFolder()
  await writeFile(join(data, 'labels.csv'), text)
  return openToLearnOn({ data, labels: join(data, 'labels.csv'), classes, part: 'train' })
}
async function folders(names: readonly string[], classes: readonly string[] = own, classNames?: Record<string, string>) {
  const data = await temporaryFolder()
  for (const name of names) {
    await mkdir(join(data, name))
    await writeFile(join(data, name, '1.png'), '')
  }
  return openToLearnOn({ data, classes, classNames, part: 'train' })
}
async function archive(labels: readonly number[], classes: readonly string[] = own) {
  const data = join(await temporaryFolder(), 'set.npz')
  await writeFile(data, encodeNpz({ train_images: tensor('uint8', [labels.length, 4, 4], new Uint8Array(16 * labels.length)), train_labels: tensor('uint8', [labels.length, 1], Uint8Array.from(labels)) }))
  return openToLearnOn({ data, classes, part: 'train' })
}

describe('a classifier that learns on', () => {
  it.each([
    ['names, in whatever letters', () => table('file,label\n1,pneumonia\n2,Normal\n'), [1, 0]],
    ['indices', () => table('file,label\n1,1\n2,0\n'), [1, 0]],
    ['names and indices', () => table('file,label\n1,1\n2,normal\n'), [1, 0]],
    ['columns of a table', () => table('file,pneumonia,normal\n1,1,0\n2,0,1\n'), [1, 0]],
    ['folders', () => folders(['pneumonia', 'normal']), [0, 1]],
    ['numbers of an archive', () => archive([1, 0]), [1, 0]],
    ['names that are said to mean them', () => folders(['clear', 'infiltrate'], own, { clear: 'normal', infiltrate: 'PNEUMONIA' }), [0, 1]],
  ])('keeps its classes where the images have them as %s', async (_, open, labels) => {
    const { source, others } = await open()
    expect(others).toBe(false)
    expect(source.classes).toEqual(own)
    expect(source.items.map(({ label }) => label)).toEqual(labels)
  })

  it('keeps them where indices leave one out: they name no classes', async () => {
    const three = ['a', 'b', 'c']
    for (const { source, others } of [await table('file,label\n1,0\n2,1\n', three), await archive([0, 1], three)]) expect([source.classes, others]).toEqual([three, false])
  })

  it.each([
    ['other names', () => table('file,label\n1,clear\n2,effusion\n3,clear\n'), ['clear', 'effusion']],
    ['further names', () => folders(['NORMAL', 'PNEUMONIA', 'effusion']), ['NORMAL', 'PNEUMONIA', 'effusion']],
    ['folders that are numbers', () => folders(['0', '1']), ['0', '1']],
    ['some of its names only', () => folders(['b', 'c'], ['a', 'b', 'c']), ['b', 'c']],
    ['names that are said to mean others', () => folders(['bacterial', 'normal', 'viral'], own, { bacterial: 'sick', viral: 'sick' }), ['normal', 'sick']],
    ['more indices than it has classes', () => archive([0, 1, 2]), ['0', '1', '2']],
  ])('takes on those of the images where these have %s', async (_, open, classes) => {
    const { source, others } = await open()
    expect(others).toBe(true)
    expect(source.classes).toEqual(classes)
  })

  it('says what is wrong with images that are of no classes at all', async () => {
    await expect(table('file,label\n1,normal\n2,\n')).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('no label') })
    await expect(table('file,a,b\n1,1,0\n')).rejects.toMatchObject({ code: 'data-set-invalid' })
    await expect(openToLearnOn({ data: join(await temporaryFolder(), 'nowhere'), classes: own, part: 'train' })).rejects.toMatchObject({ code: 'file-not-found' })
  })
})

import { existsSync } from 'node:fs'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv } from '../../../src/engine/dataset/csv'
import { readImages, readLabelled } from '../../../src/engine/dataset/labelled'
import { loadModelInputs, readAhead } from '../../../src/engine/dataset/model-inputs'
import { splitByGroup } from '../../../src/engine/dataset/split'
import { walkImages } from '../../../src/engine/dataset/walk'
import { temporaryFolder } from '../bundle/fixtures'

async function fill(home: string, files: string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(home, file)), { recursive: true })
    await writeFile(join(home, file), '')
  }
}

describe('walking a folder', () => {
  it('lists what may be an image in code-unit order and passes over the rest', async () => {
    const home = await temporaryFolder()
    await fill(home, ['b/2.png', 'b/10.png', 'a.dcm', 'IM0001', 'SOURCE.md', 'manifest.csv', '.hidden.png', '.git/x.png', 'b/notes.txt', 'DICOMDIR', 'Z/y/x.jpg'])
    await symlink(home, join(home, 'b', 'loop'))
    const found: string[] = []
    for await (const path of walkImages(home)) found.push(path.slice(home.length + 1))
    expect(found).toEqual(['IM0001', 'a.dcm', 'Z/y/x.jpg', 'b/10.png', 'b/2.png'])
  })

  it('takes links to files, as data sets made of links need it, and those that lead nowhere, but no devices', async () => {
    const home = await temporaryFolder()
    await fill(home, ['store/1', 'linked/b.dcm', 'linked/c.dcm'])
    await symlink(join('..', 'store', '1'), join(home, 'linked', 'a.dcm'))
    await symlink('gone', join(home, 'linked', 'd.dcm'))
    await symlink('notes', join(home, 'linked', 'e.txt'))
    await symlink('/dev/null', join(home, 'linked', 'f.dcm'))
    const found: string[] = []
    for await (const path of walkImages(join(home, 'linked'))) found.push(path.slice(home.length + 8))
    expect(found).toEqual(['a.dcm', 'b.dcm', 'c.dcm', 'd.dcm'])
  })
})

describe('labelled folders', () => {
  it('takes class folders in the order of the bundle, and groups from the manifest of the parent', async () => {
    const home = await temporaryFolder()
    await fill(home, ['train/sick/1.png', 'train/sick/2.png', 'train/Well/3.png'])
    await writeFile(join(home, 'manifest.csv'), '\ufefffile,note,group\r\n"train/sick/1.png","a ""quoted"", note",p1\r\ntrain/Well/3.png,x,p1\r\n')
    const { classes, items } = await readLabelled(join(home, 'train'), ['well', 'sick'])
    expect(classes).toEqual(['well', 'sick'])
    expect(items.map(({ path, label, group }) => [path.slice(home.length), label, group.replace(home, '')])).toEqual([
      ['/train/Well/3.png', 0, 'group:p1'],
      ['/train/sick/1.png', 1, 'group:p1'],
      ['/train/sick/2.png', 1, '/train/sick/2.png'],
    ])
  })

  it('says what is wrong with a folder that is no data set', async () => {
    const home = await temporaryFolder()
    await fill(home, ['parts/train/a/1.png', 'parts/test/a/1.png', 'flat/1.png', 'single/a/1.png', 'empty/a/1.png', 'loose/a/1.png', 'loose/b/2.png', 'loose/3.png'])
    await mkdir(join(home, 'empty', 'b'))
    for (const [folder, sentence] of [
      ['parts', 'point at one of them'],
      ['flat', 'no class folders'],
      ['single', 'at least two'],
      ['empty', 'has no images'],
      ['loose', 'outside its class folders'],
    ] as const)
      await expect(readLabelled(join(home, folder)), folder).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining(sentence) })
    await expect(readLabelled(join(home, 'single'), ['b', 'c'])).rejects.toThrow('none of the classes b, c')
    await expect(readLabelled(join(home, 'absent'))).rejects.toMatchObject({ code: 'file-not-found' })
  })

  it('takes names that a house has for the classes, several of them for one, whatever their case', async () => {
    const home = await temporaryFolder()
    await fill(home, ['Bacterial/1.png', 'viral/2.png', 'Normal/3.png'])
    const classNames = { bacterial: 'PNEUMONIA', VIRAL: 'pneumonia' }
    const labels = async (classes?: string[]) => {
      const set = await readLabelled(home, classes, classNames)
      return [set.classes, Object.fromEntries(set.items.map(({ path, label }) => [path.slice(home.length + 1), label]))]
    }
    expect(await labels(['NORMAL', 'PNEUMONIA'])).toEqual([['NORMAL', 'PNEUMONIA'], { 'Bacterial/1.png': 1, 'viral/2.png': 1, 'Normal/3.png': 0 }])
    await expect(readLabelled(home, ['NORMAL', 'TUBERCULOSIS'], classNames)).rejects.toMatchObject({ code: 'data-set-invalid', message: 'bacterial is said to be PNEUMONIA, which is none of the classes NORMAL, TUBERCULOSIS; give one of them.' })
    // Without a bundle the names that are meant are the classes.
    const same = { bacterial: 'sick', viral: 'sick' }
    expect((await readLabelled(home, undefined, same)).classes).toEqual(['Normal', 'sick'])
    await expect(readLabelled(home, undefined, { ...same, normal: 'sick' })).rejects.toThrow('a single class, sick')
  })

  it('tells all folders that are no class, for a page to ask what they are, unless they are too many to be names of classes', async () => {
    const home = await temporaryFolder()
    await fill(home, ['a/1.png', 'clear/2.png', 'opaque/3.png'])
    await expect(readLabelled(home, ['a', 'b'])).rejects.toMatchObject({ facts: { unknown: 'clear\nopaque' }, message: `The folders clear, opaque in ${home} are none of the classes a, b; say which class is meant (--class-names), or rename or remove them.` })
    await expect(readLabelled(home, ['a', 'b'], { clear: 'b' })).rejects.toMatchObject({ facts: { unknown: 'opaque' }, message: expect.stringContaining('The folder opaque') as string })
    await fill(home, Array.from({ length: 30 }, (_, i) => `patient ${i}/1.png`))
    const refused = readLabelled(home, ['a', 'b'])
    await expect(refused).rejects.toThrow('clear, opaque, patient 0, patient 1, patient 10 and 27 more in')
    expect(await refused.catch(({ facts }: { facts: object }) => facts)).toEqual({ path: home })
  })

  it('reads flat folders and single files without labels', async () => {
    const home = await temporaryFolder()
    await fill(home, ['flat/1.png', 'flat/more/2.png', 'classes/a/1.png', 'classes/b/1.png'])
    expect((await readImages(join(home, 'flat'))).items.map(({ label }) => label)).toEqual([null, null])
    expect((await readImages(join(home, 'flat', '1.png'))).items).toHaveLength(1)
    expect((await readImages(join(home, 'classes'), ['b', 'a'])).items.map(({ label }) => label)).toEqual([1, 0])
  })
})

describe('splitting by group', () => {
  const items = fc.array(fc.record({ label: fc.integer({ min: 0, max: 2 }), group: fc.integer({ min: 0, max: 30 }).map((g) => `g${g}`) }), { maxLength: 120 })

  it('never puts one group on both sides, loses nothing, and repeats itself for a seed', () => {
    fc.assert(
      fc.property(items, fc.double({ min: 0.05, max: 0.5, noNaN: true }), fc.nat(), (given, share, seed) => {
        const { rest, held } = splitByGroup(given, share, seed)
        expect(rest.length + held.length).toBe(given.length)
        const kept = new Set(rest.map(({ group }) => group))
        expect(held.some(({ group }) => kept.has(group))).toBe(false)
        expect(splitByGroup(given, share, seed)).toEqual({ rest, held })
      }),
    )
  })

  it('keeps every class near its share and differs between seeds', () => {
    const given = Array.from({ length: 900 }, (_, i) => ({ label: i % 9 === 0 ? 1 : 0, group: `g${i >> 1}` }))
    const { held } = splitByGroup(given, 0.2, 1)
    // Groups are pairs; of every nine pairs two hold one image of class 1, and ties go to the first seen.
    expect(held.length / given.length).toBeGreaterThan(0.19)
    expect(held.length / given.length).toBeLessThan(0.21)
    expect(splitByGroup(given, 0.2, 2).held).not.toEqual(held)
  })

  const manifest = join('..', 'shared', 'data', 'images', 'chest_xray', 'train')
  it.skipIf(!existsSync(manifest))('holds whole patients of the chest X-ray set out (needs ../shared/data)', async () => {
    const { items: scans } = await readLabelled(manifest)
    const patients = new Map(parseCsv(await readFile(join(manifest, '..', 'manifest.csv'), 'utf8')).map((row) => [row[0]!, row[3]!]))
    const patientOf = (path: string): string => patients.get(path.slice(path.indexOf('train/')))!
    const { rest, held } = splitByGroup(scans, 0.15, 0)
    expect(scans).toHaveLength(912)
    const kept = new Set(rest.map(({ path }) => patientOf(path)))
    expect(held.filter(({ path }) => kept.has(patientOf(path)))).toEqual([])
    for (const label of [0, 1]) {
      const share = held.filter((scan) => scan.label === label).length / scans.filter((scan) => scan.label === label).length
      expect(share).toBeGreaterThan(0.13)
      expect(share).toBeLessThan(0.17)
    }
  })
})

describe('loading model inputs', () => {
  const spec = { width: 4, height: 4, channels: 1 as const, mean: [0], std: [1], intensity: { kind: 'declared-range' as const } }

  it('goes on past a file that cannot be read, and names it', async () => {
    const { encode } = await import('fast-png')
    const home = await temporaryFolder()
    const good = encode({ width: 4, height: 4, data: new Uint8Array(16).fill(51), channels: 1, depth: 8 })
    for (const name of ['1.png', '3.png']) await writeFile(join(home, name), good)
    await writeFile(join(home, '2.png'), 'not a picture at all')
    const { items } = await readImages(home)
    const inputs = await loadModelInputs(items, spec)
    expect(inputs.count).toBe(2)
    expect(inputs.x).toHaveLength(32)
    for (const value of inputs.x) expect(value).toBeCloseTo(0.2, 6)
    expect(inputs.items.map(({ path }) => path)).toEqual([items[0]!.path, items[2]!.path])
    expect(inputs.failures).toMatchObject([{ path: items[1]!.path, error: { code: 'image-format-unknown' } }])
    await expect(loadModelInputs(items, spec, { onError: 'throw' })).rejects.toMatchObject({ code: 'image-format-unknown' })
    await expect(loadModelInputs(items, spec, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('reads ahead but answers in order', async () => {
    let running = 0
    let most = 0
    const work = async (n: number): Promise<number> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20 - n))
      running--
      return n
    }
    const answers: number[] = []
    for await (const n of readAhead([0, 1, 2, 3, 4, 5, 6, 7], work, 3)) answers.push(n)
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
  })
})

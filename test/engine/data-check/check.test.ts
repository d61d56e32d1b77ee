/** The whole check, on phantoms with all that can be wrong with a data set, and on the chest X-rays of ../shared. */
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDataJob } from '../../../src/engine/data-check/check-job'
import { writeDicom } from '../../../src/engine/image/dicom/write'
import { encodePng, quantize } from '../../../src/engine/image/encode'
import { writePhantomDataSet } from '../../../src/engine/phantom/data-set'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { Random } from '../../../src/engine/tensor/random'
import { jobParameters } from '../../../src/shared/job-parameters'
import { dataCheckSchema, type DataCheck, type DataFinding } from '../../../src/shared/training'
import { haveShared, sharedData } from '../../support/shared-data'
import { temporaryFolder } from '../bundle/fixtures'
import { context } from '../training/phantom-training'

async function check(parameters: object, stop?: AbortSignal): Promise<DataCheck> {
  const { result } = await checkDataJob.run(jobParameters['check-data'].parse(parameters), { ...context(''), ...(stop ? { signal: stop } : {}) })
  return dataCheckSchema.parse(result)
}

const codes = ({ findings }: DataCheck): string[] => findings.map(({ level, code }) => `${level} ${code}`)
const found = ({ findings }: DataCheck, code: DataFinding['code']): DataFinding => findings.find((finding) => finding.code === code)!

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-check-'))
  await writePhantomDataSet(join(home, 'png'), { count: 50, size: 64, seed: 3, format: 'png' })
  await writePhantomDataSet(join(home, 'dicom'), { count: 30, size: 64, seed: 4, format: 'dicom' })
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** A copy of one of the sets that may be spoiled. */
async function spoiled(format: 'png' | 'dicom'): Promise<{ train: string; test: string }> {
  const to = await temporaryFolder()
  await cp(join(home, format), to, { recursive: true })
  return { train: join(to, 'train'), test: join(to, 'test') }
}

describe('a clean set', () => {
  it('of pictures has counts and two notes: patients are unknown, and calibration wants more', async () => {
    const result = await check({ data: join(home, 'png', 'train'), test: join(home, 'png', 'test'), size: 64 })
    expect(result.classes).toEqual([{ name: 'normal', training: 20, test: 5 }, { name: 'opacity', training: 20, test: 5 }])
    expect(result.images).toEqual({ training: 40, test: 10 })
    expect(result.channels).toBe(1)
    expect(codes(result)).toEqual(['warning class-tiny', 'warning class-tiny', 'note too-few', 'note patients-unknown'])
    expect(found(result, 'class-tiny').message).toContain('The test has 5 images of normal')
  })

  it('of DICOM files knows its patients', async () => {
    const result = await check({ data: join(home, 'dicom', 'train'), test: join(home, 'dicom', 'test'), size: 64 })
    expect(result.patients).toEqual({ known: true, training: 24, test: 6, inBoth: 0 })
    expect(codes(result).filter((code) => !code.includes('tiny'))).toEqual(['note too-few'])
  })
})

describe('a set for a bundle', () => {
  const demo = join(import.meta.dirname, '../../../models/demo-phantom')
  const relabelled = async (name: string): Promise<string> => {
    const { train } = await spoiled('png')
    await rename(join(train, 'opacity'), join(train, name))
    return train
  }
  it('may have classes of its own where the bundle’s classifier is to learn on from it, and is told what that means', async () => {
    const own = await check({ data: join(home, 'png', 'train'), from: demo, size: 64 })
    expect(found(own, 'other-classes')).toBeUndefined()
    const result = await check({ data: await relabelled('effusion'), from: demo, size: 64 })
    expect(result.classes.map(({ name }) => name)).toEqual(['effusion', 'normal'])
    expect(found(result, 'other-classes')).toMatchObject({ level: 'note', message: expect.stringMatching(/^The images are of the classes effusion and normal, while demo-phantom tells normal and opacity apart, .* new last layer/) })
  })
  it('must have the bundle’s where its purifier is to learn', async () => {
    await expect(check({ data: await relabelled('effusion'), bundle: demo, size: 64 })).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('effusion') })
  })
})

describe('a set with faults', () => {
  it('names files that cannot be read, pictures of one colour, small ones, and classes that are hardly there', async () => {
    const { train } = await spoiled('png')
    await writeFile(join(train, 'normal', 'broken.png'), (await readFile(join(train, 'normal', 'phantom-0001.png'))).subarray(0, 200))
    await writeFile(join(train, 'normal', 'white.png'), encodePng({ width: 64, height: 64, samples: 1, data: new Uint8Array(4096).fill(255) }))
    await mkdir(join(train, 'rare'))
    await writeFile(join(train, 'rare', '1.png'), encodePng({ width: 64, height: 64, samples: 1, data: quantize(makePhantom({ seed: 'rare', width: 64, height: 64, kind: 'normal' }).pixels, 8) }))
    const result = await check({ data: train, size: 128 })
    expect(result.unreadable).toEqual([{ path: join(train, 'normal', 'broken.png'), code: 'image-truncated', message: expect.any(String) }])
    expect(found(result, 'unreadable')).toMatchObject({ level: 'warning', count: 1, message: expect.stringContaining('1 file of 43') })
    expect(found(result, 'blank').examples).toEqual(['train/normal/white.png'])
    expect(found(result, 'upsampled')).toMatchObject({ level: 'warning', count: 42 })
    expect(found(result, 'class-tiny')).toMatchObject({ level: 'error', count: 1, message: expect.stringContaining('rare') })
    expect(result.findings[0]!.level).toBe('error')
  })

  it('has pictures that use little of what their files declare, which are not of one colour', async () => {
    const { train } = await spoiled('png')
    for (const name of ['normal', 'opacity'])
      for (const file of await readdir(join(train, name))) {
        const { pixels } = makePhantom({ seed: `${name}/${file}`, width: 64, height: 64, kind: name as 'normal' | 'opacity' })
        await writeFile(join(train, name, file), encodePng({ width: 64, height: 64, samples: 1, data: Uint16Array.from(pixels, (v) => Math.round(380 * v)) }))
      }
    const result = await check({ data: train, size: 64 })
    expect(found(result, 'blank')).toBeUndefined()
    expect(found(result, 'narrow-range')).toMatchObject({ level: 'warning', count: 40, message: expect.stringMatching(/^40 pictures use only 0\.\d( to 0\.\d)? % of the range/) })
    expect(found(await check({ data: join(home, 'png', 'train'), size: 64 }), 'narrow-range')).toBeUndefined()
  })

  it('has files of placeholder identifiers, which make no patients, and a class of one patient, which says by what', async () => {
    const { train } = await spoiled('dicom')
    const identified = async (folder: string, idOf: (i: number) => string) => {
      for (const [i, file] of (await readdir(folder)).sort().entries()) {
        const pixels = quantize(makePhantom({ seed: `${folder.at(-1)}/${i}`, width: 64, height: 64, kind: 'normal' }).pixels, 8) as Uint8Array
        await writeFile(join(folder, file), writeDicom({ kind: 'secondary-capture', modality: 'DX', width: 64, height: 64, pixels, attributes: [{ tag: 0x00100020, vr: 'LO', value: idOf(i) }] }))
      }
    }
    await identified(join(train, 'normal'), () => 'ANON')
    await identified(join(train, 'opacity'), (i) => (i % 2 ? 'ANONYMOUS' : 'Unknown'))
    const anonymous = await check({ data: train, size: 64 })
    expect(found(anonymous, 'patients-unknown')).toMatchObject({ count: 24, message: expect.stringContaining('All files carry a patient identifier that tells nothing') })
    expect(anonymous.patients).toMatchObject({ known: false, training: 24 })
    await identified(join(train, 'normal'), () => 'P1')
    await identified(join(train, 'opacity'), (i) => `Q${i}`)
    expect(found(await check({ data: train, size: 64 }), 'class-tiny').message).toContain('are of one patient by the identifier in the DICOM files')
  })

  it('has pictures in training and test, and with two labels', async () => {
    const { train, test } = await spoiled('png')
    await cp(join(train, 'normal', 'phantom-0002.png'), join(test, 'normal', 'again.png'))
    await cp(join(train, 'normal', 'phantom-0003.png'), join(train, 'opacity', 'relabelled.png'))
    await cp(join(train, 'normal', 'phantom-0004.png'), join(train, 'normal', 'twice.png'))
    const result = await check({ data: train, test, size: 64 })
    expect(found(result, 'duplicates-across-parts')).toMatchObject({ level: 'error', count: 1, examples: ['train/normal/phantom-0002.png = test/normal/again.png'] })
    expect(found(result, 'duplicates-across-classes')).toMatchObject({ level: 'warning', count: 2, examples: ['train/normal/phantom-0003.png = train/opacity/relabelled.png'] })
    expect(found(result, 'duplicates').examples).toEqual(['train/normal/phantom-0004.png = train/normal/twice.png'])
  })

  it('has pictures and patients in both what its table learns from and what it measures on', async () => {
    const { train } = await spoiled('png')
    await cp(join(train, 'normal', 'phantom-0002.png'), join(train, 'normal', 'again.png'))
    const files = (await Promise.all(['normal', 'opacity'].map(async (name) => (await readdir(join(train, name))).sort().map((file) => `${name}/${file}`)))).flat()
    const labels = join(train, '..', 'labels.csv')
    const row = (file: string, i: number) => `${file},${file.split('/')[0]},${i % 4 === 0 ? 'val' : 'train'},${Math.floor(i / 2)}`
    await writeFile(labels, `file,label,split,patient\n${files.map(row).join('\n')}\n`)
    const result = await check({ data: train, labels, size: 64 })
    expect(found(result, 'patients-across-parts')).toMatchObject({ level: 'warning', count: 10, message: expect.stringContaining('both training and validation') })
    expect(found(result, 'duplicates-across-parts')).toMatchObject({ level: 'warning', count: 1, examples: ['train/normal/again.png = train/normal/phantom-0002.png'] })
    expect(result.images).toEqual({ training: 41, test: 0 })
    expect(result.classes.map(({ training }) => training)).toEqual([21, 20])
    expect(found(result, 'too-few').message).toContain('What is put aside, 11 images, is too few')
  })

  it('has a class that its table leaves nothing of to learn from', async () => {
    const { train } = await spoiled('png')
    const labels = join(train, '..', 'labels.csv')
    const rows = await Promise.all(['normal', 'opacity'].map(async (name) => (await readdir(join(train, name))).map((file) => `${name}/${file},${name},${name === 'normal' ? 'train' : 'val'}`)))
    await writeFile(labels, `file,label,split\n${rows.flat().join('\n')}\n`)
    expect(found(await check({ data: train, labels, size: 64 }), 'class-missing')).toMatchObject({ level: 'error', message: expect.stringContaining('opacity') })
  })

  it('has a patient on both sides, by the DICOM identifier', async () => {
    const { train, test } = await spoiled('dicom')
    // Another file of the same person: the identifier stays, a pixel changes.
    const bytes = await readFile(join(train, 'normal', 'phantom-0001.dcm'))
    bytes[bytes.length - 2]! ^= 1
    await writeFile(join(test, 'normal', 'other-view.dcm'), bytes)
    const result = await check({ data: train, test, size: 64 })
    expect(result.patients.inBoth).toBe(1)
    expect(found(result, 'patients-across-parts')).toMatchObject({ level: 'error', count: 1, examples: ['train/normal/phantom-0001.dcm and test/normal/other-view.dcm'] })
    expect(JSON.stringify(result)).not.toContain('PHANTOM')
  })

  it('has classes that their size gives away, unless the labels are drawn', async () => {
    const folder = await temporaryFolder()
    const random = new Random(5)
    const rows = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const width = 40 + Math.round(4 * random.normal()) + (i % 2) * 16
        await writeFile(join(folder, `${i}.png`), encodePng({ width, height: 40, samples: 1, data: Uint8Array.from({ length: width * 40 }, () => 255 * random.next()) }))
        return i
      }),
    )
    const drawn = new Random(6).shuffle(rows.map((i) => i % 2))
    await writeFile(join(folder, 'real.csv'), `file,label\n${rows.map((i) => `${i}.png,${i % 2 ? 'wide' : 'narrow'}`).join('\n')}`)
    await writeFile(join(folder, 'drawn.csv'), `file,label\n${rows.map((i) => `${i}.png,${drawn[i] ? 'wide' : 'narrow'}`).join('\n')}`)
    const real = await check({ data: folder, labels: join(folder, 'real.csv'), size: 32 })
    expect(found(real, 'giveaway')).toMatchObject({ level: 'warning', message: expect.stringContaining('width') })
    expect(real.giveaway!.balancedAccuracy).toBeGreaterThan(0.85)
    expect(codes(await check({ data: folder, labels: join(folder, 'drawn.csv'), size: 32 })).filter((code) => code.includes('giveaway'))).toEqual([])
  })

  it('is cancelled on the way', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(check({ data: join(home, 'png', 'train') }, stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe.skipIf(!haveShared('images/chest_xray'))('the chest X-rays (needs ../shared/data)', () => {
  it('warn that their size tells the class, as their SOURCE.md says, and of none in training and test that are not', { timeout: 120_000 }, async () => {
    // A fifth of them, so that it is quick.
    const folder = await temporaryFolder()
    for (const part of ['train', 'test'])
      for (const name of ['NORMAL', 'PNEUMONIA']) {
        const from = join(sharedData, 'images', 'chest_xray', part, name)
        await mkdir(join(folder, part, name), { recursive: true })
        for (const [i, file] of (await readdir(from)).sort().entries()) if (i % 5 === 0) await cp(join(from, file), join(folder, part, name, file))
      }
    const result = await check({ data: join(folder, 'train'), test: join(folder, 'test') })
    expect(result.images).toEqual({ training: 183, test: 63 })
    // "width/height/file size alone give 83 % balanced accuracy"
    expect(result.giveaway!.balancedAccuracy).toBeGreaterThan(0.78)
    expect(found(result, 'giveaway').level).toBe('warning')
    expect(codes(result).filter((code) => code.includes('duplicates'))).toEqual([])
  })
})

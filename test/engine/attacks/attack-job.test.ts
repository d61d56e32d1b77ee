/** `assay attack` as a job, with the demonstration bundle on phantoms. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attackJob } from '../../../src/engine/attacks/attack-job'
import { whileLocked } from '../../../src/engine/bundle/lock'
import { decodeImage } from '../../../src/engine/image/decode'
import { encodePng } from '../../../src/engine/image/encode'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { matMul, reshape, sigmoid } from '../../../src/engine/onnx/ops'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { decodeNpz, encodeNpz } from '../../../src/engine/tensor/npz'
import { Random } from '../../../src/engine/tensor/random'
import { float32, int64 } from '../../../src/engine/tensor/tensor'
import { jobParameters } from '../../../src/shared/job-parameters'
import type { JobParametersInput } from '../../../src/shared/job-parameters'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-attack-'))
  const images = Array.from({ length: 4 }, (_, i) => makePhantom({ seed: 900 + i, width: 128, height: 128, kind: i % 2 ? 'opacity' : 'normal' }).pixels)
  const x = new Float32Array(4 * 128 * 128)
  images.forEach((pixels, i) => x.set(pixels, i * 128 * 128))
  writeFileSync(join(folder, 'data.npz'), encodeNpz({ x: float32([4, 1, 128, 128], x), y: int64([4], [0, 1, 0, 1]) }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Result {
  n: number
  threat: string
  cleanAccuracy: number
  robustAccuracy: number
  robustAccuracyPurified: number
  medianLinf: number
  medianL2: number
  changed: number
  medianQueries?: number
  warnings?: { code: string; message: string }[]
}

async function attack(out: string, more: Partial<JobParametersInput['attack']> = {}): Promise<Result> {
  const parameters = jobParameters.attack.parse({ bundle: resolve('models/demo-phantom'), data: join(folder, 'data.npz'), attack: 'pgd', epsilon: 6 / 255, seed: 3, out: join(folder, out), provider: 'cpu', ...(more.attack === undefined && { steps: 6 }), ...more })
  const places = { version: 'test', dataFolder: folder, bundleFolders: [], samplesFolder: folder }
  const { result, exitCode } = await attackJob.run(parameters, { jobId: 'test', signal: new AbortController().signal, places, folder, progress: () => undefined, emit: () => undefined })
  expect(exitCode).toBe(0)
  return result as Result
}

/** A bundle of images of 8 × 8. */
function writeClassifier(id: string, bytes: Uint8Array, classes: string[], output: 'logits' | 'sigmoid'): string {
  const bundle = join(folder, id)
  mkdirSync(bundle)
  writeFileSync(join(bundle, 'classifier.onnx'), bytes)
  const manifest = {
    format: 'assay-bundle/1', id, name: id, description: '', modality: 'CR', bodyPart: '', training: {}, classes,
    input: { width: 8, height: 8, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } },
    classifier: { file: 'classifier.onnx', sha256: createHash('sha256').update(bytes).digest('hex'), output, layout: 'nchw' },
  }
  writeFileSync(join(bundle, 'bundle.json'), JSON.stringify(manifest))
  return bundle
}

const archive = (path: string) => decodeNpz(readFileSync(join(folder, path)))

describe('assay attack', () => {
  it('fools the classifier within the radius, and the purifier gives its answer back', async () => {
    const result = await attack('oblivious')
    expect(result).toMatchObject({ n: 4, threat: 'oblivious' })
    expect(result).not.toHaveProperty('warnings')
    expect(result.robustAccuracy).toBeLessThan(result.cleanAccuracy)
    expect(result.robustAccuracyPurified).toBeGreaterThan(result.robustAccuracy)
    const [clean, attacked] = [archive('data.npz').x!.data as Float32Array, archive('oblivious/adversarial.npz').x!.data as Float32Array]
    const furthest = attacked.reduce((most, v, i) => Math.max(most, Math.abs(v - clean[i]!)), 0)
    expect(furthest).toBeLessThanOrEqual((6 / 255) * (1 + 1e-6) + 2 ** -23)
    expect(attacked.every((v) => v >= 0 && v <= 1)).toBe(true)
  })

  it('the same seed gives the same images', async () => {
    await attack('again')
    expect(archive('again/adversarial.npz').x!.data).toEqual(archive('oblivious/adversarial.npz').x!.data)
  })

  it('an attacker who knows the purifier does more harm behind it', async () => {
    const oblivious = JSON.parse(readFileSync(join(folder, 'oblivious', 'attack.json'), 'utf8')) as Result
    const adaptive = await attack('adaptive', { threat: 'adaptive', pictures: 'none' })
    expect(adaptive.threat).toBe('adaptive')
    expect(adaptive.robustAccuracyPurified).toBeLessThanOrEqual(oblivious.robustAccuracyPurified)
  })

  it.each([['png16', 16, '.png'], ['dicom', 16, '.dcm'], ['png', 8, '.png']] as const)('pictures as %s hold the images to half a step', async (pictures, bits, extension) => {
    await attack(pictures, { pictures, attack: 'fgsm', limit: 2 })
    const attacked = archive(`${pictures}/adversarial.npz`).x!.data as Float32Array
    const files = ['normal', 'opacity'].flatMap((name) => readdirSync(join(folder, pictures, 'images', name)).map((file) => join(folder, pictures, 'images', name, file)))
    expect(files).toHaveLength(2)
    for (const [i, path] of files.entries()) {
      expect(path.endsWith(extension)).toBe(true)
      const image = await decodeImage(readFileSync(path), path)
      expect(image.bitsStored).toBe(bits)
      const scale = 2 ** bits - 1
      const worst = Array.from(image.pixels).reduce((most, v, k) => Math.max(most, Math.abs(v / scale - attacked[i * 128 * 128 + k]!)), 0)
      expect(worst).toBeLessThanOrEqual(0.5 / scale + 1e-6)
    }
  })

  it('pictures stay within the output folder, whatever the bundle calls its classes, and none takes the place of another', async () => {
    const g = new GraphBuilder()
    g.output('y', matMul(g, reshape(g, g.input('x', [3, 1, 8, 8]), [3, 64]), g.constant(float32([64, 2], new Float32Array(128).fill(0.1)))))
    const bundle = writeClassifier('climbing', g.toBytes(), ['../../escaped', 'a/b'], 'logits')
    const data = join(folder, 'namesakes')
    mkdirSync(data)
    const files = ['x.png', 'x.jpg', 'x-2.png']
    for (const [i, file] of files.entries()) writeFileSync(join(data, file), encodePng({ width: 8, height: 8, samples: 1, data: new Uint8Array(64).fill(40 * i) }))
    writeFileSync(join(folder, 'namesakes.csv'), ['file,label', ...files.map((file) => `${file},0`)].join('\n'))
    await attack('deep/down', { bundle, data, labels: join(folder, 'namesakes.csv'), attack: 'fgsm', pictures: 'png' })
    expect(readdirSync(join(folder, 'deep'))).toEqual(['down'])
    expect(readdirSync(join(folder, 'deep/down/images'))).toEqual(['_.._escaped'])
    expect(readdirSync(join(folder, 'deep/down/images/_.._escaped'))).toHaveLength(files.length)
  })

  it('a limit takes from every class of an archive that is sorted by class', async () => {
    const x = archive('data.npz').x!
    writeFileSync(join(folder, 'sorted.npz'), encodeNpz({ x, y: int64([4], [0, 0, 1, 1]) }))
    await attack('limited', { data: join(folder, 'sorted.npz'), attack: 'fgsm', limit: 2, pictures: 'none' })
    expect(Array.from(archive('limited/adversarial.npz').y!.data, Number)).toEqual([0, 1])
  })

  it('refuses a folder that holds the images of another attack', async () => {
    await expect(attack('oblivious')).rejects.toMatchObject({ code: 'invalid-arguments', facts: { file: 'attack.json' } })
  })

  it('a folder that another attack writes into is refused before anything is attacked, and free again behind it', async () => {
    const at = join(folder, 'at-once')
    await whileLocked(join(at, '.attack.lock'), at, 'A test writes', async () => {
      await expect(attack('at-once')).rejects.toMatchObject({ code: 'output-not-writable', message: expect.stringContaining('Another attack writes into') as string })
      expect(readdirSync(at)).toEqual(['.attack.lock'])
    })
    await attack('at-once')
    expect(readdirSync(at).sort()).toEqual(['adversarial.npz', 'attack.json', 'images'])
  })

  it('refuses labels that the bundle does not have, and an attack that needs a radius and got none', async () => {
    writeFileSync(join(folder, 'small.npz'), encodeNpz({ x: archive('data.npz').x!, y: int64([4], [0, 1, 2, 1]) }))
    await expect(attack('refused', { data: join(folder, 'small.npz') })).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('y [N]') as string })
    await expect(attack('refused', { epsilon: undefined })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('--eps') as string })
    await expect(attack('refused', { options: { searches: 3 } })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('stepSize') as string })
    await expect(attack('refused', { attack: 'deepfool', threat: 'blackbox' })).rejects.toMatchObject({ code: 'invalid-arguments' })
    await expect(attack('refused', { attack: 'joint', epsilon: 0.01 })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('adaptive') as string })
  })

  it('refuses a radius beyond the range of a pixel: 255ths without their /255', async () => {
    for (const asked of [{ epsilon: 4 }, { attack: 'deepfool' as const, norm: 'linf' as const, epsilon: 8 }])
      await expect(attack('beyond', asked)).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('beyond the whole range') as string })
    expect(readdirSync(join(folder, 'beyond'))).toEqual([])
  })

  it('says of the first why, where no image can be read', async () => {
    for (const name of ['normal', 'opacity']) {
      mkdirSync(join(folder, 'unreadable', name), { recursive: true })
      writeFileSync(join(folder, 'unreadable', name, 'empty.png'), '')
    }
    await expect(attack('nothing', { data: join(folder, 'unreadable') })).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringMatching(/could be read\. Of the first: .*empty/) as string })
  })

  it('a minimum-norm attack needs no radius; where one is given, what goes further does not count', async () => {
    const free = await attack('free', { attack: 'deepfool', epsilon: undefined, pictures: 'none' })
    expect(free).toMatchObject({ cleanAccuracy: 1, robustAccuracy: 0 })
    expect(free).not.toHaveProperty('epsilon')
    const bound = await attack('bound', { attack: 'deepfool', epsilon: free.medianL2 / 4, pictures: 'none' })
    expect(bound.medianL2).toBeCloseTo(free.medianL2, 3)
    expect(bound.robustAccuracy).toBeGreaterThan(0)
  })

  it('tells how far it went by the images that it changed: those that were wrong already are left as they are', async () => {
    const asked = { attack: 'deepfool' as const, epsilon: undefined, pictures: 'none' as const }
    const all = await attack('all-right', asked)
    const { x } = archive('data.npz')
    // Three of four labels are wrong, and so is the model by them.
    writeFileSync(join(folder, 'mislabelled.npz'), encodeNpz({ x: x!, y: int64([4], [0, 0, 1, 0]) }))
    const few = await attack('mostly-wrong', { ...asked, data: join(folder, 'mislabelled.npz') })
    expect(few).toMatchObject({ cleanAccuracy: 0.25, changed: 1 })
    expect(few.medianL2).toBeGreaterThan(all.medianL2 / 10)
    const asking = await attack('asking', { attack: 'square', epsilon: 1 / 255, options: { queries: 7 }, pictures: 'none', data: join(folder, 'mislabelled.npz') })
    expect(asking).toMatchObject({ changed: 1, medianQueries: 7 })
  })

  it('of several independent findings one is attacked, and judged by its own probability', async () => {
    const pixels = 64
    const g = new GraphBuilder()
    const random = new Random('findings')
    const x = g.input('x', [6, 1, 8, 8])
    const weights = Float32Array.from({ length: 3 * pixels }, () => random.normal() / 8)
    g.output('y', sigmoid(g, matMul(g, reshape(g, x, [6, pixels]), g.constant(float32([pixels, 3], weights)))))
    const bundle = writeClassifier('findings', g.toBytes(), ['mass', 'nodule', 'effusion'], 'sigmoid')
    const images = Float32Array.from({ length: 6 * pixels }, () => random.next())
    const logit = (data: Float32Array, i: number) => weights.reduce((sum, w, k) => sum + (k % 3 === 1 ? w * data[i * pixels + Math.floor(k / 3)]! : 0), 0)
    // Labels of all three findings; the second is what the model answers.
    const rows = Array.from({ length: 6 }, (_, i) => [1, Number(logit(images, i) > 0), 0]).flat()
    writeFileSync(join(folder, 'findings.npz'), encodeNpz({ x: float32([6, 1, 8, 8], images), y: int64([6, 3], rows) }))
    const result = await attack('one-finding', { bundle, data: join(folder, 'findings.npz'), attack: 'pgd', epsilon: 0.15, steps: 10, finding: 'Nodule', pictures: 'png' })
    expect(result).toMatchObject({ finding: 'nodule', n: 6, cleanAccuracy: 1 })
    const attacked = archive('one-finding/adversarial.npz').x!.data as Float32Array
    const held = Array.from({ length: 6 }, (_, i) => Number(logit(attacked, i) > 0) === rows[3 * i + 1])
    expect(result.robustAccuracy).toBeCloseTo(held.filter(Boolean).length / 6, 9)
    expect(result.robustAccuracy).toBeLessThan(1)
    expect(result.warnings).toEqual([{ code: 'probability-output', message: expect.stringContaining('the last Sigmoid was taken off') as string }])
    expect(JSON.parse(readFileSync(join(folder, 'one-finding', 'attack.json'), 'utf8'))).toMatchObject({ warnings: result.warnings })
    expect(readdirSync(join(folder, 'one-finding', 'images')).every((name) => ['nodule', 'no nodule'].includes(name))).toBe(true)
  })
})

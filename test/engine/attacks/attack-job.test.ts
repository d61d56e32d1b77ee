/** `assay attack` as a job, with the demonstration bundle on phantoms. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attackJob } from '../../../src/engine/attacks/attack-job'
import { decodeImage } from '../../../src/engine/image/decode'
import { makePhantom } from '../../../src/engine/phantom/phantom'
import { decodeNpz, encodeNpz } from '../../../src/engine/tensor/npz'
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
}

async function attack(out: string, more: Partial<JobParametersInput['attack']> = {}): Promise<Result> {
  const parameters = jobParameters.attack.parse({ bundle: resolve('models/demo-phantom'), data: join(folder, 'data.npz'), attack: 'pgd', epsilon: 6 / 255, seed: 3, out: join(folder, out), provider: 'cpu', ...(more.attack === undefined && { steps: 6 }), ...more })
  const places = { version: 'test', dataFolder: folder, bundleFolders: [], samplesFolder: folder }
  const { result, exitCode } = await attackJob.run(parameters, { jobId: 'test', signal: new AbortController().signal, places, folder, progress: () => undefined, emit: () => undefined })
  expect(exitCode).toBe(0)
  return result as Result
}
const archive = (path: string) => decodeNpz(readFileSync(join(folder, path)))

describe('assay attack', () => {
  it('fools the classifier within the radius, and the purifier gives its answer back', async () => {
    const result = await attack('oblivious')
    expect(result).toMatchObject({ n: 4, threat: 'oblivious' })
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

  it('a limit takes from every class of an archive that is sorted by class', async () => {
    const x = archive('data.npz').x!
    writeFileSync(join(folder, 'sorted.npz'), encodeNpz({ x, y: int64([4], [0, 0, 1, 1]) }))
    await attack('limited', { data: join(folder, 'sorted.npz'), attack: 'fgsm', limit: 2, pictures: 'none' })
    expect(Array.from(archive('limited/adversarial.npz').y!.data, Number)).toEqual([0, 1])
  })

  it('refuses a folder that holds the images of another attack', async () => {
    await expect(attack('oblivious')).rejects.toMatchObject({ code: 'invalid-arguments', facts: { file: 'attack.json' } })
  })

  it('refuses an archive of another size, with a sentence that says what is needed', async () => {
    writeFileSync(join(folder, 'small.npz'), encodeNpz({ x: float32([1, 1, 2, 2], [0, 0, 0, 0]), y: int64([1], [0]) }))
    await expect(attack('refused', { data: join(folder, 'small.npz') })).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('[N, 1, 128, 128]') as string })
  })
})

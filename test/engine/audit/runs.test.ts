/** Which runs follow from what is asked, on the tiny bundle: none of them is made. */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepareAudit } from '../../../src/engine/audit/prepare'
import { updateManifest } from '../../../src/engine/bundle/write'
import { readModel } from '../../../src/engine/onnx/reader'
import { writeModel } from '../../../src/engine/onnx/writer'
import { jobParameters, type JobParametersInput } from '../../../src/shared/job-parameters'
import { side } from '../screening/tiny-bundle'
import { scaledBy, workplace, writeMaskedBundle, type Workplace } from './tiny-audit'

const home = mkdtempSync(join(tmpdir(), 'assay-runs-'))
let place: Workplace

beforeAll(async () => void (place = await workplace(home)))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const prepared = (more: Partial<JobParametersInput['audit']>) =>
  prepareAudit(jobParameters.audit.parse({ bundle: place.bundle, data: place.data, out: join(home, 'out'), provider: 'cpu', eps: [2 / 255, 6 / 255], ...more }), [])
const ids = async (more: Partial<JobParametersInput['audit']>): Promise<string[]> => (await prepared(more)).runs.map(({ id }) => id)

it.each([['autoattack'], ['apgdt'], ['deepfool']] as const)('who knows the purifier tries the identity in its backward pass with %s too', async (attack) => {
  expect(await ids({ attacks: [attack], threat: ['adaptive'] })).toEqual(expect.arrayContaining(['adaptive/apgd-bpda/linf/2', 'adaptive/apgd-bpda/linf/6']))
})

it('whatever ascends is tried with twice the iterations; a single step and the smallest change have none to double', async () => {
  const doubled = async (...attacks: JobParametersInput['audit']['attacks'] & string[]): Promise<string[]> => (await ids({ attacks, threat: ['oblivious'] })).filter((id) => id.startsWith('check/doubling'))
  expect(await doubled('autoattack')).toEqual(['check/doubling/oblivious/apgd/linf/2'])
  expect(await doubled('pgd')).toEqual(['check/doubling/oblivious/pgd/linf/2'])
  expect(await doubled('fgsm', 'deepfool')).toEqual([])
})

it('what is named twice is done once, a strength also as a fraction and as a decimal', async () => {
  const { runs, defences } = await prepared({ attacks: ['fgsm'], threat: ['oblivious'], eps: [4 / 255, 0.0156862745], baselines: ['median', 'median'], checks: false })
  expect(runs.map(({ id }) => id)).toEqual(['oblivious/fgsm/linf/4'])
  expect(defences).toEqual(['none', 'purifier', 'median'])
})

it('an attack that knows the other norm alone is given a ball of like size, each once', async () => {
  const { runs } = await prepared({ attacks: ['fgsm', 'pgd'], norm: 'l2', eps: [0.5, 1, 2], threat: ['oblivious'] })
  const fgsm = runs.filter(({ attack }) => attack === 'fgsm')
  expect(fgsm.map(({ norm, epsilon }) => [norm, epsilon])).toEqual([0.5, 1, 2].map((radius) => ['linf', radius / side]))
  expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length)
})

it('without a purifier, answers are asked for once: the bare classifier is the whole model', async () => {
  const bundle = await writeMaskedBundle(join(home, 'masked'), scaledBy(1))
  const asked = { bundle, attacks: ['pgd', 'square'], threat: ['oblivious', 'blackbox'] } satisfies Partial<JobParametersInput['audit']>
  expect((await ids(asked)).filter((id) => id.includes('square'))).toEqual(['blackbox/square/linf/2', 'blackbox/square/linf/6'])
  expect((await ids({ ...asked, bundle: place.bundle })).filter((id) => id.includes('square'))).toEqual(['oblivious/square/linf/2', 'oblivious/square/linf/6', 'blackbox/square/linf/2', 'blackbox/square/linf/6'])
})

it('two bundles of one id keep apart by their hashes; one bundle twice is refused', async () => {
  const other = join(home, 'namesake')
  cpSync(place.bundle, other, { recursive: true })
  // The same purifier in a file that differs.
  const bytes = writeModel({ ...readModel(new Uint8Array(readFileSync(join(other, 'purifier.onnx')))), producer: 'another' })
  writeFileSync(join(other, 'purifier.onnx'), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await updateManifest(other, (manifest) => ({ ...manifest, purifier: { ...manifest.purifier!, sha256 } }))
  const { defences } = await prepared({ compare: [place.bundle, other], baselines: [] })
  expect(defences.slice(2)).toEqual([expect.stringMatching(/^bundle:tiny-[0-9a-f]{6}$/), `bundle:tiny-${sha256.slice(0, 6)}`])
  expect(new Set(defences).size).toBe(4)
  await expect(prepared({ compare: [other, other] })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('named twice') as string })
})

it('a class of answers that exclude one another is no finding of its own', async () => {
  const bundle = join(home, 'exclusive')
  cpSync(place.bundle, bundle, { recursive: true })
  await updateManifest(bundle, (manifest) => ({ ...manifest, classifier: { ...manifest.classifier, output: 'softmax' } }))
  await expect(prepared({ bundle, finding: 'noisy' })).rejects.toMatchObject({ code: 'invalid-arguments', message: expect.stringContaining('exclude one another') as string })
})

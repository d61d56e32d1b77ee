/** Scores chosen by attacking local scans, on a bundle of milliseconds, and what that changes in the bundle. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pipelineTarget } from '../../../src/engine/attacks/target'
import { loadBundle } from '../../../src/engine/bundle/load'
import { updateManifest, writeBundle } from '../../../src/engine/bundle/write'
import { calibrateBundle, setAside } from '../../../src/engine/calibration/calibrate'
import { Sample } from '../../../src/engine/calibration/sample'
import { GraphBuilder } from '../../../src/engine/onnx/builder'
import { createSession } from '../../../src/engine/runtime/session'
import { createScreener } from '../../../src/engine/screening/screener'
import { Random } from '../../../src/engine/tensor/random'
import { float32 } from '../../../src/engine/tensor/tensor'
import { temporaryFolder } from '../bundle/fixtures'
import { classifierModel, draft, purifierModel, scanValues, side, tampered, unit } from '../screening/tiny-bundle'

const stack = (images: Float32Array[]): Float32Array => Float32Array.from(images.flatMap((image) => [...image]))
const scans = Array.from({ length: 80 }, (_, i) => unit(scanValues(i)))

async function bundleWithEmbedding(): Promise<string> {
  const folder = join(await temporaryFolder(), 'tiny')
  await writeBundle(folder, draft, { classifier: classifierModel(), purifier: purifierModel({ embedding: true }), card: '# Tiny\n\n## Detector\n\nOld words.\n\n## Limits\n\nKept.\n' })
  return folder
}

describe('calibrating with a choice of scores', () => {
  it('chooses by attacks on scans that stand behind no p-value, says so on the card, and repeats itself', async () => {
    const folder = await bundleWithEmbedding()
    const told: number[] = []
    const options = { label: 'local', provider: 'cpu' as const, progress: (at: object) => ('choice' in at ? told.push(at.choice as number) : undefined) }
    const { detector } = await calibrateBundle(folder, scans, options)
    expect(detector.choice).toMatchObject({ scans: 24 })
    expect(detector.calibration.scores).toHaveLength(56)
    expect(detector.choice!.candidates.map(({ name }) => name)).toContain('embedding')
    expect(detector.choice!.attacks).toContain('PGD-10 at 2/255')
    expect(detector.choice!.together.found).toBeGreaterThanOrEqual(detector.choice!.candidates[0]!.found - 0.01)
    expect(told.at(-1)).toBe(1)
    expect([...told].sort((a, b) => a - b)).toEqual(told)

    const card = await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')
    expect(card).not.toContain('Old words')
    expect(card).toContain('| **together** |')
    expect(card).toContain('## Limits\n\nKept.')

    const again = await calibrateBundle(folder, stack(scans), { label: 'local', provider: 'cpu' })
    expect({ ...again.detector, calibration: { ...again.detector.calibration, date: '' } }).toEqual({ ...detector, calibration: { ...detector.calibration, date: '' } })

    // Kept scores get new thresholds alone, and what was measured of them stays.
    const kept = await calibrateBundle(folder, scans.slice(0, 40), { label: 'fewer', provider: 'cpu', choose: false })
    expect(kept.detector.scores.map(({ name }) => name)).toEqual(detector.scores.map(({ name }) => name))
    expect(kept.detector).toMatchObject({ combine: detector.combine, choice: detector.choice })
    expect(kept.detector.calibration.scores).toHaveLength(32)
  })

  it('screens and is differentiated alike, whichever scores were chosen', async () => {
    const folder = await bundleWithEmbedding()
    await calibrateBundle(folder, scans.slice(0, 30), { label: 'few', provider: 'cpu', choose: false })
    await updateManifest(folder, (manifest) => ({
      ...manifest,
      detector: { ...manifest.detector!, combine: 'sum', scores: [{ name: 'embedding', median: -9, scale: 1.5 }, { name: 'novelty', median: 0.2, scale: 0.2 }, { name: 'divergence', median: -6, scale: 2 }] },
    }))
    const bundle = await loadBundle(folder)
    const screener = await createScreener(bundle, { provider: 'cpu' })
    const x = stack([unit(scanValues(7)), unit(tampered(scanValues(8), 6, 1))])
    const expected = await screener.screen(x)
    await screener.release()
    const g = new GraphBuilder()
    g.output('score', pipelineTarget(bundle, 'cpu').suspicion!(g, g.input('x', [2, 1, side, side])))
    const session = await createSession(g.toBytes(), { provider: 'cpu' })
    const found = (await session.run({ x: float32([2, 1, side, side], x) }))['score']!.data as Float32Array
    await session.release()
    expected.forEach(({ score, components }, i) => {
      expect(Math.abs(found[i]! - score)).toBeLessThan(2e-3 * Math.max(1, score))
      expect(score).toBeCloseTo(Object.values(components).reduce((sum, value) => sum + Math.max(0, value), 0), 6)
    })
    expect(expected[1]!.score).toBeGreaterThan(expected[0]!.score)

    // The same detector in front of a purifier that lacks the output is refused with what to do.
    await writeBundle(folder, { ...draft, detector: bundle.manifest.detector }, { classifier: classifierModel(), purifier: purifierModel() })
    const lacking = await createScreener(await loadBundle(folder), { provider: 'cpu' })
    await expect(lacking.screen(x)).rejects.toMatchObject({ code: 'bundle-invalid', message: expect.stringContaining('calibrate it again') })
    await lacking.release()
  })

  it('keeps the plain scores where there are too few scans to choose on, and says so', async () => {
    const folder = await bundleWithEmbedding()
    const { detector, warnings } = await calibrateBundle(folder, scans.slice(0, 40), { label: 'few', provider: 'cpu' })
    expect(detector.scores.map(({ name }) => name)).toEqual(['residual', 'disagreement'])
    expect(detector.choice).toBeUndefined()
    expect(warnings.join(' ')).toContain('40 scans are too few to choose scores on')
    expect(setAside(40, true)).toEqual({ count: 8, choose: false })
    const nearly = await calibrateBundle(folder, scans.slice(0, 40), { label: 'few', provider: 'cpu', spare: stack(scans.slice(40, 59)) })
    expect(nearly.detector.choice).toBeUndefined()
    expect(setAside(1000, true)).toEqual({ count: 64, choose: true })
  })

  it('chooses on further scans where there are any, and lets all others stand behind the p-values', async () => {
    const folder = await bundleWithEmbedding()
    const { detector, warnings } = await calibrateBundle(folder, scans.slice(0, 40), { label: 'few', provider: 'cpu', spare: stack(scans.slice(40, 64)) })
    expect(detector.choice).toMatchObject({ scans: 24 })
    expect(detector.calibration.scores).toHaveLength(40)
    expect(warnings.join(' ')).not.toContain('too few to choose')
    // The same scores, standardised on the same scans, whichever scans are calibrated on.
    const other = await calibrateBundle(folder, scans.slice(64, 100), { label: 'others', provider: 'cpu', spare: stack(scans.slice(40, 64)) })
    expect(other.detector.scores).toEqual(detector.scores)
  })

  it('compares later scans with those that the models learned from', async () => {
    const folder = await bundleWithEmbedding()
    const options = { label: 'first', provider: 'cpu' as const, choose: false }
    const first = await calibrateBundle(folder, scans, { ...options, learnedFrom: true })
    expect(first.detector.trainedOn).toEqual(first.detector.appearance)
    const like = await calibrateBundle(folder, Array.from({ length: 40 }, (_, i) => unit(scanValues(500 + i))), options)
    expect(like.warnings.filter((warning) => warning.includes('look unlike'))).toEqual([])
    expect(like.detector.trainedOn).toEqual(first.detector.appearance)
    const negatives = await calibrateBundle(folder, scans.map((image) => image.map((v) => 1 - v)), options)
    expect(negatives.warnings[0]).toContain('look unlike those that the models learned from')
    // By now the bundle knows the negatives, and the scans of before are the strange ones.
    const screener = await createScreener(await loadBundle(folder), { provider: 'cpu' })
    const [old, negative] = await screener.screen(stack([scans[3]!, scans[3]!.map((v) => 1 - v)]))
    await screener.release()
    expect([old!.unfamiliar, negative!.unfamiliar]).toEqual([true, false])
  })

  it('stops when told, and leaves the bundle as it was', async () => {
    const folder = await bundleWithEmbedding()
    await writeFile(join(folder, 'before.json'), await readFile(join(folder, 'bundle.json')))
    const cancel = new AbortController()
    const choosing = calibrateBundle(folder, scans, { label: 'local', provider: 'cpu', signal: cancel.signal, progress: (at) => ('choice' in at ? cancel.abort() : undefined) })
    await expect(choosing).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readFile(join(folder, 'bundle.json'), 'utf8')).toBe(await readFile(join(folder, 'before.json'), 'utf8'))
  })
})

describe('the sample of a stream', () => {
  it('takes every place about equally often, whatever the order', () => {
    const counts = new Array<number>(20).fill(0)
    for (let trial = 0; trial < 4000; trial++) {
      const sample = new Sample(5, new Random(trial))
      for (let i = 0; i < 20; i++) sample.offer(Float32Array.of(i))
      expect(sample.images.map(([value]) => value)).toEqual(sample.places)
      for (const place of sample.places) counts[place]!++
    }
    // A quarter of 4000, six standard deviations either way.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(4000 * 0.25 * 0.75))
  })
})

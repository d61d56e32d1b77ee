/** Scores chosen by attacking local scans, on a bundle of milliseconds, and what that changes in the bundle. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pipelineTarget } from '../../../src/engine/attacks/target'
import { loadBundle } from '../../../src/engine/bundle/load'
import { updateManifest, writeBundle } from '../../../src/engine/bundle/write'
import { choosersOf, setAside, standardisers } from '../../../src/engine/calibration/aside'
import { Sample } from '../../../src/engine/calibration/sample'
import { calibrateBundle } from '../../../src/engine/calibration/write-calibration'
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
    const { detector, choice } = await calibrateBundle(folder, scans, options)
    expect(choice).toEqual(detector.choice)
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

    // They are figures of other scans: told as such on the card, and not by the calibration that kept them.
    const { date } = again.detector.calibration
    expect([kept.choice, kept.detector.choice!.kept]).toEqual([null, { label: 'local', date }])
    expect(await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain(`The scores are those of an earlier calibration (local, ${date.slice(0, 10)}), chosen then on 24 untouched scans`)
    const later = await calibrateBundle(folder, scans.slice(40), { label: 'later', provider: 'cpu', choose: false })
    expect(later.detector.choice!.kept).toEqual({ label: 'local', date })
  })

  it('is not compared with a calibration on the same scans, which knows them, and warns where that one chose on them', async () => {
    const folder = await bundleWithEmbedding()
    const on = (some: Float32Array[], choose: boolean) => calibrateBundle(folder, some, { label: 'local', provider: 'cpu', choose })
    await on(scans, true)
    const again = await on(scans, false)
    expect(again.earlier).toBeNull()
    expect(again.warnings.join(' ')).toContain('These are the scans of the calibration before')
    const others = await on(Array.from({ length: 80 }, (_, i) => unit(scanValues(500 + i))), false)
    expect(others.earlier).toMatchObject({ flagged: { of: 80 } })
    expect(others.warnings.join(' ')).not.toContain('These are the scans')
  })

  it('asks whether it can write before it looks at a scan', async () => {
    const folder = await bundleWithEmbedding()
    // In the way of what is written to find out: the tests may run as root, whom no permission stops.
    await mkdir(join(folder, `.assay-${process.pid}.tmp`))
    let asked = 0
    function* watched() {
      asked++
      yield* scans
    }
    await expect(calibrateBundle(folder, watched(), { label: 'local', provider: 'cpu', choose: false })).rejects.toMatchObject({ code: 'output-not-writable' })
    expect(asked).toBe(0)
  })

  it.each(['classifier', 'purifier'] as const)('writes nothing where the %s was replaced meanwhile', async (part) => {
    const folder = await bundleWithEmbedding()
    let replaced: Promise<unknown> | undefined
    const files = { classifier: classifierModel(), purifier: purifierModel({ embedding: true }), [part]: purifierModel() }
    async function* slow() {
      yield* scans.slice(0, 20)
      replaced ??= writeBundle(folder, draft, files)
      await replaced
      yield* scans.slice(20, 40)
    }
    await expect(calibrateBundle(folder, slow(), { label: 'local', provider: 'cpu', choose: false })).rejects.toMatchObject({ code: 'bundle-hash-mismatch', message: expect.stringContaining('calibrate the bundle again') })
    expect((await loadBundle(folder)).manifest.detector).toBeUndefined()
    expect(await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain('Old words')
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

describe('scans of one patient', () => {
  const patients = (count: number, of: number) => Array.from({ length: count }, (_, i) => `p${i % of}`)

  it('are never among those that choose or standardise and those behind the p-values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 5, maxLength: 300 }), fc.nat(), (drawn, seed) => {
        const groups = drawn.map(String)
        fc.pre(new Set(groups).size > 1)
        const order = new Random(seed).shuffle(groups.map((_, i) => i))
        const choosing = choosersOf(groups, order.slice(0, 64), setAside(groups.length, true).count)
        for (const aside of [standardisers(groups, order, setAside(groups.length, false).count), ...(choosing ? [choosing.aside] : [])]) {
          const known = new Set(aside.map((place) => groups[place]))
          const behind = groups.filter((_, place) => !aside.includes(place))
          expect(behind.some((group) => known.has(group))).toBe(false)
          expect([aside.length > 0, behind.length > 0, new Set(aside).size]).toEqual([true, true, aside.length])
        }
        if (choosing) expect(choosing.aside).toEqual(expect.arrayContaining(choosing.choosers))
      }),
    )
  })

  it('are set aside like single ones where each is of another', () => {
    const order = new Random(1).shuffle(scans.map((_, i) => i))
    const alone = scans.map((_, i) => `#${i}`)
    expect(standardisers(alone, order, 16)).toEqual(order.slice(0, 16))
    expect(choosersOf(alone, order.slice(0, 64), 24)).toEqual({ aside: order.slice(0, 24), choosers: order.slice(0, 24) })
  })

  it('are set aside together, and few patients are warned of', async () => {
    const folder = await bundleWithEmbedding()
    const groups = patients(80, 40)
    const { detector, warnings } = await calibrateBundle(folder, scans, { label: 'pairs', provider: 'cpu', groups: () => groups })
    expect(detector.choice!.scans).toBe(24)
    expect(detector.calibration.scores).toHaveLength(56)
    expect(warnings.join(' ')).toContain('56 scans of 28 patients stand behind the calibration')
    // Four people are too few to choose on, whatever the number of their scans; one cannot be parted.
    const four = await calibrateBundle(folder, scans, { label: 'four', provider: 'cpu', groups: () => patients(80, 4) })
    expect(four.choice).toBeNull()
    expect(four.warnings.join(' ')).toMatch(/80 scans of 4 patients are too few to choose.*60 scans of 3 patients stand behind/)
    const one = await calibrateBundle(folder, scans, { label: 'one', provider: 'cpu', groups: () => patients(80, 1) })
    expect(one.warnings.join(' ')).toContain('64 scans of 1 patient stand behind')
    const singles = await calibrateBundle(folder, scans, { label: 'singles', provider: 'cpu', choose: false })
    expect(singles.warnings.join(' ')).not.toContain('stand behind the calibration, and')
  })

  it('count once where they are the same picture', async () => {
    const folder = await bundleWithEmbedding()
    const options = { label: 'local', provider: 'cpu' as const, choose: false }
    const once = await calibrateBundle(folder, scans.slice(0, 40), options)
    const copied = await calibrateBundle(folder, [...scans.slice(0, 40), ...scans.slice(3, 20)], options)
    expect(copied.detector.calibration.scores).toEqual(once.detector.calibration.scores)
    expect(copied.warnings.join(' ')).toContain('17 scans are exact copies of others')
  })
})

describe('the sample of a stream', () => {
  it('takes every place about equally often, whatever the order', () => {
    const counts = new Array<number>(20).fill(0)
    for (let trial = 0; trial < 4000; trial++) {
      const sample = new Sample(5, new Random(trial))
      for (let i = 0; i < 20; i++) sample.offer(Float32Array.of(i))
      expect(sample.images.size).toBe(5)
      for (const [place, image] of sample.images) {
        expect([...image]).toEqual([place])
        counts[place]!++
      }
    }
    // A quarter of 4000, six standard deviations either way.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(4000 * 0.25 * 0.75))
  })

  it('draws groups, and keeps a few images of each', () => {
    const sample = new Sample(10, new Random(3))
    for (let i = 0; i < 600; i++) sample.offer(Float32Array.of(i), `p${i % 30}`)
    const groups = [...sample.images.keys()].map((place) => place % 30)
    expect(new Set(groups).size).toBe(10)
    expect(groups).toHaveLength(40)
    expect([...sample.images].every(([place, image]) => image[0] === place)).toBe(true)
  })
})

/**
 * The table of before and after, on a classifier whose answers are known by hand: it calls an image noisy by its mean
 * absolute Laplacian, and the purifier is a mean of 3 × 3.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBundle, type LoadedBundle } from '../../../src/engine/bundle/load'
import { writeBundle } from '../../../src/engine/bundle/write'
import type { JobContext } from '../../../src/engine/jobs/definition'
import { measureBeforeAfter } from '../../../src/engine/training/before-after'
import type { LabelledImages } from '../../../src/engine/training/training-data'
import { trainingHooks } from '../../../src/engine/training/training-run'
import { beforeAfterSchema } from '../../../src/shared/training-record'
import { AssayError } from '../../../src/shared/errors'
import { classifierModel, draft, scanValues, side, tampered, unit, writeTinyBundle } from '../screening/tiny-bundle'

let home: string
let whole: LoadedBundle
let bare: LoadedBundle

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-before-after-'))
  whole = await loadBundle(await writeTinyBundle(home, 60))
  const { purifier: _none, ...rest } = draft
  await writeBundle(join(home, 'bare'), { ...rest, id: 'bare' }, { classifier: classifierModel() })
  bare = await loadBundle(join(home, 'bare'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** Three smooth images and one with noise. */
function images(): LabelledImages {
  const all = [0, 1, 2].map((n) => unit(scanValues(n)))
  const x = new Float32Array(4 * side * side)
  ;[...all, unit(tampered(scanValues(3), 5, 3))].forEach((values, i) => x.set(values, i * side * side))
  return { x, labels: Int32Array.of(0, 0, 0, 1), size: { channels: 1, height: side, width: side }, classes: ['smooth', 'noisy'] }
}

const options = { images: images(), part: 'validation' as const, provider: 'cpu' as const, signal: new AbortController().signal }

describe('before and after', () => {
  it('has one row of the classifier where it is the same, and one of the purifier that came', async () => {
    const seen: [number, number][] = []
    const { rows, images: n, part } = await measureBeforeAfter({ ...options, before: bare, after: whole, progress: (done, total) => void seen.push([done, total]) })
    expect([n, part]).toEqual([4, 'validation'])
    expect(rows.map(({ when, purified }) => [when, purified])).toEqual([['both', false], ['after', true]])
    const [alone, behind] = rows
    expect(alone!.clean).toEqual({ count: 4, of: 4 })
    // The mean of 3 × 3 takes the noise away: the noisy image is smooth behind it.
    expect(behind!.clean).toEqual({ count: 3, of: 4 })
    expect(behind!.balancedAccuracy).toBeCloseTo(0.5, 6)
    expect(alone!.attacked.map(({ epsilon }) => Math.round(255 * epsilon))).toEqual([2, 4])
    // 4/255 on every pixel make any smooth image noisy, though not the noisy one smooth; the mean undoes it.
    expect(alone!.attacked[1]!.oblivious.count).toBe(1)
    expect(behind!.attacked[1]!.oblivious.count).toBe(3)
    expect(behind!.attacked.map(({ adaptive }) => adaptive?.of)).toEqual([4, undefined])
    expect(alone!.attacked[0]!.adaptive).toBeNull()
    expect([alone!.flagged, behind!.flagged?.alpha]).toEqual([null, 0.05])
    expect(behind!.flagged!.attacked[1]!.flagged.count).toBe(4)
    expect(seen.at(-1)).toEqual([3, 3])
  })

  it('has both purifiers where there was one, and a classifier alone where there is nothing else', async () => {
    expect((await measureBeforeAfter({ ...options, before: whole, after: { ...whole } })).rows.map(({ when, purified }) => [when, purified])).toEqual([['both', false], ['before', true], ['after', true]])
    const { rows } = await measureBeforeAfter({ ...options, before: null, after: bare })
    expect(rows.map(({ when, purified }) => [when, purified])).toEqual([['after', false]])
  })

  it('has no rows of a bundle from before that answers to other classes', async () => {
    const others = { ...whole, manifest: { ...whole.manifest, classes: ['smooth', 'noisy', 'other'] } }
    expect((await measureBeforeAfter({ ...options, before: others, after: bare })).rows.map(({ when }) => when)).toEqual(['after'])
  })

  it('does not say how many untouched images are flagged of those that set the thresholds', async () => {
    const own = Array.from({ length: 60 }, (_, i) => unit(scanValues(1000 + i)))
    const x = Float32Array.from(own.flatMap((values) => [...values]))
    const measured = await measureBeforeAfter({ ...options, images: { ...options.images, x, labels: new Int32Array(60) }, before: null, after: whole })
    const flagged = measured.rows.map((row) => row.flagged)
    expect(flagged).toMatchObject([null, { clean: null, attacked: [{ flagged: { of: 60 } }, {}] }])
    expect(beforeAfterSchema.parse(measured)).toEqual(measured)
    expect((await measureBeforeAfter({ ...options, before: null, after: whole })).rows[1]!.flagged!.clean).toMatchObject({ of: 4 })
  })

  it('is missing with a warning where it cannot be measured, and ends its training only when that is cancelled', async () => {
    const hooks = trainingHooks({ signal: options.signal, progress: () => undefined } as unknown as JobContext, false)
    const failing = (code: 'runtime-failed' | 'cancelled') => hooks.beforeAfter({ ...options, before: null, after: bare, attacked: () => Promise.reject(new AssayError(code, 'Out of memory; close something.')) })
    expect(await failing('runtime-failed')).toEqual({ beforeAfter: null, warnings: [expect.stringMatching(/before and after is missing.*: Out of memory; close something\.$/)] })
    await expect(failing('cancelled')).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('takes images that were attacked already', async () => {
    const asked: number[] = []
    const { rows } = await measureBeforeAfter({ ...options, before: null, after: bare, attacked: async (images, k) => (asked.push(k), images) })
    expect(asked).toEqual([2, 4])
    expect(rows[0]!.attacked.map(({ oblivious }) => oblivious.count)).toEqual([4, 4])
  })

  it('ends when it is cancelled', async () => {
    await expect(measureBeforeAfter({ ...options, before: null, after: bare, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  })
})

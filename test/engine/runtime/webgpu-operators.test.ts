/**
 * Every operator on WebGPU against the CPU: answers and gradients on random shapes, attributes and operator sets. One
 * draw of each, many to a graph, since this adapter is slow; `ASSAY_PROPERTY_RUNS` draws more, each with a graph of its
 * own and from a new seed, runs the foreign model too, and takes those shapes that kernels are specialised on as well (of
 * these, webgpu-mended.test.ts has the ones that were wrong).
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byDomain, byFamily } from '../autodiff/properties/cases'
import { Draw, type Cases } from '../autodiff/properties/draw'
import type { Drawn } from '../autodiff/properties/harness'
import { haveAdapter } from './software-adapter'
import { foreignDifferences, splicedDifferences, typedDifferences, type Differences } from './webgpu-compared'
import { largeCases, typedCases } from './webgpu-shapes'

const more = Number(process.env.ASSAY_PROPERTY_RUNS ?? 0)
const seedOf = (name: string): number => [...name].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 11)

/** Sums are added up in another order, and gradients are longer sums. Where numbers are rounded to steps, one step. */
function small(differences: Differences | undefined, steps: (name: string) => number | undefined): void {
  for (const [name, apart] of Object.entries(differences ?? {})) expect(apart, name).toBeLessThan(Math.max(steps(name) ?? 0, name.includes('gradient') ? 2e-3 : 5e-4))
}

/** The last of a few, which fast-check draws ever larger. */
function one<T>(name: string, draw: (d: Draw) => T): T {
  let last: T | undefined
  fc.assert(fc.property(fc.gen(), (gen) => void (last = draw(new Draw(gen)))), { numRuns: 4, seed: seedOf(name) })
  return last!
}

const groups: Record<string, Cases> = {
  ...byFamily,
  ...Object.fromEntries(Object.entries(byDomain).map(([domain, cases]) => [`written with others (${domain || 'ai.onnx'})`, cases])),
  ...(more ? { 'shapes that kernels are specialised on': largeCases } : {}),
}

describe.skipIf(!haveAdapter)('WebGPU answers what the CPU answers', { timeout: more ? 3_600_000 : 120_000 }, () => {
  for (const [group, cases] of Object.entries(groups)) {
    if (more)
      for (const [op, draw] of Object.entries(cases))
        it(`${group}: ${op}`, () =>
          fc.assert(
            fc.asyncProperty(fc.gen(), async (gen) => {
              const drawn = draw(new Draw(gen))
              small(await foreignDifferences(drawn), () => drawn.step)
              small(await splicedDifferences({ [op]: drawn }), () => drawn.step)
            }),
            { numRuns: more },
          ))
    else
      it(group, async () => {
        const drawn: Record<string, Drawn> = Object.fromEntries(Object.entries(cases).map(([op, draw]) => [op, one(`${group}.${op}`, draw)]))
        const found = await splicedDifferences(drawn)
        expect(found, 'the CPU takes all of them').toBeDefined()
        small(found, (name) => drawn[name.split(':')[0]!]?.step)
      })
  }
  for (const [name, draw] of Object.entries(typedCases))
    it(`other types: ${name}`, () =>
      fc.assert(
        fc.asyncProperty(fc.gen(), async (gen) => small(await typedDifferences(draw(new Draw(gen))), () => undefined)),
        more ? { numRuns: more } : { numRuns: 3, seed: seedOf(name) },
      ))
})

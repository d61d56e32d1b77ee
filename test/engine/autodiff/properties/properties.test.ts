/**
 * Every operator of the registry and of the table of rewrites, on random shapes, attributes and operator sets: gradient
 * against finite differences, forward against ONNX Runtime on the foreign model. `ASSAY_PROPERTY_RUNS` draws more, and
 * then from a new seed.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { families } from '../../../../src/engine/autodiff/registry'
import { rewrites } from '../../../../src/engine/onnx/rewrite'
import { byDomain, byFamily } from './cases'
import { Draw, type Case } from './draw'
import { check } from './harness'

const more = Number(process.env.ASSAY_PROPERTY_RUNS ?? 0)
const seedOf = (name: string): number => [...name].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 7)

const holds = (name: string, draw: Case) =>
  fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => check(draw(new Draw(gen)))),
    more ? { numRuns: more } : { numRuns: 30, seed: seedOf(name) },
  )

describe('there is a case for every operator', () => {
  it('of the registry', () => {
    for (const [family, rules] of Object.entries(families)) expect(Object.keys(byFamily[family] ?? {}).sort(), family).toEqual(rules.map((r) => r.op).sort())
  })
  it('that is written with others while a model is read', () => {
    const inRegistry = new Set(Object.values(families).flatMap((rules) => rules.map((r) => r.op)))
    for (const [domain, list] of Object.entries(rewrites)) {
      const own = list.map((r) => r.op).filter((op) => domain !== '' || !inRegistry.has(op))
      // A case of the registry's own draws old operator sets too; Hardmax has no gradient, and a test of its own.
      expect(Object.keys(byDomain[domain] ?? {}).sort(), domain || 'ai.onnx').toEqual(own.filter((op) => op !== 'Hardmax').sort())
    }
  })
})

for (const [family, cases] of Object.entries({ ...byFamily, ...Object.fromEntries(Object.entries(byDomain).map(([domain, c]) => [`written with others (${domain || 'ai.onnx'})`, c])) }))
  describe(family, () => {
    for (const [op, draw] of Object.entries(cases)) it(op, () => holds(`${family}.${op}`, draw), more ? 600_000 : 30_000)
  })

/** Which audits can still be gone on with, so that a retention leaves them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isInterruptedAudit } from '../../../src/engine/audit/interrupted'
import { aJob } from '../../support/scripted-service'
import { audit, workplace } from './tiny-audit'

it('an audit that was stopped can go on while its results are there, until a later job has finished it', async () => {
  const place = await workplace(mkdtempSync(join(tmpdir(), 'assay-audit-interrupted-')), 4)
  const out = join(place.home, 'out')
  const asked = { bundle: place.bundle, data: place.data, attacks: ['fgsm'], eps: [6 / 255], checks: false, baselines: [] } satisfies Parameters<typeof audit>[2]
  const of = (changes: object = {}, parameters: object = { ...asked, out }) => isInterruptedAudit(join(place.home, 'data'), { job: aJob({ id: 'one', kind: 'audit', state: 'cancelled', ...changes }), parameters: { ...parameters } })

  expect(await of()).toBe(false)
  const controller = new AbortController()
  await expect(audit(place, 'out', asked, { signal: controller.signal, onEvent: () => controller.abort() })).rejects.toMatchObject({ code: 'cancelled' })
  expect(await of()).toBe(true)
  expect(await of({ state: 'failed' })).toBe(true)
  expect(await of({ state: 'done' })).toBe(false)
  expect(await of({ kind: 'scan' })).toBe(false)
  // Without a folder of its own it would lie in the job's.
  expect(await of({}, asked)).toBe(false)

  await audit(place, 'out', { ...asked, resume: true })
  expect(await of()).toBe(false)
  rmSync(place.home, { recursive: true, force: true })
})

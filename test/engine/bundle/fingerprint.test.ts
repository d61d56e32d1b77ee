/** What scans and audits know their bundle again by. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseManifest, verdictFingerprint } from '../../../src/engine/bundle/manifest'
import type { Appearance } from '../../../src/shared/bundle'

const manifest = parseManifest(readFileSync(join(import.meta.dirname, '../../../models/brain-mri/bundle.json'), 'utf8'), 'bundle.json')

it('a bundle is the same to its scans and audits whether or not its devices are told, and another one with other thresholds', () => {
  const { devices: _, ...untold } = manifest.detector!.appearance!
  const fingerprintWith = (changes: object): string => verdictFingerprint({ ...manifest, detector: { ...manifest.detector!, appearance: { ...untold, ...changes } as Appearance } })
  expect(fingerprintWith({})).toBe(verdictFingerprint(manifest))
  expect(fingerprintWith({ devices: ['SIEMENS YSIO'] })).toBe(verdictFingerprint(manifest))
  expect(fingerprintWith({ threshold: 2 * untold.threshold })).not.toBe(verdictFingerprint(manifest))
})

/** Bundles made on the spot. The models are any bytes: nothing here runs them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ManifestDraft } from '../../../src/engine/bundle/write'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const draft: ManifestDraft = {
  id: 'chest-test',
  name: 'Chest test',
  modality: 'CR',
  bodyPart: 'CHEST',
  classes: ['NORMAL', 'PNEUMONIA'],
  input: { width: 16, height: 16, channels: 1, mean: [0], std: [1], intensity: { kind: 'declared-range' } },
  classifier: { output: 'logits', layout: 'nchw' },
  purifier: { loss: 'siamese' },
}

export const models = { classifier: bytesOf('the classifier'), purifier: bytesOf('the purifier') }

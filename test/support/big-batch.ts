/** A finished scan of very many files, written as the scan job would have left it: for what has to cope with thousands. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../src/engine/tensor/random'
import type { JobRecord } from '../../src/engine/jobs/records'
import type { ScanRecord } from '../../src/engine/batch/scan-folder'
import type { ScanResult } from '../../src/shared/types'

const hash = 'ab'.repeat(32)

/** Every fifth is suspicious, every fiftieth could not be read; names count backwards, so that no order comes by itself. */
export function bigResults(count: number): ScanResult[] {
  const random = new Random(1)
  return Array.from({ length: count }, (_, i): ScanResult => {
    const path = `/archive/ward-${i % 40}/study-${Math.floor(i / 40) % 25}/scan-${count - i}.dcm`
    const at = Date.UTC(2026, 0, 2) + i * 120
    if (i % 50 === 7)
      return { path, status: 'error', score: null, pValue: null, before: null, after: null, heatmap: null, at, error: { code: 'image-truncated', message: `${path} ends too early; copy it again from where it came.`, facts: { path } } }
    const suspicious = i % 5 === 0
    const share = random.next()
    const answer = (label: string) => ({ label, probabilities: label === 'clear' ? [0.9, 0.1] : [0.1, 0.9] })
    return {
      path,
      status: suspicious ? 'suspicious' : 'clean',
      score: suspicious ? 4 + 4 * share : 2 * share,
      pValue: suspicious ? 0.001 + 0.04 * share : 0.06 + 0.9 * share,
      before: answer(suspicious || i % 3 === 0 ? 'opacity' : 'clear'),
      after: answer(i % 3 === 0 ? 'opacity' : 'clear'),
      heatmap: null,
      at,
    }
  })
}

/** @returns the results */
export function writeBigBatch(dataFolder: string, jobId: string, count: number): ScanResult[] {
  const folder = join(dataFolder, 'jobs', jobId)
  const out = join(folder, 'scan')
  mkdirSync(out, { recursive: true })
  const results = bigResults(count)
  const errors = results.filter(({ status }) => status === 'error').length
  const started = Date.UTC(2026, 0, 2)
  const parameters = { paths: ['/archive'], bundle: 'tiny', alpha: 0.05, provider: 'cpu', resume: false, quiet: true, heatmaps: false }
  const job: JobRecord = {
    format: 'assay-job/1',
    job: { id: jobId, kind: 'scan', state: 'done', title: 'Scan archive', done: count, total: count, message: `${Math.ceil(count / 5)} suspicious, ${errors} could not be read`, startedAt: started, endedAt: started + 1, remainingSeconds: null, quiet: true },
    parameters,
    versions: {},
    processId: 1,
    exitCode: 3,
  }
  const record: ScanRecord = {
    format: 'assay-scan/1', version: 'test', bundle: { id: 'tiny', path: '/bundles/tiny', fingerprint: hash, classifierSha256: hash, purifierSha256: hash },
    provider: 'cpu', alpha: 0.05, heatmaps: false, captures: false, paths: ['/archive'], started: new Date(started).toISOString(),
  }
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job))
  writeFileSync(join(folder, 'output.json'), JSON.stringify({ out }))
  writeFileSync(join(out, 'job.json'), JSON.stringify(record))
  writeFileSync(join(out, 'results.jsonl'), results.map((result) => `${JSON.stringify(result)}\n`).join(''))
  return results
}

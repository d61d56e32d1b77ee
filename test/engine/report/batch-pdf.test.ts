/** The summary of a batch on paper. */
import { expect, it } from 'vitest'
import { batchPdf } from '../../../src/engine/report/batch-pdf'
import type { ScanResult } from '../../../src/shared/types'
import { havePoppler, pdfPages } from '../../support/poppler'

const answer = { label: 'opacity', probabilities: [0.1, 0.9] }
const scan = (name: string, more: Partial<ScanResult>): ScanResult => ({ path: `/scans/${name}.dcm`, status: 'clean', score: 1, pValue: 0.5, before: answer, after: answer, heatmap: null, ...more })

const pages = async (results: ScanResult[]): Promise<string> => {
  const hash = 'ab'.repeat(32)
  const counts = { total: results.length, clean: 2, suspicious: results.length - 2, error: 0 }
  const bytes = await batchPdf({ results, counts, bundle: { id: 'chest-xray', classifierSha256: hash, purifierSha256: hash }, alpha: 0.05, provider: 'cpu', started: '2026-01-02T03:04:05Z', filter: '', author: 'Assay', note: 'Research use only.' })
  return pdfPages(bytes).join('\n').replace(/\s+/g, ' ')
}

it.skipIf(!havePoppler)('says above all else how many verdicts are not to be relied on, and marks them (needs poppler)', async () => {
  const warning = 'The file says MR, and the model was made for DX.'
  const said = await pages([scan('a', { warning }), scan('b', { unfamiliar: true, warning }), scan('c', { status: 'suspicious', pValue: 0.01, warning }), scan('d', { status: 'suspicious', pValue: 0.02 })])
  expect(said).toContain(`3 verdicts not to be relied on, a finding or none; marked * where they are listed. ${warning} (3 files)`)
  expect(said).toContain('This image looks unlike those the model was calibrated on; its verdict is not to be relied on. (1 file)')
  expect(said).not.toContain('of warning more')
  expect(said.indexOf('not to be relied on')).toBeLessThan(said.indexOf('Nothing found'))
  expect(said).toMatch(/c\.dcm \*/)
  expect(said).not.toMatch(/d\.dcm \*/)
  expect(await pages([scan('a', { warning }), scan('b', { warning: 'Another.' })])).toContain('1 kind of warning more')
  expect(await pages([scan('a', {}), scan('b', {})])).not.toContain('relied')
})

it.skipIf(!havePoppler)('tells files of one name in many folders apart (needs poppler)', async () => {
  const unreadable = { status: 'error' as const, error: { code: 'file-empty' as const, message: '/scans/ward 2/c/IM0001.dcm is empty.', facts: {} } }
  const said = await pages([scan('ward 1/a/IM0001', { status: 'suspicious', pValue: 0.01 }), scan('ward 1/b/IM0001', { status: 'suspicious', pValue: 0.02 }), scan('ward 2/c/IM0001', unreadable)])
  expect(said).toMatch(/Files in \/scans Classifier/)
  expect(said).toContain('ward 1/a/IM0001.dcm 0.01 ')
  expect(said).toContain('ward 1/b/IM0001.dcm 0.02 ')
  expect(said).toContain('ward 2/c/IM0001.dcm is empty.')
  expect(said).not.toContain('/scans/ward')
  expect(await pages([scan('a', { status: 'suspicious', pValue: 0.01 })])).toMatch(/ a\.dcm 0\.01 /)
})

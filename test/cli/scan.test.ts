/** What `assay scan` says to a person in the end. */
import { expect, it } from 'vitest'
import { summary } from '../../src/cli/commands/scan'
import type { ScanReport, ScanResult } from '../../src/shared/types'

const file = (more: Partial<ScanResult>): ScanResult => ({ path: '/a.dcm', status: 'clean', score: 1, pValue: 0.5, before: null, after: null, heatmap: null, ...more })
const report = (...files: ScanResult[]): ScanReport => ({ bundle: 'chest-xray', provider: 'cpu', alpha: 0.05, files, counts: { total: files.length, clean: files.length, suspicious: 0, error: 0 } })

it('counts the verdicts that are not to be relied on, for either reason', () => {
  const warning = 'The file says MR, and the model was made for DX.'
  const said = summary(report(file({}), file({ warning }), file({ warning, unfamiliar: true }))).join('\n')
  expect(said).toContain('1 of them look unlike the images that the model was calibrated on')
  expect(said).toContain(`2 of them carry a warning, which results.csv names (${warning})`)
  expect(summary(report(file({ warning }), file({ warning: 'Another.' }))).join('\n')).toContain(`names (for example: ${warning})`)
  expect(summary(report(file({}))).join('\n')).not.toContain('relied')
})

it('lists what is suspicious from the least usual on, and which verdicts are not to be relied on', () => {
  const found = (path: string, pValue: number, more: Partial<ScanResult> = {}): ScanResult => file({ path, status: 'suspicious', pValue, ...more })
  expect(summary(report(found('/a', 0.04), found('/b', 0.005, { unfamiliar: true }), found('/c', 0.01, { warning: 'It is CT.' }))).slice(0, 3)).toEqual([
    'suspicious  p 0.005  /b  ? → ?  (not to be relied on)',
    'suspicious  p 0.01  /c  ? → ?  (not to be relied on)',
    'suspicious  p 0.04  /a  ? → ?',
  ])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answersTable, resultsTable } from '../../../src/engine/batch/results-table'
import { textCell } from '../../../src/shared/csv'
import { parseCsv } from '../../../src/engine/dataset/csv'
import type { ScanResult } from '../../../src/shared/types'

const result = (path: string): ScanResult => ({
  path,
  status: 'clean',
  score: 1.5,
  pValue: 0.25,
  before: { label: '=A1', probabilities: [0.25, 0.75] },
  after: { label: 'b', probabilities: [0.5, 0.5] },
  heatmap: null,
})

describe('the table of results', () => {
  it('has no cell that a spreadsheet would run', () => {
    const cells = parseCsv(resultsTable([result('=HYPERLINK("http://x")'), result('+1'), result('-2+3'), result('@SUM(A1)'), result('\tx'), result('\rx')], ['=A1', 'b'])).flat()
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([])
    expect(cells).toContain('\'=HYPERLINK("http://x")')
  })

  it('has all that makes a verdict doubtful', () => {
    const [, row] = parseCsv(answersTable([{ ...result('/a.dcm'), warning: 'Another modality.', unfamiliar: true }]))
    expect(row).toContain('Another modality. This image looks unlike those the model was calibrated on; its verdict is not to be relied on.')
  })

  it('gives back every path by RFC 4180', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        const [, row] = parseCsv(resultsTable([result(path)], ['a', 'b']))
        expect(row?.[0]?.replace(/^'/, '')).toBe(path.replace(/^'/, ''))
        expect(row).toHaveLength(19)
        expect(row?.at(-1)).toBe('Research use only. Not for diagnosis.')
      }),
    )
    expect(textCell('plain')).toBe('plain')
  })
})

import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pdfOf } from '../../../src/engine/report/pdf/document'
import { Sheet } from '../../../src/engine/report/pdf/sheet'
import { documentOf } from '../../../src/engine/report/sections'
import { writeReports } from '../../../src/engine/report/write'
import type { AuditReport } from '../../../src/shared/audit'
import { havePoppler, pdfInfo, pdfPages } from '../../support/poppler'
import { temporaryFolder } from '../bundle/fixtures'
import { auditReport, provenanceOf, reportExamples } from './reports'

const reportPdf = (report: AuditReport, examples = 1): Promise<Uint8Array> => pdfOf(documentOf({ report, examples: reportExamples(report, examples), provenance: provenanceOf(report) }))

const sheet = (): Promise<Sheet> => Sheet.create({ title: 't', subject: 's', author: 'a', date: '2026-01-02T03:04:05.000Z', foot: 'f' })

describe('a sheet', () => {
  it('wraps no line wider than it may be, and loses no letter', async () => {
    const page = await sheet()
    const style = { size: 9 }
    const text = `A path /data/${'very-long-folder_name/'.repeat(9)}file.dcm and ${'x'.repeat(300)} and some words behind.`
    for (const width of [40, 120, 500]) {
      const lines = page.wrap(text, style, width)
      expect(Math.max(...lines.map((line) => page.widthOf(line, style)))).toBeLessThanOrEqual(width)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }
  })

  it('says by an ellipsis that more was said than there is room for, within the width', async () => {
    const page = await sheet()
    const bold = { size: 9, bold: true }
    const lines = page.wrapWithin('MMMM'.repeat(40), bold, 60, 2)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^M+…$/)
    expect(Math.max(...lines.map((line) => page.widthOf(line, bold)))).toBeLessThanOrEqual(60)
    expect(page.wrapWithin('short', bold, 60, 2)).toEqual(['short'])
  })

  it('goes on over pages with text of any length', async () => {
    const page = await sheet()
    page.flow('word '.repeat(6000), { size: 9 })
    expect(page.doc.bufferedPageRange().count).toBeGreaterThan(4)
    expect(page.y).toBeLessThanOrEqual(page.bottom)
  })

  it('stands in for letters that the font does not have', async () => {
    expect((await sheet()).wrap('中 é', { size: 9 }, 500)).toEqual(['⟨U+4E2D⟩ é'])
  })
})

describe('report.pdf', () => {
  it('has the same bytes for the same audit', async () => {
    const report = auditReport({ attacks: ['pgd'] })
    expect(Buffer.compare(await reportPdf(report), await reportPdf(report))).toBe(0)
  })

  it.skipIf(!havePoppler)('says on each page what it is not for, however long the name of the model, and where names were cut', async () => {
    const long = 'A very long name of a model '.repeat(20).trim()
    const pages = pdfPages(await reportPdf(auditReport({ name: long, classes: ['normal', 'pneumonia and pleural effusion '.repeat(8).trim()] })))
    for (const text of pages) expect(text).toMatch(/Research use only\. Not for diagnosis\. · A very long name .*…/)
    expect(pages.join('').match(/…/g)!.length).toBeGreaterThan(pages.length)
  })

  it.skipIf(!havePoppler)('says who made it and when, on numbered pages of A4', async () => {
    const pdf = await reportPdf(auditReport())
    const info = pdfInfo(pdf)
    expect(info).toMatchObject({ Title: 'Robustness audit of Chest X-ray, pneumonia', Author: 'Assay 9.9.9', Encrypted: 'no', JavaScript: 'no' })
    expect(new Date(info['CreationDate']!).toISOString()).toBe('2026-03-04T05:06:07.000Z')
    expect(info['Page size']).toMatch(/A4/)
    const pages = pdfPages(pdf)
    expect(pages).toHaveLength(Number(info['Pages']))
    pages.forEach((text, i) => {
      expect(text).toContain(`page ${i + 1} of ${pages.length}`)
      expect(text).toContain('Research use only. Not for diagnosis.')
    })
  })

  it.skipIf(!havePoppler)('prints names in Latin, Greek and Cyrillic letters, and code points for others', async () => {
    const pages = pdfPages(await reportPdf(auditReport({ attacks: ['pgd'], classes: ['Łódź żółć', 'Πνεύμονας', 'пневмония', 'Größe é ñ', '肺炎'], name: 'Модель ε' })))
    const text = pages.join('\n')
    for (const words of ['Łódź żółć', 'Πνεύμονας', 'пневмония', 'Größe é ñ', '⟨U+80BA⟩⟨U+708E⟩', 'Robustness audit of Модель ε']) expect(text).toContain(words)
  })

  it.skipIf(!havePoppler)('repeats the head of a table on each page and tears no group without its name', async () => {
    const pages = pdfPages(await reportPdf(auditReport({ attacks: ['pgd', 'cw'], eps: Array.from({ length: 40 }, (_, i) => i + 1), threats: ['oblivious'], detector: false }), 0))
    const cells = pages.filter((text) => /^\s*(\S+\s+){0,6}\d+\/255(\s+\d+\.\d\s%){5}/m.test(text))
    expect(cells.length).toBeGreaterThan(2)
    for (const text of cells) expect(text).toMatch(/No defence\s+Purifier\s+Median 3×3\s+JPEG 75\s+5 bits/)
  })

  it.skipIf(!havePoppler)('says what the page says: every number of the worst case, all warnings, all limits', async () => {
    const report = auditReport({ warnings: 12 })
    const text = pdfPages(await reportPdf(report)).join('\n').replaceAll(/\s+/g, ' ')
    expect(text).toContain('Warnings (12)')
    for (const { robust } of report.worstCase) for (const share of Object.values(robust)) expect(text).toContain(`${(100 * share.value).toFixed(1)} %`)
    for (const limit of report.limits) expect(text).toContain(limit)
    expect(text).not.toMatch(/undefined|NaN|\[object/)
  })

  it('holds out against names of any length', async () => {
    const long = 'Ä very long name/'.repeat(300)
    const report = auditReport({ attacks: ['pgd'], name: long, path: long, classes: [long, 'b'] })
    report.warnings[0]!.message = long
    report.runs.forEach((row) => (row.title = long))
    await expect(reportPdf(report)).resolves.toBeInstanceOf(Uint8Array)
  })
})

describe('writing the reports', () => {
  it('leaves both files and nothing else', async () => {
    const folder = await temporaryFolder()
    const report = auditReport({ attacks: ['fgsm'], classes: ['a', 'b', 'c'] })
    const written = await writeReports(folder, { report, examples: [], provenance: provenanceOf(report) })
    expect(written).toEqual([join(folder, 'report.html'), join(folder, 'report.pdf')])
    expect((await readdir(folder)).sort()).toEqual(['report.html', 'report.pdf'])
    expect((await readFile(written[1]!)).subarray(0, 5).toString()).toBe('%PDF-')
  })

  it('says so where the folder cannot be written to', async () => {
    const report = auditReport({ attacks: ['fgsm'] })
    await expect(writeReports(join(await temporaryFolder(), 'absent'), { report, examples: [], provenance: provenanceOf(report) })).rejects.toMatchObject({ code: 'output-not-writable' })
  })
})

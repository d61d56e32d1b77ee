import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv, readCsv } from '../../../src/engine/dataset/csv'
import { readGroups } from '../../../src/engine/dataset/groups'
import { readLabelTable } from '../../../src/engine/dataset/label-table'
import { temporaryFolder } from '../bundle/fixtures'

it('reads any CSV that quoting can express, with commas, semicolons or tabs', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', ';', '\t', '"', '\n', '\r', ' ', 'é') })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), fc.constantFrom(',', ';', '\t'), (rows, separator) => {
      const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(separator)).join('\r\n')
      expect(parseCsv(text)).toEqual(rows)
    }),
  )
})

it('takes rows of unequal length, empty lines, any end of line and quotes within a field', () => {
  expect(parseCsv('file,label\na.png,1\r\n\r\nb.png\rc 5" x 7".png,2,more\n')).toEqual([
    ['file', 'label'],
    ['a.png', '1'],
    ['b.png'],
    ['c 5" x 7".png', '2', 'more'],
  ])
  expect(parseCsv('file;label\na.png;Infiltration|Effusion\n')[1]).toEqual(['a.png', 'Infiltration|Effusion'])
  expect(parseCsv('')).toEqual([])
  expect(parseCsv('\r\n\nfile;label\na.png;1\n')).toEqual([['file', 'label'], ['a.png', '1']])
  expect(parseCsv('\ufeffsep=;\r\nfile;label, or two\r\na.png;1\r\n')).toEqual([['file', 'label, or two'], ['a.png', '1']])
})

describe('whatever Excel saved', () => {
  const text = 'file\tlabel\r\na.png\tÜberwachung – gutartig\r\nb.png\tbösartig\r\n'
  const windows = Buffer.from(text.replaceAll('\t', ';').replaceAll('–', '\u0096'), 'latin1')
  it.each([
    ['CSV', windows],
    ['CSV UTF-8', Buffer.from(`\ufeff${text.replaceAll('\t', ';')}`)],
    ['UTF-8 without a mark', Buffer.from(text.replaceAll('\t', ','))],
    ['Unicode text', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['the same from a Mac', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('%s', async (_what, bytes) => {
    const folder = await temporaryFolder()
    const path = join(folder, 'labels.csv')
    await writeFile(path, bytes)
    const { classes, items } = await readLabelTable(path, folder)
    expect(classes).toEqual(['bösartig', 'Überwachung – gutartig'])
    expect(items.map(({ label }) => classes[label])).toEqual(['Überwachung – gutartig', 'bösartig'])
  })
})

describe('refuses', () => {
  it.each([
    ['that does not end', 'file,label\na.png,1\n"b.png,2\nc.png,1\n'],
    ['that ends in a later row', '"file","label"\n"a.png","1"\n"b.png,2\nc.png,1\n"d.png","1"\n'],
  ])('a quote %s, with its row', async (_where, table) => {
    const path = join(await temporaryFolder(), 'labels.csv')
    await writeFile(path, table)
    await expect(readCsv(path)).rejects.toMatchObject({ code: 'data-set-invalid', message: expect.stringContaining('Row 3 of') as string })
  })

  it('a table that is not there, and a manifest that cannot be read rather than to forget who belongs together', async () => {
    const folder = await temporaryFolder()
    await expect(readCsv(join(folder, 'absent.csv'))).rejects.toMatchObject({ code: 'file-not-found' })
    await writeFile(join(folder, 'manifest.csv'), 'file,group\n"a.png,1\n')
    await expect(readGroups(folder)).rejects.toMatchObject({ code: 'data-set-invalid' })
  })
})

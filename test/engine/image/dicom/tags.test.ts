import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { textDecoder } from '../../../../src/engine/image/dicom/character-set'
import { spaced } from '../../../../src/engine/image/dicom/dictionary'
import { listTags } from '../../../../src/engine/image/dicom/tags'
import type { DicomTag } from '../../../../src/shared/types'
import { dcmtk, haveDcmtk } from '../../../support/dcmtk'
import { haveShared, sharedData } from '../../../support/shared-data'
import { image, madeFile, patient, secrets, syntaxes } from './made-files'
import type { MadeElement } from './made-files'

const list = (elements: MadeElement[], patientData = true, options: Parameters<typeof madeFile>[1] = {}): Promise<DicomTag[]> =>
  listTags(madeFile(elements, options), 'scan.dcm', { patientData })
const find = (rows: DicomTag[], tag: string): DicomTag | undefined => rows.find((row) => row.tag === tag)

describe('tags', () => {
  test.each(Object.entries(syntaxes).filter(([name]) => name !== 'jpegLossless'))('have names, representations and values: %s', async (_, syntax) => {
    const rows = await list(image, true, { syntax })
    expect(find(rows, '(0002,0010)')).toMatchObject({ vr: 'UI', name: 'Transfer Syntax UID', value: syntax, depth: 0 })
    expect(find(rows, '(0010,0010)')).toEqual({ tag: '(0010,0010)', vr: 'PN', name: 'Patient Name', value: 'Grünwald^Matthias', depth: 0, private: false, hidden: false })
    expect(find(rows, '(0028,0010)')).toMatchObject({ vr: 'US', name: 'Rows', value: '3' })
    expect(find(rows, '(0028,1051)')).toMatchObject({ vr: 'DS', name: 'Window Width', value: '400' })
    expect(find(rows, '(7FE0,0010)')).toMatchObject({ vr: 'OW', value: '24 bytes, 1 frame' })
    const at = rows.findIndex(({ tag }) => tag === '(0008,1140)')
    expect(rows.slice(at, at + 4).map(({ depth, name, value }) => [depth, name, value])).toEqual([
      [0, 'Referenced Image Sequence', '1 item'],
      [1, 'Item 1', ''],
      [1, 'Referenced SOP Class UID', '1.2.840.10008.5.1.4.1.1.2'],
      [1, 'Referenced SOP Instance UID', '1.2.3.4.6'],
    ])
  })

  test('of makers are named by them', async () => {
    const rows = await list([...image, [0x00091004, 'SH', 'CT'], [0x00091099, 'LO', 'x'], [0x00290010, 'LO', 'NOBODY KNOWS'], [0x00291001, 'LO', 'x'], [0x00311001, 'LO', 'x']])
    const named = rows.filter((row) => row.private).map(({ tag, name }) => `${tag} ${name}`)
    expect(named).toEqual([
      '(0009,0010) Private Creator',
      '(0009,1001) GEMS_IDEN_01, element 01: Full Fidelity',
      '(0009,1004) GEMS_IDEN_01, element 04: Product Id',
      '(0009,1099) GEMS_IDEN_01, element 99',
      '(0029,0010) Private Creator',
      '(0029,1001) NOBODY KNOWS, element 01',
      '(0031,1001) Private, of an unknown maker',
    ])
  })

  test('of repeating groups have names too', async () => {
    const rows = await list([[0x60020010, 'US', 3], [0x60023000, 'OW', new Uint8Array(2)], [0x50000005, 'US', 2]])
    expect(rows.slice(-3).map(({ name }) => name)).toEqual(['Curve Dimensions (retired)', 'Overlay Rows', 'Overlay Data'])
  })

  test('show numbers as numbers, and what is long by its beginning', async () => {
    const numbers = (_vr: string, fill: (view: DataView) => void, size: number): Uint8Array => {
      const bytes = new Uint8Array(size)
      fill(new DataView(bytes.buffer))
      return bytes
    }
    const rows = await list([
      [0x00186020, 'SL', numbers('SL', (view) => view.setInt32(0, -7, true), 4)],
      [0x00189087, 'FD', numbers('FD', (view) => view.setFloat64(0, 0.1, true), 8)],
      [0x00189073, 'FD', numbers('FD', (view) => [1.5, -2].forEach((value, i) => view.setFloat64(8 * i, value, true)), 16)],
      [0x00200012, 'IS', '12'],
      [0x00209167, 'AT', numbers('AT', (view) => [0x0020, 0x9111].forEach((value, i) => view.setUint16(2 * i, value, true)), 4)],
      [0x00281101, 'US', numbers('US', (view) => [256, 0, 16].forEach((value, i) => view.setUint16(2 * i, value, true)), 6)],
      [0x00282000, 'OB', new Uint8Array(1234)],
      [0x00480107, 'UT', 'x'.repeat(1000)],
      [0x0070000a, 'FL', numbers('FL', (view) => view.setFloat32(0, 0.1, true), 4)],
      [0x00700022, 'FL', new Uint8Array(4000)],
    ])
    const value = (tag: string): string | undefined => find(rows, tag)?.value
    expect(value('(0018,6020)')).toBe('-7')
    expect(value('(0018,9087)')).toBe('0.1')
    expect(value('(0018,9073)')).toBe('1.5\\-2')
    expect(value('(0020,9167)')).toBe('(0020,9111)')
    expect(value('(0028,1101)')).toBe('256\\0\\16')
    expect(value('(0028,2000)')).toBe('1,234 bytes')
    expect(value('(0048,0107)')).toBe(`${'x'.repeat(200)}… (1,000 bytes)`)
    expect(value('(0070,000A)')).toBe('0.1')
    expect(value('(0070,0022)')).toMatch(/^0\\0\\.*… \(1,000 values\)$/)
  })

  test('tell compressed pixels by fragments and frames', async () => {
    const fragments = [new Uint8Array(8), new Uint8Array(100), new Uint8Array(50)]
    const rows = await list([...patient, [0x00280008, 'IS', '2']], true, { syntax: syntaxes.jpegLossless, fragments })
    expect(rows.at(-1)).toMatchObject({ tag: '(7FE0,0010)', value: '158 bytes in 2 fragments, 2 frames' })
  })

  test('withhold what tells of a person unless it is asked for', async () => {
    const rows = await list(image, false)
    const text = JSON.stringify(rows.map(({ value }) => value))
    for (const secret of secrets) expect(text).not.toContain(secret)
    for (const tag of ['(0010,0010)', '(0010,0030)', '(0020,000D)', '(0008,0080)', '(0009,1001)', '(0009,0010)', '(0002,0003)']) expect(find(rows, tag)).toMatchObject({ hidden: true, value: '' })
    expect(find(rows, '(0028,0010)')).toMatchObject({ hidden: false, value: '3' })
    expect(find(rows, '(0008,0070)')).toMatchObject({ hidden: false, value: 'Scanner Works' })
    // In sequences too: of one that goes as a whole, everything; of one that stays, what the profile names.
    expect(rows.filter(({ tag }) => tag === '(0040,0007)')).toMatchObject([{ depth: 1, hidden: true, value: '' }])
    expect(rows.filter(({ tag }) => tag === '(0008,1155)')).toMatchObject([{ depth: 1, hidden: true, value: '' }])
    expect(rows.filter(({ tag }) => tag === '(0008,1150)')).toMatchObject([{ depth: 1, hidden: false }])
    expect((await list(image, true)).every(({ hidden }) => !hidden)).toBe(true)
  })

  test('of a file without pixels are listed, of other files there are none', async () => {
    expect((await list(patient)).length).toBe(patient.length + 6 + 1 + 5) // meta information with its length; items and what is in them
    expect(await listTags(Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(300), 'latin1'), 'scan.png', { patientData: true })).toEqual([])
  })

  test('end with a row that says so, where there are too many or the file is cut', async () => {
    const items = Array.from({ length: 12_000 }, (_, i): MadeElement[] => [[0x00200013, 'IS', String(i)]])
    const many = await list([[0x00081140, 'SQ', items]])
    expect(many).toHaveLength(20_001)
    expect(many.at(-1)!.value).toContain('20,000')
    const file = madeFile(image)
    const cut = await listTags(file.subarray(0, file.length - 10), 'scan.dcm', { patientData: true })
    expect(cut.at(-1)!.value).toContain('cut or damaged')
    expect(find(cut, '(0010,0010)')).toBeDefined()
  })
})

describe('character sets', () => {
  const decoded = (characterSet: string | undefined, bytes: string): string => textDecoder(characterSet)(Buffer.from(bytes, 'latin1'))

  // Bytes and texts are those that PS3.5 prints in its annexes H, I, J and K.
  test.each([
    ['Japanese', '\\ISO 2022 IR 87', 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B', 'Yamada^Tarou=山田^太郎=やまだ^たろう'],
    ['Japanese with half-width katakana', 'ISO 2022 IR 13\\ISO 2022 IR 87', '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J', 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう'],
    ['Korean', '\\ISO 2022 IR 149', 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf', 'Hong^Gildong=洪^吉洞=홍^길동'],
    ['Chinese in UTF-8', 'ISO_IR 192', Buffer.from('Wang^XiaoDong=王^小東').toString('latin1'), 'Wang^XiaoDong=王^小東'],
    ['Chinese in GB18030', 'GB18030', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab', 'Wang^XiaoDong=王^小东'],
    ['Chinese by code extension', '\\ISO 2022 IR 58', 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab', 'Zhang^XiaoDong=张^小东'],
    ['Greek', 'ISO_IR 126', '\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2', 'Διονυσιος'],
    ['Russian', 'ISO_IR 144', '\xbb\xee\xdace\xdc\xd1yp\xd3', 'Люкceмбypг'],
    ['German', 'ISO_IR 100', '\xc4neas^R\xfcdiger', 'Äneas^Rüdiger'],
    ['Latin 2', 'ISO_IR 101', '\xa3\xf3d\xbc', 'Łódź'],
    ['Thai', 'ISO_IR 166', '\xa1\xd2', 'กา'],
    ['no character set', undefined, 'R\xfcdiger', 'Rüdiger'],
    ['an unknown one', 'KLINGON', 'R\xfcdiger', 'Rüdiger'],
    ['an escape at the very end', '\\ISO 2022 IR 87', 'Yamada\x1b', 'Yamada'],
  ])('%s', (_, characterSet, bytes, text) => {
    expect(decoded(characterSet, bytes)).toBe(text)
  })

  test('go back to the first behind a delimiter', () => {
    expect(decoded('ISO 2022 IR 100\\ISO 2022 IR 126', '\x1b-F\xc4\xe9^\xc4')).toBe('Δι^Ä')
  })

  test('may be another inside of an item', async () => {
    const rows = await list([[0x00080005, 'CS', 'ISO_IR 100'], [0x00081140, 'SQ', [[[0x00080005, 'CS', 'ISO_IR 192'], [0x00081030, 'LO', Buffer.from('Grün')]]]], [0x00081030, 'LO', 'Gr\xfcn']])
    expect(rows.filter(({ tag }) => tag === '(0008,1030)').map(({ value }) => value)).toEqual(['Grün', 'Grün'])
  })
})

test('keywords become words', () => {
  expect(['PatientBirthDate', 'SOPClassUID', 'KVP', 'XRayTubeCurrent', 'RTPlanLabel', 'DICOSVersion'].map(spaced)).toEqual(['Patient Birth Date', 'SOP Class UID', 'KVP', 'X Ray Tube Current', 'RT Plan Label', 'DICOS Version'])
})

describe.skipIf(!haveDcmtk || !haveShared('dicom'))('files of the world', () => {
  const folder = join(sharedData, 'dicom')

  /** Tag, representation and text of every element, by dcmdump; items and delimiters left out. */
  function dumped(path: string): { tag: string; vr: string; value: string; depth: number }[] | undefined {
    const { status, stdout, complaints } = dcmtk('dcmdump', '--load-all', '--print-all', '--no-uid-names', '--quote-nonascii', '+L', path)
    if (status !== 0 || complaints.length > 0) return undefined
    return stdout.split('\n').flatMap((line) => {
      const found = /^( *)\(([\da-f]{4}),([\da-f]{4})\) (..) (.*?) +# +[\du]/.exec(line)
      if (!found || found[2] === 'fffe') return []
      return [{ tag: `(${found[2]},${found[3]})`.toUpperCase(), vr: found[4]!, value: found[5]!, depth: found[1]!.length / 2 }]
    })
  }

  test('list what dcmdump lists: elements, depths, and values of codes, numbers and identifiers', async () => {
    const comparable = new Set('AE CS DA DS IS TM UI US SS UL SL'.split(' '))
    let files = 0
    let values = 0
    const problems: string[] = []
    // One has a maker's sequence rewritten as UN, which dcmdump shows as bytes and Assay as the sequence that it is.
    for (const name of readdirSync(folder).filter((each) => !/\.(csv|md)$/.test(each) && each !== 'fo-dicom__GH064.dcm')) {
      const file = readFileSync(join(folder, name))
      if (file.length > 2 ** 19) continue
      const reference = dumped(join(folder, name))
      if (!reference || reference.length === 0) continue
      const rows = (await listTags(file, name, { patientData: true })).filter(({ tag }) => tag !== '(FFFE,E000)')
      if (rows.at(-1)?.name === 'End of the list') continue
      const outline = (each: readonly { tag: string; depth: number }[]): string => each.map(({ tag, depth }) => `${'.'.repeat(depth)}${tag}`).join('\n')
      const nested = reference.map((row) => ({ ...row, depth: row.depth / 2 })) // an item is a step of its own there
      if (outline(rows) !== outline(nested)) problems.push(`${name}: other elements`)
      else
        rows.forEach((row, i) => {
          const { vr, value } = reference[i]!
          const text = value.replace(/^\[(.*)\]$/, '$1').trim()
          if (vr !== row.vr || !comparable.has(vr) || value.startsWith('(') || row.value.includes('…') || text.includes('&#')) return
          values++
          if (text !== row.value.trim()) problems.push(`${name} ${row.tag}: ${row.value} / ${text}`)
        })
      files++
    }
    expect(problems).toEqual([])
    expect(files).toBeGreaterThan(100)
    expect(values).toBeGreaterThan(5000)
  }, 240_000)
})

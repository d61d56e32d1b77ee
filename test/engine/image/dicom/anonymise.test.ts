import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
// @ts-expect-error dcmjs ships no types
import dcmjs from 'dcmjs'
import { afterAll, describe, expect, test } from 'vitest'
import { anonymiseDicom } from '../../../../src/engine/image/dicom/anonymise'
import { decodeImage } from '../../../../src/engine/image/decode'
import { profileAction, profileTable } from '../../../../src/engine/image/dicom/confidentiality-profile'
import { loadDictionary } from '../../../../src/engine/image/dicom/dictionary'
import type { AssayError } from '../../../../src/shared/errors'
import { dcmtk, haveDcmtk } from '../../../support/dcmtk'
import { haveShared, sharedData } from '../../../support/shared-data'
import { box } from '../codecs/made-boxes'
import { asText, image, madeFile, patient, pixels, secrets, syntaxes } from './made-files'
import type { MadeElement } from './made-files'
import { cpuTime } from '../../../support/cpu-time'

interface Element {
  vr: string
  Value: any[]
}
type DataSet = Record<string, Element>
/** By dcmjs: another reader, written by others. */
function read(file: Uint8Array, options = {}): { dict: DataSet; meta: DataSet } {
  return dcmjs.data.DicomMessage.readFile(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength), options)
}
const valueOf = (dataSet: DataSet, tag: string): unknown => dataSet[tag]?.Value[0]
const anonymised = (elements: MadeElement[], options?: Parameters<typeof madeFile>[1], salt = 'salt') => anonymiseDicom(madeFile(elements, options), 'scan.dcm', salt)

describe('the table of the profile', () => {
  test('has the rows of PS3.15, with what the standard says of the best known', () => {
    // Counted in the standard: 621 rows, of which three are for groups 50xx and 60xx and one for odd groups.
    expect(profileTable.size).toBe(617)
    const known: [number, ReturnType<typeof profileAction>][] = [
      [0x00080018, 'U'],
      [0x00080050, 'Z'],
      [0x00080060, undefined],
      [0x00080080, 'X/Z/D'],
      [0x00081140, 'X/Z/U*'],
      [0x00100010, 'Z'],
      [0x00101010, 'X'],
      [0x0020000d, 'U'],
      [0x00400555, 'X/Z'],
      [0x0040a730, 'D'],
      [0x00880200, 'X'],
      [0x60003000, 'X'],
      [0x50100020, 'X'],
      [0x00091001, 'X'],
      [0x00281050, undefined],
      [0x7fe00010, undefined],
    ]
    for (const [tag, action] of known) expect([tag, profileAction(tag)]).toEqual([tag, action])
  })

  test('names attributes that the dictionary knows, so that each can be replaced by a value of its representation', async () => {
    const dictionary = await loadDictionary()
    // Retired and nameless ones go, like everything that the dictionary does not know.
    for (const tag of profileTable.keys()) if (tag >= 0x00080000 && profileTable.get(tag) !== 'X') expect([tag.toString(16), dictionary.standard(tag)?.vr]).toEqual([tag.toString(16), expect.stringMatching(/^[A-Z]{2}$/)])
  })
})

describe('an anonymised copy', () => {
  test.each(Object.entries(syntaxes).filter(([name]) => name !== 'jpegLossless'))('keeps nothing of the patient and every pixel: %s', async (name, syntax) => {
    const copy = await anonymised(image, { syntax })
    const dataSet = syntax === syntaxes.deflated ? inflateRawSync(copy.subarray(asText(copy).indexOf('ASSAY ') + 6)) : copy
    expect(asText(madeFile(image, { syntax: syntaxes.explicit }))).toContain('Grünwald')
    for (const secret of secrets) expect(asText(dataSet)).not.toContain(secret)
    const { dict, meta } = read(copy)
    expect(valueOf(meta, '00020010')).toBe(syntax)
    expect(valueOf(meta, '00020003')).toBe(valueOf(dict, '00080018'))
    expect(new Uint8Array(valueOf(dict, '7FE00010') as ArrayBuffer)).toEqual(pixels)
    expect(valueOf(dict, '00080070')).toBe('Scanner Works')
    expect(valueOf(dict, '00281051')).toBe(400)
    expect(valueOf(dict, '00280010')).toBe(3)
    expect([name, asText(dataSet).includes('ISO_IR 100')]).toEqual([name, true])
  })

  test('says what was done to it', async () => {
    const { dict } = read(await anonymised(image))
    expect(valueOf(dict, '00120062')).toBe('YES')
    expect(valueOf(dict, '00120063')).toContain('PS3.15')
    expect(valueOf(dict, '00280303')).toBe('REMOVED')
    const code = valueOf(dict, '00120064') as DataSet
    expect(['00080100', '00080102', '00080104'].map((tag) => valueOf(code, tag))).toEqual(['113100', 'DCM', 'Basic Application Confidentiality Profile'])
    // Said once, also in a copy of a copy.
    const again = read(await anonymiseDicom(await anonymised(image), 'copy.dcm', 'salt')).dict
    expect(again['00120064']!.Value).toHaveLength(1)
  })

  test('empties what has to be there, replaces what must not be empty, and removes the rest', async () => {
    const { dict } = read(await anonymised(image))
    for (const tag of ['00080020', '00080030', '00080050', '00080090', '00100010', '00100030', '00100040', '00200010']) {
      expect(tag in dict).toBe(true)
      expect(['', undefined]).toContainEqual(typeof valueOf(dict, tag) === 'object' ? '' : valueOf(dict, tag))
    }
    expect(valueOf(dict, '00080023')).toBe('19000101')
    expect(valueOf(dict, '00181000')).toBe('Anonymous')
    for (const tag of ['00080081', '00081030', '0008103E', '00090010', '00091001', '00101010', '00104000', '00400275']) expect(dict).not.toHaveProperty(tag)
  })

  test('replaces a value in every attribute of the table, at top level and in a sequence that is kept', async () => {
    const dictionary = await loadDictionary()
    const texts = new Set(['LO', 'SH', 'ST', 'LT', 'UT', 'UC', 'PN', 'CS', 'AE', 'UI', 'DA', 'TM', 'DT', 'UR'])
    const marked: MadeElement[] = []
    for (const tag of profileTable.keys()) {
      if (tag < 0x00080000) continue
      const vr = dictionary.standard(tag)?.vr ?? 'LO'
      if (texts.has(vr)) marked.push([tag, vr, vr === 'UI' ? '9.8.7.6.5' : 'marked4711'])
    }
    expect(marked.length).toBeGreaterThan(450)
    // Of the sequence's items the copy keeps what is not in the table: the exposure, here.
    const withSequence: MadeElement[] = [...marked, [0x00189329, 'SQ', [[...marked, [0x00181150, 'IS', '120']]]]]
    for (const syntax of [syntaxes.explicit, syntaxes.implicit]) {
      const copy = await anonymised(withSequence, { syntax })
      expect(asText(copy)).not.toContain('marked4711')
      expect(asText(copy)).not.toContain('9.8.7.6.5')
      expect(valueOf(valueOf(read(copy).dict, '00189329') as DataSet, '00181150')).toBe(120)
    }
  }, 60_000)

  test('keeps no day of birth in another calendar, no name, address or order number that the table forgot, and no UID of another instance', async () => {
    const gone: MadeElement[] = [
      [0x00081190, 'UR', 'https://pacs.marked4711.example/studies/1'],
      [0x00100033, 'LO', 'marked4711 2512'],
      [0x00100034, 'LO', 'marked4711 2590'],
      [0x00142006, 'PN', 'marked4711^A'],
      [0x00401006, 'SH', 'marked4711'],
      [0x00402006, 'SH', 'marked4711'],
      [0x0040e010, 'UR', 'https://marked4711.example/object'],
    ]
    const replaced = [0x00081167, 0x00083012, 0x00200242, 0x00209312]
    const elements: MadeElement[] = [...gone, ...replaced.map((tag): MadeElement => [tag, 'UI', '9.8.7.6.5'])]
    const copy = await anonymised([...elements, [0x00189329, 'SQ', [elements]]])
    expect(asText(copy)).not.toContain('marked4711')
    expect(asText(copy)).not.toContain('9.8.7.6.5')
    const { dict } = read(copy)
    for (const tag of ['00081167', '00083012', '00200242', '00209312']) expect(valueOf(dict, tag)).toMatch(/^2\.25\.\d+$/)
  })

  test('cannot be fooled by what it does not know: unknown attributes, sequences in disguise, what stands in UN', async () => {
    const item = Buffer.from(madeFile([[0x00100010, 'PN', 'Grünwald']], { syntax: syntaxes.implicit })).subarray(-16)
    const hidden = Buffer.concat([Buffer.from([0xfe, 0xff, 0x00, 0xe0, 16, 0, 0, 0]), item])
    const copy = await anonymised([
      ...image,
      [0x00080f00, 'LO', 'Grünwald'], // no attribute of the standard
      [0x00189329, 'UN', hidden], // a sequence, rewritten by somebody who did not know it
      [0x00189346, 'OB', hidden], // a sequence in the clothes of bytes
      [0x00080000, 'UL', 999],
    ])
    expect(asText(copy)).not.toContain('Grünwald')
    const { dict } = read(copy)
    expect(dict).not.toHaveProperty('00080000')
    expect(dict['00189329']!.vr).toBe('SQ')
    expect((valueOf(dict, '00189329') as DataSet)['00100010']).toBeDefined()
  })

  test('has no overlays, curves and text groups', async () => {
    const copy = await anonymised([
      ...image,
      [0x60000010, 'US', 3],
      [0x60000022, 'LO', 'Grünwald'],
      [0x60003000, 'OW', new Uint8Array(8)],
      [0x50001001, 'CS', 'Grünwald'],
      [0x40004000, 'LT', 'Grünwald'],
    ])
    expect(Object.keys(read(copy).dict).filter((tag) => /^[456]/.test(tag))).toEqual([])
    expect(asText(copy)).not.toContain('Grünwald')
  })

  test('keeps references: the same UID is replaced by the same, in the file and across files of one run', async () => {
    const referring = await anonymised(image)
    const referred = await anonymised(
      patient.map((each): MadeElement => (each[0] === 0x00080018 ? [0x00080018, 'UI', '1.2.3.4.6'] : each)),
      { instance: '1.2.3.4.6' },
    )
    const reference = valueOf(read(referring).dict, '00081140') as DataSet
    const other = read(referred)
    expect(valueOf(reference, '00081155')).toBe(valueOf(other.dict, '00080018'))
    expect(valueOf(reference, '00081150')).toBe('1.2.840.10008.5.1.4.1.1.2')
    for (const tag of ['0020000D', '0020000E', '00200052', '00100020']) expect(valueOf(read(referring).dict, tag)).toBe(valueOf(other.dict, tag))
    expect(valueOf(read(referring).dict, '0020000D')).toMatch(/^2\.25\.\d+$/)
    expect(valueOf(read(await anonymised(image, {}, 'pepper')).dict, '0020000D')).not.toBe(valueOf(other.dict, '0020000D'))
    expect(await anonymised(image)).toEqual(await anonymised(image))
  })

  test('keeps patients apart without telling who they are', async () => {
    const of = async (id: string): Promise<unknown> =>
      valueOf(read(await anonymised(image.map((each): MadeElement => (each[0] === 0x00100020 ? [0x00100020, 'LO', id] : each)))).dict, '00100020')
    expect(await of('1')).not.toBe(await of('2'))
    expect(await of('1')).toMatch(/^ANON-[0-9A-F]{12}$/)
    expect(await of('')).toSatisfy((value) => value === undefined || value === '')
  })

  test('keeps compressed fragments as they are, offset table first', async () => {
    const fragments = [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(0xff, 0xd8, 1, 2, 3, 4), Uint8Array.of(5, 6, 0xff, 0xd9)]
    const copy = await anonymised(patient, { syntax: syntaxes.jpegLossless, fragments })
    const tail = Buffer.concat([
      Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]),
      ...fragments.flatMap((fragment) => [Buffer.from([0xfe, 0xff, 0x00, 0xe0, fragment.length, 0, 0, 0]), Buffer.from(fragment)]),
      Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
    ])
    expect(Buffer.from(copy.subarray(-tail.length))).toEqual(tail)
  })

  test('keeps no note in the header of a compressed picture, and the picture as it was', async () => {
    const segment = (marker: number, text: string): Buffer => Buffer.concat([Buffer.from([0xff, marker, 0, 2 + text.length]), Buffer.from(text, 'latin1')])
    const table = segment(0xdb, 'quantisation')
    const scan = Buffer.from([0xff, 0xda, 0, 4, 1, 2, 0x77, 0xff, 0x00, 0x66, 0xff, 0xd9])
    const frame = (tell: string): Buffer =>
      Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe0, 'JFIF\0'), segment(0xe1, tell && `Exif\0\0${tell}`), segment(0xee, 'Adobe\0'), Buffer.from([0xff]), segment(0xfe, tell && `taken of ${tell}!`), table, scan])
    const jpeg = frame('Grünwald')
    // In two fragments, cut within the comment; then another frame.
    const cut = jpeg.indexOf('taken') + 4 + (jpeg.indexOf('taken') % 2)
    const fragments = [new Uint8Array(), jpeg.subarray(0, cut), jpeg.subarray(cut), jpeg]
    const copy = await anonymised(patient, { syntax: syntaxes.jpegLossless, fragments })
    expect(asText(copy)).not.toContain('Gr')
    expect(asText(copy)).not.toContain('taken')
    for (const kept of ['JFIF', 'Adobe', 'quantisation']) expect(asText(copy)).toContain(kept)
    expect(Buffer.from(copy).toString('latin1').split(scan.toString('latin1'))).toHaveLength(3)
    const longer = frame('Grünwald, who was here before')
    const more = await anonymised(patient, { syntax: syntaxes.jpegLossless, fragments: [new Uint8Array(), longer] })
    const lengthOf = Buffer.from([0xfe, 0xff, 0x00, 0xe0, longer.length + (longer.length % 2), 0, 0, 0, 0xff, 0xd8])
    expect(Buffer.from(more).includes(lengthOf)).toBe(true)
  })

  test('keeps no comment of JPEG 2000, whose kind stays', async () => {
    const header = Buffer.concat([Buffer.from([0xff, 0x4f, 0xff, 0x51, 0, 4, 9, 9, 0xff, 0x64, 0, 14, 0, 1]), Buffer.from('Grünwald, A', 'latin1').subarray(0, 10), Buffer.from([0xff, 0x90, 0, 10])])
    const copy = await anonymised(patient, { syntax: '1.2.840.10008.1.2.4.90', fragments: [new Uint8Array(), header] })
    expect(asText(copy)).not.toContain('Gr')
    expect(Buffer.from(copy).includes(Buffer.from([0xff, 0x51, 0, 4, 9, 9, 0xff, 0x64, 0, 14, 0, 1, 0, 0]))).toBe(true)
  })

  test.each([
    ['JP2', 'jP  ', '1.2.840.10008.1.2.4.90', 'jp2c', [0xff, 0x4f, 0xff, 0x51, 0, 4, 9, 9, 0xff, 0x64, 0, 14, 0, 1, ...Buffer.from('Grünwald, A', 'latin1').subarray(0, 10), 0xff, 0x90, 0, 10]],
    ['JPEG XL', 'JXL ', '1.2.840.10008.1.2.4.110', 'jxlc', [0xff, 0x0a, 1, 2, 3, 4]],
  ] as const)('keeps no note in the boxes of %s, nor in the codestream between them', async (_, signature, syntax, codestream, bytes) => {
    const text = (of: string): Buffer => Buffer.from(`${of} of Grünwald`, 'latin1')
    /** Its length is told by eight bytes. */
    const long = (type: string, content: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(type), Buffer.from([0, 0, 0, 0, 0, 0, 0, 16 + content.length]), content])
    const before = [box(signature, [0x0d, 0x0a, 0x87, 0x0a]), box('ftyp', Buffer.from('kept')), box('xml ', text('picture')), long('uuid', text('photo')), box('Exif', text('place'))]
    const frame = Buffer.concat([...before, box(codestream, bytes), box('jumb', text('origin')), box('brob', text('xml ')), box('jbrd', [1, 2, 3])])
    const copy = await anonymised(patient, { syntax, fragments: [new Uint8Array(), frame.subarray(0, 60), frame.subarray(60)] })
    for (const gone of ['Gr', 'xml', 'uuid', 'Exif', 'picture', 'photo', 'place', 'origin']) expect(asText(copy), gone).not.toContain(gone)
    for (const kept of ['ftypkept', 'free\0', 'jbrd\u0001', codestream]) expect(asText(copy), kept).toContain(kept)
    expect(Buffer.from(copy).includes(Buffer.from(bytes.slice(0, 6)))).toBe(true)
  })

  test('copies hundreds of thousands of fragments, as slides have them', async () => {
    const fragments = Array.from({ length: 300_000 }, () => Uint8Array.of(1, 2))
    expect((await anonymised(patient, { syntax: '1.2.840.10008.1.2.4.90', fragments })).length).toBeGreaterThan(3_000_000)
  })

  test('leaves alone what only begins like a compressed picture', async () => {
    const raw = Uint8Array.of(0xff, 0xd8, 0xff, 0xfe, 0, 6, 1, 2, 3, 4, 5, 6)
    const copy = await anonymised(patient, { syntax: '1.2.840.10008.1.2.1.98', fragments: [new Uint8Array(), raw] })
    expect(Buffer.from(copy).includes(Buffer.from(raw))).toBe(true)
  })

  test('has an empty preamble', async () => {
    const file = madeFile(image)
    file.set(Buffer.from('Grünwald', 'latin1'), 20)
    const copy = await anonymiseDicom(file, 'scan.dcm', 'salt')
    expect(copy.subarray(0, 128).every((byte) => byte === 0)).toBe(true)
  })
})

describe('what no copy is made of', () => {
  const refusal = async (file: Uint8Array): Promise<string> => anonymiseDicom(file, 'scan.dcm', 'salt').then(() => 'a copy', (error: AssayError) => error.code)

  test('a file that is not DICOM, and a directory of files', async () => {
    expect(await refusal(Buffer.from('\x89PNG\r\n\x1a\n and what follows'.padEnd(200), 'latin1'))).toBe('image-unsupported')
    expect(await refusal(madeFile([[0x00041130, 'CS', 'FILES'], [0x00041220, 'SQ', []]]))).toBe('image-unsupported')
  })

  test('a file that is cut anywhere in its data set', async () => {
    const file = madeFile([...patient, [0x7fe00010, 'OW', pixels]])
    const start = file.length - madeFile(image).length + 132 + 12 + 192
    for (let length = start + 20; length < file.length; length += 7) {
      const outcome = await refusal(file.subarray(0, length))
      // Between two elements nobody can tell; the pixels are the last.
      if (outcome === 'a copy') expect(asText(await anonymiseDicom(file.subarray(0, length), 'scan.dcm', 'salt'))).not.toContain('Grünwald')
      else expect(outcome).toBe('image-truncated')
    }
    expect(await refusal(file.subarray(0, file.length - 1))).toBe('image-truncated')
    expect(await refusal(madeFile(patient, { syntax: syntaxes.jpegLossless, fragments: [new Uint8Array(4)] }).subarray(0, -8))).toBe('image-truncated')
  })

  test('two megabytes of zeros with something behind them, in no time', async () => {
    const took = cpuTime()
    expect(await refusal(Buffer.concat([madeFile(patient), Buffer.alloc(2 ** 21), Buffer.from([1])]))).toBe('image-truncated')
    // Looking ahead at every one of them would take minutes.
    expect(took()).toBeLessThan(10_000)
  })

  test('sequences nested a thousand deep, in no time', async () => {
    const deep = Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0x18, 0x00, 0x29, 0x93, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff])))
    const file = Buffer.concat([madeFile([[0x00080060, 'CS', 'CT']]), deep])
    const took = cpuTime()
    expect(await refusal(file)).toMatch(/^image-(corrupt|truncated)$/)
    expect(took()).toBeLessThan(1000)
  })
})

describe.skipIf(!haveDcmtk)('DCMTK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-anonymise-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(Object.entries(syntaxes).filter(([name]) => name !== 'jpegLossless'))('shows the copy as the original, without a complaint: %s', async (name, syntax) => {
    const [before, after] = ['before', 'after'].map((when) => join(folder, `${when}-${name}`))
    writeFileSync(`${before}.dcm`, madeFile(image, { syntax }))
    writeFileSync(`${after}.dcm`, await anonymised(image, { syntax }))
    expect(dcmtk('dcmdump', `${after}.dcm`)).toMatchObject({ status: 0, complaints: [] })
    for (const file of [before, after]) expect(dcmtk('dcm2pnm', '--write-raw-pnm', `${file}.dcm`, `${file}.pgm`)).toMatchObject({ status: 0, complaints: [] })
    expect(readFileSync(`${after}.pgm`)).toEqual(readFileSync(`${before}.pgm`))
  })
})

const shared = haveShared('dicom')
describe.skipIf(!shared)('files of the world', () => {
  const folder = shared ? readdirSync(join(sharedData, 'dicom')).filter((name) => name.endsWith('.dcm') || !/\.(csv|md)$/.test(name)) : []
  const out = mkdtempSync(join(tmpdir(), 'assay-anonymise-'))
  afterAll(() => rmSync(out, { recursive: true }))

  /** Copies by name; what could not be copied by its code. */
  const copies = new Map<string, Uint8Array | string>()
  const copyAll = async (): Promise<Map<string, Uint8Array | string>> => {
    if (copies.size === 0)
      for (const name of folder) copies.set(name, await anonymiseDicom(readFileSync(join(sharedData, 'dicom', name)), name, 'salt').catch((error: AssayError) => error.code))
    return copies
  }

  test('are copied, except those that are cut or damaged', async () => {
    const refused = [...(await copyAll())].flatMap(([name, copy]) => (typeof copy === 'string' ? [[name, copy]] : []))
    expect(refused).toEqual([
      ['fo-dicom__GH179B.dcm', 'image-truncated'],
      ['fo-dicom__GH364.dcm', 'image-corrupt'],
      ['pydicom__MR_truncated.dcm', 'image-truncated'],
      ['pydicom__rtplan_truncated.dcm', 'image-truncated'],
    ])
  }, 60_000)

  /** Texts of four characters or more, by dcmjs, with the attributes that they stand in. */
  function textsOf(dataSet: DataSet, found: { tag: number; text: string; gone: boolean }[] = [], gone = false): typeof found {
    for (const [key, { vr, Value }] of Object.entries(dataSet)) {
      const tag = Number.parseInt(key, 16)
      const action = profileAction(tag)
      const removed = gone || (action !== undefined && action !== 'X/Z/U*')
      for (const value of Value ?? []) {
        if (vr === 'SQ') textsOf(value as DataSet, found, removed)
        else
          for (const text of Array.isArray(value) ? value.map((name: { Alphabetic?: string }) => name.Alphabetic ?? '') : [String(value)])
            if (!['OB', 'OW', 'OF', 'OD', 'UN'].includes(vr) && text.trim().length >= 4) found.push({ tag, text: text.trim(), gone: removed })
      }
    }
    return found
  }

  test('have lost every name, number, date, place and UID that the profile removes', async () => {
    /** Our own values are made up of figures, in which four may stand in any order. */
    const withoutOurs = (text: string): string => text.replace(/2\.25\.\d+|19000101(000000)?|ANON-[\dA-F]+/g, '')
    /** Who and where and when; not what was done, which coded attributes that are kept say as well. */
    const identifying = new Set('PN DA TM DT UI AE AS'.split(' '))
    const named = new Set([0x00080050, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00100020, 0x00101000, 0x00101040, 0x00101090, 0x00102154, 0x00104000, 0x00200010])
    const ours = /^(19000101|000000|REMOVED|1\.2\.840\.10008\..*|0+(\.0+)?)$/
    const dictionary = await loadDictionary()
    let searched = 0
    const left: string[] = []
    for (const [name, copy] of await copyAll()) {
      if (typeof copy === 'string') continue
      let texts: ReturnType<typeof textsOf>
      try {
        texts = textsOf(read(new Uint8Array(readFileSync(join(sharedData, 'dicom', name))), { ignoreErrors: true }).dict)
      } catch {
        continue // not for dcmjs
      }
      const pixelsAt = Buffer.from(copy).lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]))
      const copied = withoutOurs(asText(copy.subarray(0, pixelsAt < 0 ? undefined : pixelsAt)))
      const kept = texts.filter(({ gone }) => !gone).map(({ text }) => text)
      for (const { tag, text, gone } of texts) {
        if (!gone || !(named.has(tag) || identifying.has(dictionary.standard(tag)?.vr ?? '')) || ours.test(text)) continue
        searched++
        if (copied.includes(text) && !kept.some((other) => other.includes(text))) left.push(`${name} ${tag.toString(16)} ${text}`)
      }
    }
    expect(searched).toBeGreaterThan(3000)
    expect(left).toEqual([])
  }, 120_000)

  test('have the same bytes of pixels, by dcmjs, but for notes in the headers of pictures', async () => {
    let compared = 0
    let noted = 0
    for (const [name, copy] of await copyAll()) {
      if (typeof copy === 'string') continue
      const [before, after] = [new Uint8Array(readFileSync(join(sharedData, 'dicom', name))), copy].map((file) => {
        try {
          return read(file, { ignoreErrors: true }).dict['7FE00010']?.Value.map((part) => Buffer.from(part as ArrayBuffer))
        } catch {
          return undefined // not for dcmjs
        }
      })
      if (!before || before.length === 0) continue
      // An odd length, which is none in DICOM, has got its pad byte.
      const padded = after?.every((part, i) => part.length - before[i]!.length === before[i]!.length % 2)
      expect([name, after?.length, padded]).toEqual([name, before.length, true])
      compared++
      const changed = before.flatMap((part, i) => (after![i]!.subarray(0, part.length).equals(part) ? [] : [[part, after![i]!] as const]))
      if (changed.length === 0) continue
      // Boxes of notes are free space now, and nothing else is.
      const freed = (one: Buffer, other: Buffer, at: number): boolean =>
        [at, at - 1, at - 2, at - 3].some((start) => other.toString('latin1', start, start + 4) === 'free' && /^(xml |uuid|uinf|Exif|jumb|brob)$/.test(one.toString('latin1', start, start + 4)))
      expect([name, changed.every(([one, other]) => one.every((byte, at) => other[at] === byte || other[at] === 0 || freed(one, other, at)))]).toEqual([name, true])
      // One of them is decoded by nobody.
      const [original, anonymous] = await Promise.all([new Uint8Array(readFileSync(join(sharedData, 'dicom', name))), copy].map((file) => decodeImage(file, name).then(({ pixels }) => Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength), (error) => Buffer.from(String(error)))))
      expect([name, Buffer.compare(anonymous!, original!)]).toEqual([name, 0])
      noted++
    }
    expect(compared).toBeGreaterThan(180)
    expect(noted).toBeGreaterThan(5)
  }, 60_000)

  test.skipIf(!haveDcmtk)('are read by dcmdump without a complaint', async () => {
    const files: string[] = []
    for (const [name, copy] of await copyAll()) {
      if (typeof copy === 'string') continue
      files.push(join(out, name))
      writeFileSync(files.at(-1)!, copy)
    }
    expect(files.length).toBeGreaterThan(200)
    expect(dcmtk('dcmdump', ...files)).toMatchObject({ status: 0, complaints: [] })
  }, 120_000)

  test.skipIf(!haveDcmtk)('are shown by dcm2pnm like their originals, with no complaint that those had not', async () => {
    /** What dcm2pnm decodes; for the others a look at the fragments has to do, which are compared elsewhere. */
    const shownSyntaxes = new Set([syntaxes.implicit, syntaxes.explicit, syntaxes.deflated, syntaxes.big, '1.2.840.10008.1.2.5'])
    /** To be done before anybody loses patience; larger ones were compared once. */
    const largest = 2 ** 18
    let shown = 0
    for (const [name, copy] of await copyAll()) {
      if (typeof copy === 'string' || copy.length > largest || !shownSyntaxes.has(syntaxOf(copy))) continue
      const [before, after] = [join(out, 'before.pnm'), join(out, 'after.pnm')]
      // Overlays are gone from the copy.
      const originally = dcmtk('dcm2pnm', '--no-overlays', '--write-raw-pnm', join(sharedData, 'dicom', name), before)
      if (originally.status !== 0) continue
      writeFileSync(join(out, 'copy.dcm'), copy)
      const now = dcmtk('dcm2pnm', '--no-overlays', '--write-raw-pnm', join(out, 'copy.dcm'), after)
      expect([name, now.status, now.complaints.filter((line) => !originally.complaints.includes(line))]).toEqual([name, 0, []])
      expect([name, readFileSync(after).equals(readFileSync(before))]).toEqual([name, true])
      shown++
    }
    expect(shown).toBeGreaterThanOrEqual(40)
  }, 240_000)
})

const syntaxOf = (file: Uint8Array): string => /\u0010\u0000UI..([\d.]+)/s.exec(asText(file.subarray(132, 600)))?.[1] ?? ''

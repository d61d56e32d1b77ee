import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
// @ts-expect-error dcmjs ships no types
import dcmjs from 'dcmjs'
import { describe, expect, test } from 'vitest'
import { listTags } from '../../../src/engine/image/dicom/tags'
import { createCanvas, drawText, lineHeight } from '../../../src/engine/screening/canvas'
import type { Canvas } from '../../../src/engine/screening/canvas'
import { composeSheet } from '../../../src/engine/screening/picture'
import { researchUseOnly } from '../../../src/shared/notice'
import { secondaryCapture } from '../../../src/engine/screening/secondary-capture'
import { temporaryFolder } from '../bundle/fixtures'
import { image, madeFile, syntaxes } from '../image/dicom/made-files'
import type { MadeElement } from '../image/dicom/made-files'
import { dcmtk, haveDcmtk } from '../../support/dcmtk'

type DataSet = Record<string, any>
const sheet: Canvas = { width: 5, height: 3, rgb: Uint8Array.from({ length: 45 }, (_, i) => i * 5) }

function read(file: Uint8Array): DataSet {
  const { dict } = dcmjs.data.DicomMessage.readFile(file.buffer)
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(dict) as DataSet
}

async function captureOf(elements: MadeElement[] | Uint8Array, { syntax, frame, name = 'scan.dcm' }: { syntax?: string; frame?: number; name?: string } = {}): Promise<Uint8Array> {
  const path = join(await temporaryFolder(), name)
  writeFileSync(path, elements instanceof Uint8Array ? elements : madeFile(elements, syntax === undefined ? {} : { syntax }))
  return secondaryCapture(sheet, { path, version: '1.2.3', ...(frame !== undefined && { frame }) })
}

describe('a secondary capture', () => {
  test('is an RGB image of the sheet, derived, in a series of its own', async () => {
    const data = read(await captureOf(image))
    expect(data).toMatchObject({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
      ImageType: ['DERIVED', 'SECONDARY'],
      ConversionType: 'WSD',
      Modality: 'OT',
      Rows: 3,
      Columns: 5,
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      BurnedInAnnotation: 'YES',
      SeriesDescription: 'Assay: tampering screen - research use only',
      Manufacturer: 'Assay',
      SecondaryCaptureDeviceManufacturer: 'Assay',
      SoftwareVersions: '1.2.3',
    })
    expect(new Uint8Array(data['PixelData'][0]).subarray(0, 45)).toEqual(sheet.rgb)
    expect(data['SOPInstanceUID']).toMatch(/^2\.25\./)
    expect(data['SeriesInstanceUID']).toMatch(/^2\.25\./)
    const now = new Date()
    expect(data['ContentDate']).toBe(`${now.getFullYear()}${String(now.getMonth() + 1).padStart(2, '0')}${String(now.getDate()).padStart(2, '0')}`)
    expect(read(await captureOf(image))['SOPInstanceUID']).not.toBe(data['SOPInstanceUID'])
  })

  test.each(['implicit', 'explicit', 'big', 'deflated'] as const)('belongs to the patient and the study of the scan: %s', async (syntax) => {
    const rows = await listTags(await captureOf(image, { syntax: syntaxes[syntax] }), 'capture.dcm', { patientData: true })
    const value = (tag: string): string | undefined => rows.find((row) => row.tag === tag)?.value
    const expected = {
      '(0008,0005)': 'ISO_IR 100',
      '(0010,0010)': 'Grünwald^Matthias',
      '(0010,0020)': 'PID-550199',
      '(0010,0030)': '19480502',
      '(0010,0040)': 'M',
      '(0008,0020)': '20190717',
      '(0008,0030)': '091234',
      '(0008,0050)': 'ACC-77123',
      '(0008,0090)': 'Whitcombe^Rosalind',
      '(0008,1030)': 'Follow-up for Mr Grünwald',
      '(0020,000D)': '1.2.3.7.1',
      '(0020,0010)': 'STUDY-9',
    }
    expect(Object.fromEntries(Object.keys(expected).map((tag) => [tag, value(tag)]))).toEqual(expected)
    expect(value('(0020,000E)')).not.toBe('1.2.3.7.2')
    expect(value('(0008,0080)')).toBeUndefined()
  })

  test('points to the scan, and to the frame where there are several', async () => {
    const [item] = read(await captureOf(image, { frame: 7 }))['SourceImageSequence']
    expect(item).toMatchObject({ ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID: '1.2.3.4.5', ReferencedFrameNumber: 7 })
    expect(item.PurposeOfReferenceCodeSequence[0]).toMatchObject({ CodeValue: '121322', CodingSchemeDesignator: 'DCM' })
    expect(read(await captureOf(image))['SourceImageSequence'][0]).not.toHaveProperty('ReferencedFrameNumber')
  })

  test('of a picture that is not DICOM has blanks and a study of its own', async () => {
    const data = read(await captureOf(Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(300), 'latin1'), { name: 'scan.png' }))
    expect(data['StudyInstanceUID']).toMatch(/^2\.25\./)
    expect(data).not.toHaveProperty('SourceImageSequence')
    expect(data['PatientID'] ?? '').toBe('')
  })

  test('of a scan without a character set says one where text needs it', async () => {
    const without = image.filter(([tag]) => tag !== 0x00080005)
    const german = await listTags(await captureOf(without), 'capture.dcm', { patientData: true })
    expect(german.find(({ tag }) => tag === '(0008,0005)')?.value).toBe('ISO_IR 100')
    expect(german.find(({ tag }) => tag === '(0010,0010)')?.value).toBe('Grünwald^Matthias')
  })

  /** PS3.3, table A.8-1 and the modules that it names: types 1 and 2 of what is mandatory, with 1C and 2C that apply. */
  const required: Record<string, { one: string[]; two: string[] }> = {
    'Patient (C.7.1.1)': { one: [], two: ['(0010,0010)', '(0010,0020)', '(0010,0030)', '(0010,0040)'] },
    'General Study (C.7.2.1)': { one: ['(0020,000D)'], two: ['(0008,0020)', '(0008,0030)', '(0008,0090)', '(0020,0010)', '(0008,0050)'] },
    'General Series (C.7.3.1)': { one: ['(0008,0060)', '(0020,000E)'], two: ['(0020,0011)'] },
    'General Equipment (C.7.5.1)': { one: [], two: ['(0008,0070)'] },
    'SC Equipment (C.8.6.1)': { one: ['(0008,0064)'], two: [] },
    'General Image (C.7.6.1)': { one: [], two: ['(0020,0013)', '(0020,0020)', '(0008,0023)', '(0008,0033)'] },
    'Image Pixel (C.7.6.3)': { one: ['(0028,0002)', '(0028,0004)', '(0028,0006)', '(0028,0010)', '(0028,0011)', '(0028,0100)', '(0028,0101)', '(0028,0102)', '(0028,0103)', '(7FE0,0010)'], two: [] },
    'SOP Common (C.12.1)': { one: ['(0008,0005)', '(0008,0016)', '(0008,0018)'], two: [] },
    'Source Image Sequence (C.12.4)': { one: ['(0008,1150)', '(0008,1155)', '(0008,0100)', '(0008,0102)', '(0008,0104)'], two: [] },
  }
  test.each(Object.entries(required))('has what the standard asks for: %s', async (module, { one, two }) => {
    const bare = image.filter(([tag]) => tag === 0x00080016 || tag === 0x00080018)
    for (const source of [image, bare, Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(300), 'latin1')]) {
      if (module.startsWith('Source Image') && source instanceof Uint8Array) continue
      const rows = await listTags(await captureOf(source), 'capture.dcm', { patientData: true })
      for (const tag of one) expect([tag, rows.find((row) => row.tag === tag)?.value]).toEqual([tag, expect.stringMatching(/./)])
      for (const tag of two) expect([tag, rows.some((row) => row.tag === tag)]).toEqual([tag, true])
    }
  })

  test('is made of a sheet that says what it is not for', () => {
    const panel = { title: 'Scan', picture: { width: 300, height: 200, rgb: new Uint8Array(300 * 200 * 3) } }
    const text = { fileName: 'scan.dcm', headline: 'Suspicious', lines: [] }
    const made = composeSheet([panel, panel, panel], text)
    // Drawn in dots of two pixels on so wide a sheet, as its last line.
    const dots = 2
    const alone = createCanvas(made.width, lineHeight(dots), [0, 0, 0])
    drawText(alone, researchUseOnly, 8, 0, dots, [255, 255, 255])
    const top = made.height - 8 - lineHeight(dots)
    const bright = (canvas: Canvas, from: number): number[] => Array.from(canvas.rgb.subarray(from * canvas.width * 3, (from + lineHeight(dots)) * canvas.width * 3), (value) => Number(value > 200))
    expect(bright(made, top)).toEqual(bright(alone, 0))
    expect(researchUseOnly).toBe('Research use only. Not for diagnosis.')
  })

  test.skipIf(!haveDcmtk)('is read by dcmdump and shown by dcm2pnm without a complaint, as it was drawn', async () => {
    const folder = await temporaryFolder()
    const [file, shown] = [join(folder, 'capture.dcm'), join(folder, 'capture.ppm')]
    for (const source of [image, Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(300), 'latin1')]) {
      writeFileSync(file, await captureOf(source, { frame: 2 }))
      expect(dcmtk('dcmdump', file)).toMatchObject({ status: 0, complaints: [] })
      expect(dcmtk('dcm2pnm', '--write-raw-pnm', file, shown)).toMatchObject({ status: 0, complaints: [] })
      expect(new Uint8Array(readFileSync(shown).subarray(-45))).toEqual(sheet.rgb)
    }
  })
})

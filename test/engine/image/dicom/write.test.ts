import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error dcmjs ships no types
import dcmjs from 'dcmjs'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeImage } from '../../../../src/engine/image/decode'
import { makeUid } from '../../../../src/engine/image/dicom/uid'
import type { DicomImageToWrite } from '../../../../src/engine/image/dicom/write'
import { writeDicom } from '../../../../src/engine/image/dicom/write'

const grey12: DicomImageToWrite = {
  kind: 'computed-radiography',
  modality: 'CR',
  width: 7,
  height: 5,
  pixels: Uint16Array.from({ length: 35 }, (_, i) => i * 117),
  bitsStored: 12,
  rescale: { slope: 0.1 + 0.2, intercept: -1024 },
  windows: [{ center: 40, width: 400, explanation: 'SOFT' }, { center: -600, width: 1500, explanation: 'LUNG' }],
  spacing: { row: 1 / 3, column: 0.7 },
  seed: 'a',
  attributes: [{ tag: 0x0008103e, vr: 'LO', value: 'Grün' }],
}
const examples: [string, DicomImageToWrite][] = [
  ['12-bit grey', grey12],
  ['8-bit grey of an odd length', { kind: 'secondary-capture', modality: 'OT', width: 3, height: 3, pixels: Uint8Array.from({ length: 9 }, (_, i) => i * 28), photometric: 'MONOCHROME1' }],
  ['signed', { kind: 'secondary-capture', modality: 'CT', width: 2, height: 2, pixels: Int16Array.of(-32768, -1, 0, 32767) }],
  ['RGB', { kind: 'secondary-capture', modality: 'OT', width: 2, height: 2, samples: 3, pixels: Uint8Array.from({ length: 12 }, (_, i) => i * 20) }],
]

describe('written DICOM', () => {
  test.each(examples)('%s: dcmjs reads the same pixels', (_, image) => {
    const file = writeDicom(image)
    const { dict, meta } = dcmjs.data.DicomMessage.readFile(file.buffer as ArrayBuffer)
    const data = dcmjs.data.DicomMetaDictionary.naturalizeDataset(dict) as Record<string, unknown>
    expect(data).toMatchObject({ Rows: image.height, Columns: image.width, SamplesPerPixel: image.samples ?? 1 })
    expect((meta as Record<string, { Value: string[] }>)['00020010']!.Value).toEqual(['1.2.840.10008.1.2.1'])
    const pixels = new Uint8Array((data['PixelData'] as ArrayBuffer[])[0]!).subarray(0, image.pixels.byteLength)
    expect(pixels).toEqual(new Uint8Array(image.pixels.buffer))
  })

  test.each(examples)('%s comes back as it was', async (_, image) => {
    const decoded = await decodeImage(writeDicom(image))
    expect(decoded.pixels).toEqual(image.pixels)
    expect(decoded).toMatchObject({
      width: image.width,
      height: image.height,
      bitsStored: image.bitsStored ?? image.pixels.BYTES_PER_ELEMENT * 8,
      signed: image.pixels instanceof Int16Array,
      photometric: image.photometric ?? (image.samples === 3 ? 'RGB' : 'MONOCHROME2'),
    })
  })

  test('rescale, windows and spacing survive, decimals to fourteen digits', async () => {
    const image = await decodeImage(writeDicom(grey12))
    expect(image.rescale.slope).toBeCloseTo(0.3, 13)
    expect(image.rescale.intercept).toBe(-1024)
    expect(image.windows).toEqual(grey12.windows)
    expect(image.spacing!.row).toBeCloseTo(1 / 3, 13)
  })

  test('a seed makes the file, and nothing but the seed', () => {
    expect(writeDicom(grey12)).toEqual(writeDicom(grey12))
    expect(writeDicom({ ...grey12, seed: 'b' })).not.toEqual(writeDicom(grey12))
    const unseeded = { ...grey12, seed: undefined }
    expect(writeDicom(unseeded)).not.toEqual(writeDicom(unseeded))
  })

  test('UIDs are of the 2.25 root and of a legal form', () => {
    for (const uid of [makeUid(), ...Array.from({ length: 50 }, (_, i) => makeUid(String(i)))]) {
      expect(uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/)
      expect(BigInt(uid.slice(5)) < 2n ** 128n).toBe(true)
    }
  })
})

const installed = spawnSync('dcmdump', ['--version']).status === 0 && spawnSync('dcm2pnm', ['--version']).status === 0
if (!installed) console.log('Skipped: DCMTK is not installed, written DICOM files are not shown to dcmdump and dcm2pnm.')
describe.skipIf(!installed)('DCMTK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-dicom-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(examples)('%s is read without a warning', (_, image) => {
    const path = join(folder, 'image.dcm')
    writeFileSync(path, writeDicom(image))
    for (const command of ['dcmdump', 'dcm2pnm']) {
      const { status, stderr } = spawnSync(command, command === 'dcmdump' ? [path] : ['--write-8-bit-pnm', path, join(folder, 'image.pnm')], { encoding: 'utf8' })
      expect([status, stderr.replace(/^I: .*\n/gm, '')]).toEqual([0, ''])
    }
  })

  test('8-bit grey shows the values that were written', () => {
    const path = join(folder, 'grey.dcm')
    const pixels = Uint8Array.from({ length: 12 }, (_, i) => i * 23)
    writeFileSync(path, writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 4, height: 3, pixels, windows: [{ center: 128, width: 256 }] }))
    execFileSync('dcm2pnm', ['--use-window', '1', '--write-raw-pnm', path, join(folder, 'grey.pgm')])
    expect([...readFileSync(join(folder, 'grey.pgm')).subarray(-12)]).toEqual([...pixels])
  })
})

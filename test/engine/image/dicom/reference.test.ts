/**
 * Every uncompressed file of a collection against DCMTK 3.6.7: sha256 of the stored pixel bytes, little endian.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { StoredPixels } from '../../../../src/engine/image/decoded-image'
import type { PixelDescription } from '../../../../src/engine/image/dicom/pixel-description'
import { openDicom } from '../../../../src/engine/image/dicom/read'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'

const folder = '../shared/data/dicom'
const present = existsSync(`${folder}/reference_decode.csv`)
if (!present) console.log(`Skipped: ${folder} is not here, so DICOM files are not compared with DCMTK.`)

type Row = Record<string, string>
function table(file: string): Row[] {
  if (!present) return []
  const lines = readFileSync(`${folder}/${file}`, 'utf8').trim().split(/\r?\n/)
  const [header, ...rows] = lines.map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) => match[1]!))
  return rows.map((row) => Object.fromEntries(header!.map((key, i) => [key, row[i] ?? ''])))
}
const reference = new Map(table('reference_decode.csv').map((row) => [row['file']!, row]))
const manifest = table('manifest.csv')
const uncompressed = manifest.filter((row) =>
  ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2', ''].includes(row['transfer_syntax_uid']!),
)

/** Files that must fail, and how. The first group decodes in DCMTK to nothing, or not at all. */
const failures: Record<string, string> = {
  'dcm4che__Tag-0040-A170-VR-CS.dcm': 'dicom-no-pixels',
  'fo-dicom__GH1146.dcm': 'image-truncated', // pixel data of no length
  'fo-dicom__GH179B.dcm': 'image-truncated',
  'pydicom__MR_truncated.dcm': 'image-truncated',
  'pydicom__rtplan_truncated.dcm': 'image-truncated',
  // DCMTK copies the bytes without asking what they mean; these do not say it.
  'dwv__dwv-test_no-number-rows.dcm': 'image-corrupt',
  'pydicom__meta_missing_tsyntax.dcm': 'image-corrupt',
  'pydicom__nested_priv_SQ.dcm': 'image-corrupt',
}

/** Files whose bytes DCMTK writes in another way; their values are checked against a sibling or by hand. */
const elsewhere: Record<string, string> = {
  'pydicom-data__mlut_18.dcm': 'bits above bits stored are set; DCMTK keeps them',
  'pydicom__MR_small_padded.dcm': 'pixels of MR_small and 128 bytes more',
  'fo-dicom__GH364.dcm': 'DCMTK stumbles over its tags; JPEG-LS',
  'pydicom__SC_rgb_jpeg.dcm': 'DCMTK believes its transfer syntax: implicit, and JPEG',
  'pydicom__no_meta.dcm': 'DCMTK does not find its beginning, one byte into the file',
  'fo-dicom__GH340.dcm': '12 bits packed; a value for each pixel here',
  'pydicom__SC_ybr_full_422_uncompressed.dcm': 'two pixels share their chroma there, and have one each here',
  'pydicom__rtdose_expb.dcm': 'DCMTK swaps words where pixels are double words',
}

interface StoredDicom {
  pixels: StoredPixels
  description: PixelDescription
}
async function readDicom(file: Uint8Array, name: string): Promise<StoredDicom> {
  const { description } = await openDicom(file, name)
  const { pixels } = await (await openImage(file, name)).stored()
  return { description, pixels }
}

/** Our values laid out as the file had them: bits packed, planes apart, padded to an even length. */
function asStoredBytes({ pixels, description: d }: StoredDicom): Uint8Array {
  let bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  if (d.bitsAllocated === 1) {
    const packed = new Uint8Array(Math.ceil(bytes.length / 8))
    bytes.forEach((bit, i) => (packed[i >> 3]! |= bit << (i & 7)))
    bytes = packed
  } else if (d.planar) {
    const plane = d.rows * d.columns
    bytes = bytes.map((_, i) => pixels[(i % plane) * 3 + Math.floor(i / plane)]!) // one frame of 8 bits in all such files
  }
  if (bytes.length % 2 === 0) return bytes
  const padded = new Uint8Array(bytes.length + 1)
  padded.set(bytes)
  return padded
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const load = (file: string) => readFileSync(`${folder}/${file}`)

describe.skipIf(!present)('uncompressed DICOM files', () => {
  const decodable = uncompressed.filter(({ file }) => reference.get(file!)?.['pixel_sha256'] && !(file! in failures) && !(file! in elsewhere))
  test.each(decodable.map((row) => row['file']!))('%s has the pixel bytes that DCMTK wrote', async (file) => {
    expect(sha256(asStoredBytes(await readDicom(load(file), file)))).toBe(reference.get(file)!['pixel_sha256'])
  })

  test('no file of the collection escaped the comparison', () => {
    const without = uncompressed.filter(({ file }) => !decodable.some((row) => row['file'] === file) && !(file! in failures) && !(file! in elsewhere))
    expect(without.map((row) => reference.get(row['file']!)!['status'])).toEqual(without.map(() => '"decoded, no pixel data written"'))
    expect(decodable.length).toBeGreaterThan(60)
  })

  test.each(Object.entries(failures))('%s fails with %s', async (file, code) => {
    await expect(readDicom(load(file), file)).rejects.toMatchObject({ code, facts: { path: file } })
  })

  test.each(uncompressed.filter((row) => reference.get(row['file']!)?.['status'] === '"decoded, no pixel data written"').map((row) => row['file']!))(
    '%s holds no picture and says so',
    async (file) => {
      await expect(readDicom(load(file), file)).rejects.toMatchObject({ code: 'dicom-no-pixels' })
    },
  )

  test('a padded file holds the pixels of its unpadded sibling', async () => {
    expect(sha256(asStoredBytes(await readDicom(load('pydicom__MR_small_padded.dcm'), '')))).toBe(reference.get('pydicom__MR_small.dcm')!['pixel_sha256'])
  })

  test('32-bit pixels of big and little endian siblings are equal', async () => {
    expect(sha256(asStoredBytes(await readDicom(load('pydicom__rtdose_expb.dcm'), '')))).toBe(reference.get('pydicom__rtdose.dcm')!['pixel_sha256'])
  })

  test('bits above bits stored do not reach the values', async () => {
    const { pixels, description } = await readDicom(load('pydicom-data__mlut_18.dcm'), '')
    expect(description).toMatchObject({ bitsStored: 12, signed: true })
    expect(pixels.every((value) => value >= -2048 && value <= 2047)).toBe(true)
  })

  const compressed = manifest.filter((row) => /^1\.2\.840\.10008\.1\.2\.(4\.\d+|5)$/.test(row['transfer_syntax_uid']!))
  test('compressed syntaxes are refused by name, all of them', async () => {
    expect(compressed.length).toBeGreaterThan(90)
    for (const { file, transfer_syntax_uid: uid } of compressed) {
      const error = await decodeImage(load(file!), file).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error, file).toMatchObject({ code: expect.stringMatching(/^(dicom-transfer-syntax-unsupported|dicom-no-pixels|image-truncated)$/) })
      if ((error as { code: string }).code === 'dicom-transfer-syntax-unsupported') expect(error).toMatchObject({ facts: { transferSyntax: uid } })
    }
  })
})

/**
 * Every file of a collection of 219, of all transfer syntaxes, against what others made of it: the sha256 of the pixel
 * bytes that DCMTK 3.6.7 wrote, else a sibling with the same content in another syntax, else a second decoder. Prints what
 * became of each.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { openImage } from '../../../../src/engine/image/decode'
import { openDicom } from '../../../../src/engine/image/dicom/read'
import { readJpegLsHeader } from '../../../../src/engine/image/codecs/jpeg-ls-header'
import { transferSyntaxes } from '../../../../src/engine/image/dicom/transfer-syntaxes'
import type { CollectionFile } from './collection'
import { collection, folder, layouts, load, present, readStoredFile, samePixels, sha256 } from './collection'
import { decode } from '../codecs/dcmjs-codecs'
import { decodeBySecond } from './second-decoder'

if (!present) console.log(`SKIPPED: ${folder} is not here, so DICOM files are not compared with DCMTK.`)

/** Files that must fail, and how; files without a picture by DCMTK's word are not listed. */
const refused: Record<string, string> = {
  'dcm4che__Tag-0040-A170-VR-CS.dcm': 'dicom-no-pixels',
  'fo-dicom__GH1146.dcm': 'image-truncated', // pixel data of no length
  'fo-dicom__GH179B.dcm': 'image-truncated',
  'fo-dicom__genFile.dcm': 'image-corrupt', // bytes as they are, where its transfer syntax says JPEG
  'pydicom__JPEG2000-embedded-sequence-delimiter.dcm': 'image-corrupt', // written over the size of its codestream
  'pydicom__MR_truncated.dcm': 'image-truncated',
  'pydicom__rtplan_truncated.dcm': 'image-truncated',
  // DCMTK copies the bytes without asking what they mean; these do not say it.
  'dwv__dwv-test_no-number-rows.dcm': 'image-corrupt',
  'pydicom__meta_missing_tsyntax.dcm': 'image-corrupt',
  'pydicom__nested_priv_SQ.dcm': 'image-corrupt',
}

/** Files whose bytes DCMTK writes in another way, or not at all; their values are checked in tests of their own. */
const elsewhere: Record<string, string> = {
  'pydicom__MR_small_padded.dcm': 'pixels of MR_small and 128 bytes more',
  'pydicom__rtdose_expb.dcm': 'DCMTK swaps words where pixels are double words',
  'fo-dicom__GH364.dcm': 'DCMTK stumbles over its tags; JPEG-LS',
  'pydicom__SC_rgb_jpeg.dcm': 'DCMTK believes its transfer syntax: implicit, and JPEG',
  'pydicom__no_meta.dcm': 'DCMTK does not find its beginning, one byte into the file',
  'pydicom-data__liver_nonbyte_aligned_deflate.dcm': 'DCMTK does not know the syntax',
  'pydicom-data__liver_nonbyte_aligned_j2k.dcm': 'DCMTK does not know the syntax',
  'pydicom-data__liver_nonbyte_aligned_rle.dcm': 'DCMTK does not decode RLE of single bits',
}

/** Syntaxes whose pixels are those that were compressed. */
const lossless = /^$|^1$|^1\.99$|^2$|^5$|^8\.1$|^4\.(57|70|80|90|110|201|202)$/

/** How far lossy JPEG 2000 may be from its lossless sibling: peak signal-to-noise ratio in dB at least. */
const lossySiblings: Record<string, { psnr: number }> = {
  'cswado__CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm': { psnr: 50 },
  'cswado__CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91_2.dcm': { psnr: 50 },
  'wg04__MR1_J2KI.dcm': { psnr: 30 },
  'wg04__MR4_J2KI.dcm': { psnr: 30 },
  'pydicom-data__RG3_J2KI.dcm': { psnr: 30 },
  'pydicom-data__US1_J2KI.dcm': { psnr: 30 },
}

const outcomes = new Map<string, [decoded: string, match: string]>()
afterAll(() => {
  if (outcomes.size === 0) return
  const rows = collection.flatMap(({ file, syntax }) => {
    const [decoded, match] = outcomes.get(file) ?? ['not tried', '']
    return [`${file.replace(/_1\.2\.840\.10008\.1/, '…').padEnd(78)} ${`1.2${syntax && `.${syntax}`}`.padEnd(9)} ${decoded.padEnd(16)} ${match}`]
  })
  const count = (what: RegExp) => [...outcomes.values()].filter((outcome) => what.test(outcome.join(' '))).length
  console.log(
    [
      'file'.padEnd(78) + ' syntax    outcome          match (syntaxes begin with 1.2.840.10008.)',
      ...rows,
      `${outcomes.size} files: ${count(/^decoded/)} decoded (${count(/DCMTK's sha256/)} with DCMTK's sha256), ${count(/^(image|dicom)-/)} refused with a typed error`,
    ].join('\n'),
  )
})

const failure = async (file: string): Promise<{ code?: string; facts?: object }> =>
  readStoredFile(file).then(
    () => ({}),
    (error: { code?: string; facts?: object }) => error,
  )

/** The lossless file of the same group and size whose bytes DCMTK has written. */
const siblingOf = ({ file, group }: CollectionFile, bytes: number): CollectionFile | undefined =>
  collection.find((other) => group !== undefined && other.group === group && other.file !== file && other.sha256 !== undefined && lossless.test(other.syntax) && other.writtenBytes === bytes)

function errors(a: ArrayLike<number>, b: ArrayLike<number>): { largest: number; psnr: number } {
  let largest = 0
  let squares = 0
  let peak = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!)
    largest = Math.max(largest, difference)
    squares += difference * difference
    peak = Math.max(peak, Math.abs(b[i]!))
  }
  return { largest, psnr: squares === 0 ? Infinity : 10 * Math.log10((peak * peak * a.length) / squares) }
}

describe.skipIf(!present)('the collection of DICOM files', () => {
  const written = collection.filter(({ file, sha256 }) => sha256 && !(file in refused) && !(file in elsewhere))
  const unwritten = collection.filter(({ file, sha256, status }) => !sha256 && !(file in refused) && !(file in elsewhere) && !/no pixel data written/.test(status))
  const empty = collection.filter(({ file, status }) => /no pixel data written/.test(status) && !(file in refused))

  test.each(written.map(({ file }) => file))('%s has the pixel bytes that DCMTK wrote', async (file) => {
    const stored = await readStoredFile(file)
    const expected = collection.find((row) => row.file === file)!.sha256!
    const layout = Object.entries(layouts(stored)).find(([, bytes]) => sha256(bytes) === expected)?.[0]
    expect(layout, `sha256 of ${expected.slice(0, 8)}…`).toBeDefined()
    outcomes.set(file, ['decoded', `DCMTK's sha256${layout === 'plain' || layout === 'packed' ? '' : ` (${layout})`}`])
  })

  test.each(unwritten.map(({ file }) => file))('%s, which DCMTK does not decode, agrees with a sibling or a second decoder', async (file) => {
    const stored = await readStoredFile(file)
    const row = collection.find((candidate) => candidate.file === file)!
    const sibling = siblingOf(row, Object.values(layouts(stored))[0]!.length)
    const matches: string[] = []
    if (sibling && lossless.test(row.syntax)) {
      expect(Object.values(layouts(stored)).map(sha256), `the pixels of ${sibling.file}`).toContain(sibling.sha256)
      matches.push(`same as ${sibling.file}`)
    }
    if (file in lossySiblings) {
      expect(sibling, 'a lossless sibling').toBeDefined()
      const { largest, psnr } = errors(stored.pixels, (await readStoredFile(sibling!.file)).pixels)
      expect(psnr).toBeGreaterThan(lossySiblings[file]!.psnr)
      matches.push(`${psnr.toFixed(1)} dB, at most ±${largest}, of ${sibling!.file}`)
    }
    const second = matches.length === 0 ? await decodeBySecond(file) : undefined
    if (second) {
      const { pixels } = second.frames.length === stored.description.frames ? stored : await readStoredFile(file, second.frames)
      const { largest } = errors(pixels, second.pixels)
      expect(second.pixels.length).toBe(pixels.length)
      expect(largest, `difference from ${second.decoder}`).toBeLessThanOrEqual(second.tolerance)
      matches.push(`${largest === 0 ? 'same as' : `±${largest} of`} ${second.decoder}`)
    }
    expect(matches).not.toEqual([])
    outcomes.set(file, ['decoded', matches.join('; ')])
  })

  test.each(empty.map(({ file }) => file))('%s holds no picture and says so', async (file) => {
    expect(await failure(file)).toMatchObject({ code: 'dicom-no-pixels', facts: { path: file } })
    outcomes.set(file, ['dicom-no-pixels', 'DCMTK wrote no pixel data'])
  })

  test.each(Object.entries(refused))('%s fails with %s', async (file, code) => {
    expect(await failure(file)).toMatchObject({ code, facts: { path: file } })
    outcomes.set(file, [code, collection.find((row) => row.file === file)!.status])
  })

  describe('files that DCMTK writes in another way, or not at all', () => {
    const sameAs = async (file: string, other: string) => {
      expect(Object.values(layouts(await readStoredFile(file))).map(sha256)).toContain(collection.find((row) => row.file === other)!.sha256)
      outcomes.set(file, ['decoded', `same as ${other}`])
    }
    test('a padded file holds the pixels of its unpadded sibling', () => sameAs('pydicom__MR_small_padded.dcm', 'pydicom__MR_small.dcm'))
    test('32-bit pixels of big and little endian siblings are equal', () => sameAs('pydicom__rtdose_expb.dcm', 'pydicom__rtdose.dcm'))
    test('JPEG behind a transfer syntax that denies it is what DCMTK once made of it', () => sameAs('pydicom__SC_rgb_jpeg.dcm', 'pydicom__SC_rgb_jpeg_dcmd.dcm'))

    test('bits above bits stored do not reach the values', async () => {
      const file = 'pydicom-data__mlut_18.dcm'
      const { frame, description } = await openDicom(load(file), file)
      const { pixels } = await frame(0)
      expect(description).toMatchObject({ bitsStored: 12, signed: true })
      // Pixel data is the file's last element.
      const raw = new Uint16Array(Uint8Array.from(load(file).subarray(-pixels.byteLength)).buffer)
      expect(samePixels(pixels, Int16Array.from(raw, (word) => (word << 20) >> 20))).toBe(true)
    })

    test('a file that lacks its first byte has the pixels that DCMTK finds one byte on', async () => {
      const file = 'pydicom__no_meta.dcm'
      const { plain } = layouts(await readStoredFile(file))
      expect(sha256(plain!)).toBe('7a481f6ffff833aef4d8bd54819bd8f472aaa7232090208e056c90eacf079926')
      outcomes.set(file, ['decoded', "DCMTK's sha256, one byte on"])
    })

    test('JPEG-LS between tags that DCMTK stumbles over is what a second decoder makes of it', async () => {
      const file = 'fo-dicom__GH364.dcm'
      const { pixels, description } = await readStoredFile(file)
      const bytes = Buffer.from(load(file))
      expect(samePixels(pixels, await decode('JpegLs', bytes.subarray(bytes.indexOf('ffd8fff7', 0, 'hex')), description))).toBe(true)
      outcomes.set(file, ['decoded', 'same as dcmjs-codecs (CharLS)'])
    })

    test('rows of single bits that end within a byte are cut out of the larger image, in every syntax', async () => {
      const whole = await readStoredFile('pydicom-data__liver_expb.dcm')
      const size = 510
      const cut = new Uint8Array(3 * size * size)
      for (let i = 0, row = 0; row < 3 * size; row++, i += size) {
        const from = (Math.floor(row / size) * 512 + (row % size)) * 512
        cut.set(whole.pixels.subarray(from, from + size), i)
      }
      for (const syntax of ['deflate', 'j2k', 'rle']) {
        const file = `pydicom-data__liver_nonbyte_aligned_${syntax}.dcm`
        expect(samePixels((await readStoredFile(file)).pixels, cut), file).toBe(true)
        outcomes.set(file, ['decoded', 'cut out of pydicom-data__liver_expb.dcm'])
      }
    })
  })

  test.each(collection.filter(({ syntax }) => syntax === '4.81').map((row) => [row.file, row] as const))('%s is as near to its lossless sibling as it promises', async (file, row) => {
    const { pixels } = await readStoredFile(file)
    const sibling = siblingOf(row, pixels.byteLength)
    const bytes = Buffer.from(load(file))
    const { near } = readJpegLsHeader(bytes.subarray(bytes.indexOf('ffd8ff', 0, 'hex')))!
    expect(near).toBeGreaterThan(0)
    if (sibling) expect(errors(pixels, (await readStoredFile(sibling.file)).pixels).largest).toBeLessThanOrEqual(near)
  })

  test('all frames are read from one file as from another that holds them differently', async () => {
    const file = 'pydicom-data__emri_small_jpeg_2k_lossless.dcm'
    const { frames, pixels } = await (await openImage(load(file), file)).stored()
    expect(frames).toBe(10)
    expect(sha256(new Uint8Array(pixels.buffer))).toBe(collection.find((row) => row.file === 'pydicom-data__emri_small_RLE.dcm')!.sha256)
  })

  test('no file escaped, and every syntax of the collection is one that Assay knows', () => {
    const all = [...written, ...unwritten, ...empty].map(({ file }) => file).concat(Object.keys(refused), Object.keys(elsewhere))
    expect([...all].sort()).toEqual(collection.map(({ file }) => file).sort())
    expect(collection.length).toBe(219)
    for (const { syntax } of collection) if (syntax) expect(transferSyntaxes[`1.2.840.10008.1.2.${syntax}`]).toBeDefined()
  })
})

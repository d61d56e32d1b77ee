import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { writeDicom } from '../../../../src/engine/image/dicom/write'
import { recogniseFormat } from '../../../../src/engine/image/formats'
import { walkImages } from '../../../../src/engine/dataset/walk'
import { jpeg } from '../pictures'
import { writeNifti } from './nifti-writer'
import { writePng } from './png-writer'
import { writeTiff } from './tiff-writer'
import { cpuTime } from '../../../support/cpu-time'

const bytes = (text: string, length = 64) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(Math.max(0, length - text.length))])

const nifti = writeNifti({ size: [2, 2, 2], type: 2, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })
const tiff = writeTiff({ pages: [{ width: 300, height: 3, bits: 8, values: new Uint8Array(900).fill(3) }] })

describe('a DICOM file whose preamble begins like something else', () => {
  const dicom = writeDicom({ kind: 'secondary-capture', modality: 'OT', width: 2, height: 2, pixels: Uint8Array.of(1, 2, 3, 4), seed: 'a' })
  test.each([
    ['TIFF, little endian', 'II*\0\x08\0\0\0'],
    ['TIFF, big endian', 'MM\0*\0\0\0\x08'],
    ['BigTIFF', 'II+\0\x08\0\0\0'],
    ['BMP', `BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0`],
    ['WebP', 'RIFF\0\0\0\0WEBP'],
    ['NIfTI', '\x5c\x01\0\0'],
  ])('%s is DICOM all the same', async (_, beginning) => {
    const file = Buffer.from(dicom)
    file.write(beginning, 0, 'latin1')
    expect((await decodeImage(file)).format).toBe('dicom')
  })

  test('and a TIFF without the mark at byte 128 is TIFF', async () => {
    expect((await decodeImage(tiff)).format).toBe('tiff')
  })
})

describe('what is no picture is called by its name', () => {
  test.each([
    ['GIF', bytes('GIF89a'), /is a GIF picture/],
    ['JPEG XL codestream', bytes('\xff\x0a'), /is a JPEG XL picture/],
    ['JPEG XL container', bytes('\0\0\0\x0cJXL \r\n\x87\n'), /is a JPEG XL picture/],
    ['HEIC', bytes('\0\0\0\x18ftypheic'), /is a HEIC picture/],
    ['AVIF', bytes('\0\0\0\x18ftypavif'), /is an AVIF picture/],
    ['a film', bytes('\0\0\0\x18ftypmp42'), /is a film/],
    ['PDF', bytes('%PDF-1.7'), /is a PDF document/],
    ['zip', bytes('PK\x03\x04'), /is a zip archive/],
    ['gzip of text', gzipSync(Buffer.from('nothing to see')), /is a gzip archive without NIfTI inside/],
    ['gzip of a DICOM file', gzipSync(bytes('x', 400)), /is a gzip archive without NIfTI inside/],
    ['SVG', bytes('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'), /is an SVG drawing/],
    ['a web page', bytes('<!DOCTYPE html><html>'), /is a web page/],
    ['NRRD', bytes('NRRD0005'), /is a NRRD volume/],
    ['MetaImage', bytes('ObjectType = Image'), /is a MetaImage volume/],
  ])('%s', async (_, file, message) => {
    await expect(openImage(file, 'thing.bin')).rejects.toMatchObject({ code: 'image-format-unknown', message: expect.stringMatching(message), facts: { path: 'thing.bin' } })
    await expect(openImage(file, 'thing.bin')).rejects.toThrow(/DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP/)
  })
})

describe('formats', () => {
  test('are told by content whatever the name says', async () => {
    expect((await decodeImage(nifti, 'scan.dcm')).format).toBe('nifti')
    expect((await decodeImage(gzipSync(nifti), 'scan.png')).format).toBe('nifti')
    expect((await decodeImage(tiff, 'scan.jpg')).format).toBe('tiff')
  })

  test('no format takes a beginning that is too short for it', () => {
    for (const file of [nifti, tiff, gzipSync(nifti), bytes('BM'), bytes('RIFF')])
      for (let length = 0; length < 4; length++) expect(recogniseFormat(file.subarray(0, length)), String(length)).toBeUndefined()
  })
})

describe('folders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-formats-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  test('NIfTI is found in them, compressed too; other archives are passed over', async () => {
    mkdirSync(join(folder, 'sub-01'))
    for (const name of ['T1.nii', 'T2.NII.GZ', 'notes.gz', 'scan.tif', 'scan.webp', 'scan.bmp']) writeFileSync(join(folder, 'sub-01', name), nifti)
    const found: string[] = []
    for await (const path of walkImages(folder)) found.push(path)
    expect(found.map((path) => path.slice(folder.length + 8))).toEqual(['T1.nii', 'T2.NII.GZ', 'scan.bmp', 'scan.tif', 'scan.webp'])
  })
})

describe('bytes that begin like a picture and were bent', () => {
  /** A small generator, so that a failure can be repeated. */
  const numbers = (seed: number) => () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0)
  const seeds: [string, Uint8Array][] = [
    ['png', writePng({ width: 9, height: 7, colourType: 2, depth: 16, interlaced: true, values: Array.from({ length: 189 }, (_, i) => i * 300) })],
    ['tiff', writeTiff({ pages: [{ width: 40, height: 20, bits: 16, compression: 5, predictor: 2, rowsPerStrip: 3, values: Array.from({ length: 800 }, (_, i) => i * 80) }] })],
    ['tiff, tiles', writeTiff({ littleEndian: false, big: true, pages: [{ width: 40, height: 20, bits: 8, samples: 3, planar: true, compression: 32773, tile: [16, 16], values: Array.from({ length: 2400 }, (_, i) => i & 255) }] })],
    ['jpeg, progressive', jpeg.progressive420.file],
    ['jpeg, four inks', jpeg.cmyk],
    ['nifti', writeNifti({ size: [5, 4, 3], type: 4, data: new Uint8Array(120), sform: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] })],
    ['nifti.gz', gzipSync(writeNifti({ version: 2, size: [5, 4, 3], type: 64, data: new Uint8Array(480) }))],
  ]
  test.each(seeds)('%s: a typed error or a picture, quickly', async (_, seed) => {
    const next = numbers(7)
    for (let round = 0; round < 400; round++) {
      const bent = Buffer.from(seed)
      for (let change = next() % 4; change >= 0; change--) {
        const at = next() % (round % 2 ? bent.length : Math.min(bent.length, 400))
        bent[at] = change % 2 ? next() >>> 24 : bent[at]! ^ (1 << (next() % 8))
      }
      const took = cpuTime()
      const result = await openImage(bent, 'bent')
        .then(async (file) => {
          for (let index = 0; index < Math.min(file.frames, 3); index++) await file.frame(index)
          return 'a picture'
        })
        .catch((error: { code?: string; message: string }) => error.code ?? `untyped: ${error.message}`)
      expect(result, `round ${round}`).toMatch(/^(a picture|(image|dicom|file)-[a-z-]+)$/)
      expect(took(), `round ${round}`).toBeLessThan(3000)
    }
  })
})

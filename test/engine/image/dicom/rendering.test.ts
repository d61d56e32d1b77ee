/** What a person sees, against DCMTK's dcmj2pnm: made-up pictures of many kinds, and the files of the collection. Within one grey level. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { DecodedImage } from '../../../../src/engine/image/decoded-image'
import { fullWindow } from '../../../../src/engine/image/decoded-image'
import { openImage } from '../../../../src/engine/image/decode'
import { finiteRange } from '../../../../src/engine/image/grey-windows'
import { modalityValues } from '../../../../src/engine/image/modality'
import { renderPlane } from '../../../../src/engine/screening/picture'
import { scanPlane } from '../../../../src/engine/screening/planes'
import { haveShared, sharedData } from '../../../support/shared-data'
import type { Element, Encoding, Pixels } from './dicom-maker'
import { explicitBig, explicitLittle, file, image, implicitLittle } from './dicom-maker'

const dcmtk = spawnSync('dcmj2pnm', ['--version']).status === 0
if (!dcmtk) console.log('SKIPPED: dcmj2pnm is not installed, so pictures are not compared with what DCMTK shows')

const folder = mkdtempSync(join(tmpdir(), 'assay-rendering-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The samples of a frame as DCMTK shows it, 8 bits; undefined where it does not. */
function theirs(path: string, frame: number, options: readonly string[]): Uint8Array | undefined {
  const out = join(folder, 'out.pnm')
  // ACR-NEMA has no photometric interpretation; overlays are no pixels.
  const { status } = spawnSync('dcmj2pnm', ['-q', '+Ma', '-O', '+op', '+F', String(frame + 1), ...options, path, out])
  if (status !== 0) return undefined
  const bytes = readFileSync(out)
  const [head] = /^P[56]\s+(#.*\n)*\d+ \d+\s+\d+\s/.exec(bytes.subarray(0, 400).toString('latin1'))!
  return bytes.subarray(head.length)
}

const samplesOf = (picture: { rgb: Uint8Array }, decoded: DecodedImage): Uint8Array => (decoded.samples === 3 ? picture.rgb : picture.rgb.filter((_, i) => i % 3 === 0))

/** Through the file's first table, its first window, or the range of its values; with the options that ask DCMTK for the same. */
function ours(decoded: DecodedImage, declaresWindow: boolean): { options: string[]; samples: Uint8Array } {
  const plane = scanPlane(decoded)
  if (decoded.samples === 3) return { options: [], samples: samplesOf(renderPlane(plane, undefined), decoded) }
  const [table] = decoded.voiTables ?? []
  if (table && !table.explanation.startsWith('Sigmoid')) {
    const top = 2 ** table.bits - 1
    const share = (value: number) => table.values[Math.min(table.values.length - 1, Math.max(0, value - table.first))]! / top
    return { options: ['+Wl', '1'], samples: Uint8Array.from(modalityValues(decoded), (value) => Math.round(255 * (plane.description.invert ? 1 - share(value) : share(value)))) }
  }
  if (declaresWindow) return { options: ['+Wi', '1'], samples: samplesOf(renderPlane(plane, undefined), decoded) }
  // The range of DCMTK counts padding.
  const range = finiteRange(modalityValues(decoded))!
  return { options: ['+Wm'], samples: samplesOf(renderPlane(plane, fullWindow(range.low, range.high)), decoded) }
}

/** How many samples differ by more than a level; padding is black here and goes through the window there. */
function compare(path: string, decoded: DecodedImage, declaresWindow: boolean, levels = 1): { off: number; largest: number } | undefined {
  const { options, samples } = ours(decoded, declaresWindow)
  const reference = theirs(path, decoded.frame, options)
  if (!reference) return undefined
  expect(reference.length).toBe(samples.length)
  const { padding } = decoded
  let off = 0
  let largest = 0
  for (let i = 0; i < samples.length; i++) {
    if (padding && decoded.pixels[i]! >= padding.low && decoded.pixels[i]! <= padding.high) continue
    const difference = Math.abs(samples[i]! - reference[i]!)
    largest = Math.max(largest, difference)
    if (difference > levels) off++
  }
  return { off, largest }
}

const ds = (tag: number, ...values: number[]): Element => ({ tag, vr: 'DS', value: values.join('\\') })
const us = (tag: number, ...values: number[]): Element => ({ tag, vr: 'US', value: values })
const ramp = (length: number, step: number, modulus: number) => Array.from({ length }, (_, i) => (i * step) % modulus)
const table = (descriptor: number[], entries: number[]): Element[] => [us(0x00283002, ...descriptor), { tag: 0x00283006, vr: 'OW', value: entries }]
const curve = (length: number, top: number) => Array.from({ length }, (_, i) => Math.round(top * Math.sqrt(i / (length - 1))))
const palette = (descriptor: number[], tables: number[][]): Element[] => tables.flatMap((value, i) => [us(0x00281101 + i, ...descriptor), { tag: 0x00281201 + i, vr: 'OW', value }])
const window = (center: number, width: number) => [ds(0x00281050, center), ds(0x00281051, width)]

describe.skipIf(!dcmtk)('made-up pictures look as DCMTK shows them', () => {
  const grey: Pixels = { rows: 16, columns: 24, data: ramp(384, 37, 4096), stored: 12 }
  const bytes: Pixels = { rows: 16, columns: 24, allocated: 8, vr: 'OB', data: Uint8Array.from(ramp(384, 37, 256)) }
  const rgb: Pixels = { rows: 8, columns: 8, samples: 3, photometric: 'RGB', allocated: 8, planar: 0, vr: 'OB', data: Uint8Array.from(ramp(192, 73, 256)) }
  const cases: [string, Pixels, Element[], Encoding?][] = [
    ['a window', grey, window(2000, 1500)],
    ['a window, implicit', grey, window(2000, 1500), implicitLittle],
    ['a window, big endian', grey, window(2000, 1500), explicitBig],
    ['a window of two values', grey, window(2000, 2)],
    ['a window of one value', grey, window(2000, 1)],
    ['a window of twenty values', grey, window(2000, 20)],
    ['no window', grey, []],
    ['MONOCHROME1', { ...grey, photometric: 'MONOCHROME1' }, window(2000, 1500)],
    ['signed of 12 bits with a rescale', { ...grey, signed: true }, [ds(0x00281052, -1024), ds(0x00281053, 2), ...window(40, 2400)]],
    ['signed of 16 bits', { ...grey, stored: 16, signed: true, data: ramp(384, 997, 65536) }, window(-100, 20000)],
    ['a fractional slope', grey, [ds(0x00281052, -3), ds(0x00281053, 0.125), ...window(250, 500)]],
    ['a high bit at the top', { ...grey, highBit: 15, data: ramp(384, 592, 65536) }, window(2000, 1500)],
    ['12 bits packed', { ...grey, allocated: 12, data: Uint8Array.from(ramp(576, 41, 256)) }, window(2000, 1500)],
    ['8 bits', bytes, window(128, 256)],
    ['1 bit', { ...bytes, allocated: 1, data: Uint8Array.from(ramp(48, 91, 256)) }, window(1, 2)],
    ['a modality table', grey, [{ tag: 0x00283000, vr: 'SQ', value: [table([4096, 0, 16], curve(4096, 65535))] }, ...window(32768, 65536)]],
    ['a short modality table', grey, [{ tag: 0x00283000, vr: 'SQ', value: [table([1000, 500, 16], curve(1000, 60000))] }, ...window(30000, 60000)]],
    ['a VOI table', grey, [{ tag: 0x00283010, vr: 'SQ', value: [table([4096, 0, 12], curve(4096, 4095))] }]],
    ['a VOI table of 8 bits over half of the values', grey, [{ tag: 0x00283010, vr: 'SQ', value: [table([2048, 1024, 8], curve(2048, 255))] }]],
    ['a VOI table after a rescale', grey, [ds(0x00281052, -1024), ds(0x00281053, 1), { tag: 0x00283010, vr: 'SQ', value: [table([2048, 64512, 16], curve(2048, 65535))] }], implicitLittle],
    ['padding', { ...grey, stored: 16, signed: true, data: ramp(384, 37, 4096).map((value) => (value % 5 ? value : -2000)) }, [{ tag: 0x00280120, vr: 'SS', value: [-2000] }, ...window(2000, 1500)]],
    ['RGB', rgb, []],
    ['RGB, big endian words', { ...rgb, vr: 'OW' }, [], explicitBig],
    ['RGB by planes', { ...rgb, planar: 1 }, []],
    ['RGB of 16 bits', { ...rgb, allocated: 16, stored: 16, vr: 'OW', data: ramp(192, 7919, 65536) }, []],
    ['YBR_FULL', { ...rgb, photometric: 'YBR_FULL' }, []],
    ['YBR_FULL by planes', { ...rgb, photometric: 'YBR_FULL', planar: 1 }, []],
    ['YBR_FULL_422', { ...rgb, photometric: 'YBR_FULL_422', data: Uint8Array.from(ramp(128, 73, 256)) }, []],
    ['YBR_PARTIAL_422', { ...rgb, photometric: 'YBR_PARTIAL_422', data: Uint8Array.from(ramp(128, 73, 256)) }, []],
    ['a palette', { ...bytes, photometric: 'PALETTE COLOR' }, palette([256, 0, 16], [curve(256, 65535), curve(256, 40000), curve(256, 65535).reverse()])],
    ['a short palette of 8 bits', { ...bytes, photometric: 'PALETTE COLOR' }, palette([100, 50, 8], [curve(100, 255), curve(100, 99), curve(100, 255).reverse()])],
  ]

  test.each(cases)('%s', async (name, pixels, more, encoding = explicitLittle) => {
    const path = join(folder, 'made.dcm')
    const uids: Element[] = [{ tag: 0x00080018, vr: 'UI', value: '1.2.3' }]
    writeFileSync(path, file(image(pixels, [...uids, ...more]), encoding))
    const opened = await openImage(readFileSync(path), path)
    const declaresWindow = more.some(({ tag }) => tag === 0x00281050)
    // DCMTK converts YBR in whole numbers and loses a level to that.
    const difference = compare(path, await opened.frame(0), declaresWindow, name.startsWith('YBR') ? 2 : 1)
    expect(difference).toBeDefined()
    expect(difference).toMatchObject({ off: 0 })
  })

  test('SIGMOID', async () => {
    const path = join(folder, 'sigmoid.dcm')
    writeFileSync(path, file(image(grey, [...window(2000, 900), { tag: 0x00281056, vr: 'CS', value: 'SIGMOID' }])))
    const decoded = await (await openImage(readFileSync(path), path)).frame(0)
    const [{ values, first, bits }] = decoded.voiTables! as [NonNullable<DecodedImage['voiTables']>[number]]
    const shown = Array.from(decoded.pixels, (value) => Math.round((255 * values[Math.min(values.length - 1, Math.max(0, value - first))]!) / (2 ** bits - 1)))
    const reference = theirs(path, 0, ['+Wi', '1', '+Wfs'])!
    shown.forEach((value, i) => expect(Math.abs(value - reference[i]!)).toBeLessThanOrEqual(1))
  })
})

describe.skipIf(!dcmtk || !haveShared('dicom'))('the files of the collection look as DCMTK shows them', () => {
  /** Where the two differ, and why. */
  const otherwise: Record<string, string> = {
    'fo-dicom__GH610.dcm': 'values below a thousandth: DCMTK makes its range of whole numbers',
    'highdicom__seg_image_ct_binary.dcm': 'one value in all pixels of the frame: black here, white there',
    'pydicom__rtdose_expb.dcm': 'DCMTK swaps words where pixels are double words',
    'wg04__RG3_JPLY.dcm': 'lossy values beyond bits stored: DCMTK cuts their upper bits off, 8 pixels',
  }
  const directory = resolve(sharedData, 'dicom')
  const names = haveShared('dicom') ? readdirSync(directory).filter((name) => name.endsWith('.dcm')) : []

  test('but for a few, with reasons', async () => {
    const differing: string[] = []
    let compared = 0
    for (const name of names) {
      const path = resolve(directory, name)
      const decoded = await openImage(readFileSync(path), name)
        .then((opened) => opened.frame(opened.defaultFrame))
        .catch(() => undefined)
      if (!decoded || decoded.pixels.length > 4e6) continue
      const declaresWindow = spawnSync('dcmdump', ['-q', '-s', '+P', '0028,1051', path], { encoding: 'latin1' }).stdout.includes('DS [')
      const difference = compare(path, decoded, declaresWindow && decoded.windows.length > 0, decoded.samples === 3 ? 2 : 1)
      if (!difference) continue
      compared++
      if (difference.off > 0) differing.push(`${name}: ${difference.off} by up to ${difference.largest}`)
    }
    console.log(`${compared} files look as DCMTK shows them; otherwise: ${differing.join('; ')}`)
    expect(differing.map((line) => line.split(':')[0]).filter((name) => !(name! in otherwise))).toEqual([])
    expect(compared).toBeGreaterThan(80)
  }, 300_000)
})

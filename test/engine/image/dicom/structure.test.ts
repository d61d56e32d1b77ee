/** Data sets of every shape that files of the world have; dcmdump reads the same elements where DCMTK is installed. */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { deflateRawSync, deflateSync } from 'node:zlib'
import type { DataSet } from 'dicom-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../../src/engine/image/decode'
import { parseDicom } from '../../../../src/engine/image/dicom/data-set'
import { cpuTime } from '../../../support/cpu-time'
import { haveShared, sharedData } from '../../../support/shared-data'
import type { Element } from './dicom-maker'
import { dataSet, explicitBig, explicitLittle, file, header, image, implicitBig, implicitLittle, joined, without } from './dicom-maker'

const values = [1, 2, 3, 4, 5, 6]
const picture = (more: readonly Element[] = []) => image({ rows: 2, columns: 3, data: values }, more)
const pixelsOf = async (bytes: Uint8Array) => [...(await decodeImage(bytes, 'scan.dcm')).pixels]
const failure = (bytes: Uint8Array) =>
  decodeImage(bytes, 'scan.dcm').then(
    () => 'no error',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )

describe('an encoding that the file does not say, or says wrongly', () => {
  const encodings = { explicitLittle, implicitLittle, explicitBig, implicitBig }
  test.each(Object.entries(encodings))('%s without preamble and meta information', async (_, encoding) => {
    expect(await pixelsOf(dataSet(picture(), encoding))).toEqual(values)
  })

  test.each(Object.entries(encodings))('%s with meta information that names no transfer syntax', async (_, encoding) => {
    expect(await pixelsOf(joined(header(undefined), dataSet(picture(), encoding)))).toEqual(values)
  })

  test.each(Object.entries(encodings))('%s where another one is declared', async (_, encoding) => {
    for (const declared of ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2']) expect(await pixelsOf(joined(header(declared), dataSet(picture(), encoding))), declared).toEqual(values)
  })

  test('the transfer syntax that is told is the one that was found', async () => {
    const found = async (declared: string, encoding: typeof explicitLittle) => (await decodeImage(joined(header(declared), dataSet(picture(), encoding)))).transferSyntax
    expect(await found('1.2.840.10008.1.2.1', implicitLittle)).toBe('1.2.840.10008.1.2')
    expect(await found('1.2.840.10008.1.2', explicitLittle)).toBe('1.2.840.10008.1.2.1')
    expect(await found('1.2.840.10008.1.2.1', explicitBig)).toBe('1.2.840.10008.1.2.2')
  })

  test('meta information without a preamble, a preamble without DICM, one stray byte at the beginning', async () => {
    const whole = file(picture())
    expect(await pixelsOf(whole.subarray(132))).toEqual(values)
    expect(await pixelsOf(joined(new Uint8Array(128), whole.subarray(132)))).toEqual(values)
    expect(await pixelsOf(joined(new Uint8Array(132), whole.subarray(132)))).toEqual(values)
    expect(await pixelsOf(joined(Uint8Array.of(0x20), dataSet(picture(), explicitLittle)))).toEqual(values)
  })

  test('compressed where it does not say so: run lengths are told by their header', async () => {
    // Two segments of a 16-bit picture, each a literal run of six bytes (PS3.5, G).
    const rle = new Uint8Array(64 + 16)
    new DataView(rle.buffer).setUint32(0, 2, true)
    new DataView(rle.buffer).setUint32(4, 64, true)
    new DataView(rle.buffer).setUint32(8, 72, true)
    rle.set([5, 0, 0, 0, 0, 0, 0, 0], 64)
    rle.set([5, ...values, 0], 72)
    const item = (bytes: Uint8Array) => joined(Uint8Array.of(0xfe, 0xff, 0, 0xe0, bytes.length, 0, 0, 0), bytes)
    const fragments = joined(item(new Uint8Array(0)), item(rle), Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0))
    const elements = image({ rows: 2, columns: 3, data: fragments, vr: 'OB' }).map((e) => (e.tag === 0x7fe00010 ? { ...e, undefinedLength: true } : e))
    for (const declared of [undefined, '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.5']) expect(await pixelsOf(joined(header(declared), dataSet(elements, explicitLittle)))).toEqual(values)
  })

  test('declared as compressed, and not', async () => {
    expect(await pixelsOf(file(picture(), explicitLittle, '1.2.840.10008.1.2.4.70'))).toEqual(values)
  })

  test('ACR-NEMA, which has no preamble, no VRs and no photometric interpretation', async () => {
    const acrNema = without(picture([{ tag: 0x00080000, vr: 'UL', value: [42] }, { tag: 0x00080010, vr: 'LO', value: 'ACR-NEMA 2.0' }, { tag: 0x00280005, vr: 'US', value: [2] }]), 0x00080016, 0x00280002, 0x00280004)
    for (const encoding of [implicitLittle, implicitBig]) {
      const decoded = await decodeImage(dataSet(acrNema, encoding))
      expect([...decoded.pixels]).toEqual(values)
      expect(decoded.facts).toContainEqual({ label: 'Photometric', value: 'not given, taken as MONOCHROME2' })
    }
  })

  test('GE private: implicit little endian with pixels the other way round', async () => {
    const swapped = image({ rows: 2, columns: 3, data: new Uint8Array(values.flatMap((value) => [0, value])) })
    expect(await pixelsOf(file(swapped, implicitLittle, '1.2.840.113619.5.2'))).toEqual(values)
  })

  test('an unknown transfer syntax and a retired one are refused by name', async () => {
    expect(await failure(file(picture(), explicitLittle, '1.2.3.4'))).toMatch(/^dicom-transfer-syntax-unsupported.*1\.2\.3\.4/)
    expect(await failure(file(picture(), implicitLittle, '1.2.840.10008.1.20'))).toMatch(/^dicom-transfer-syntax-unsupported.*Papyrus/)
  })
})

describe('deflated data sets', () => {
  const deflated = '1.2.840.10008.1.2.1.99'
  const body = dataSet(picture(), explicitLittle)
  test('are unpacked, bare or wrapped as zlib does', async () => {
    expect(await pixelsOf(joined(header(deflated), deflateRawSync(body)))).toEqual(values)
    expect(await pixelsOf(joined(header(deflated), deflateSync(body)))).toEqual(values)
  })

  test('cut before the last pixel are truncated', async () => {
    const packed = deflateRawSync(dataSet(image({ rows: 40, columns: 40, data: Array.from({ length: 1600 }, (_, i) => (i * 7919) % 65536) }), explicitLittle))
    expect(await failure(joined(header(deflated), packed.subarray(0, packed.length - 100)))).toMatch(/^image-truncated/)
  })

  test('stop at a limit', async () => {
    // 300 MB of zeros: one deflated block, repeated.
    const megabyte = deflateRawSync(new Uint8Array(2 ** 20), { finishFlush: 2 })
    const bomb = joined(header(deflated), ...Array.from({ length: 300 }, () => new Uint8Array(megabyte)))
    expect(bomb.length).toBeLessThan(1e6)
    expect(await failure(bomb)).toMatch(/^image-too-large/)
  }, 120_000)
})

describe('elements', () => {
  test('of every VR of the long form are passed over by their length', async () => {
    const more = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'].map((vr, i): Element => ({ tag: 0x00091000 + i, vr, value: new Uint8Array(16) }))
    expect(await pixelsOf(file(picture(more)))).toEqual(values)
    // Inside a sequence as well.
    expect(await pixelsOf(file(picture([{ tag: 0x00091100, vr: 'SQ', value: [more] }])))).toEqual(values)
  })

  test('of a VR that does not exist are read by what follows them', async () => {
    const odd = (vr: string, value: Uint8Array): Element => ({ tag: 0x00091010, vr, value })
    // Short form, whatever the letters.
    for (const vr of ['??', '--', '  ', '\0\0', 'aa']) expect(await pixelsOf(file(picture([odd(vr, new Uint8Array(10))]))), vr).toEqual(values)
    // Two capital letters: of a standard to come, and long.
    const long = joined(Uint8Array.of(9, 0, 0x10, 0x10, 0x51, 0x51, 0, 0, 6, 0, 0, 0), new Uint8Array(6))
    const elements = picture()
    const [before, after] = [elements.filter(({ tag }) => tag < 0x00090000), elements.filter(({ tag }) => tag > 0x00090000)]
    expect(await pixelsOf(joined(header('1.2.840.10008.1.2.1'), dataSet(before, explicitLittle), long, dataSet(after, explicitLittle)))).toEqual(values)
    // Implicit among explicit ones.
    const implicit = dataSet([odd('', new Uint8Array(6))], implicitLittle)
    expect(await pixelsOf(joined(header('1.2.840.10008.1.2.1'), dataSet(before, explicitLittle), implicit, dataSet(after, explicitLittle)))).toEqual(values)
  })

  test('of odd length are read with and without the pad byte that it does not count', async () => {
    const odd: Element = { tag: 0x00081090, vr: 'LO', value: new Uint8Array(Buffer.from('odd')) }
    expect(await pixelsOf(file(picture([odd])))).toEqual(values)
    expect(await pixelsOf(file(picture([{ ...odd, value: new Uint8Array(Buffer.from('odd ')), declaredLength: 3 }])))).toEqual(values)
  })

  test('group lengths, right or wrong, say nothing', async () => {
    const lengths = [0x00080000, 0x00280000].map((tag): Element => ({ tag, vr: 'UL', value: [99999] }))
    for (const encoding of [explicitLittle, implicitLittle]) expect(await pixelsOf(file(picture(lengths), encoding))).toEqual(values)
  })

  test('behind the pixels do not matter, whole or cut', async () => {
    const padding = dataSet([{ tag: 0xfffcfffc, vr: 'OB', value: new Uint8Array(64) }], explicitLittle)
    const whole = joined(file(picture()), padding)
    for (let cut = 0; cut <= padding.length; cut += 7) expect(await pixelsOf(whole.subarray(0, whole.length - cut))).toEqual(values)
  })
})

describe('sequences', () => {
  const inside: Element[] = [
    { tag: 0x00081150, vr: 'UI', value: '1.2.3' },
    { tag: 0x00280010, vr: 'US', value: [99] }, // not the image's rows
    { tag: 0x7fe00010, vr: 'OW', value: [7, 7] }, // nor its pixels: an icon's
  ]
  const nested = (depth: number, undefinedLength: boolean): Element[] =>
    depth === 0 ? inside : [{ tag: 0x00081140, vr: 'SQ', value: [nested(depth - 1, undefinedLength), inside], undefinedLength }]

  test.each([
    ['defined', false],
    ['undefined', true],
  ])('of %s length are passed through in every encoding', async (_, undefinedLength) => {
    for (const encoding of [explicitLittle, implicitLittle, explicitBig]) expect(await pixelsOf(file(picture(nested(5, undefinedLength)), encoding))).toEqual(values)
  })

  test('that their writer did not know (UN) are implicit little endian inside, and some are not', async () => {
    for (const inner of [implicitLittle, explicitLittle])
      for (const outer of [explicitLittle, explicitBig])
        for (const undefinedLength of [true, false]) {
          const bytes = file(picture([{ tag: 0x00081140, vr: 'UN', value: [inside], undefinedLength, inner }]), outer)
          expect(await pixelsOf(bytes)).toEqual(values)
          if (undefinedLength || outer.littleEndian) expect(parseDicom(bytes, '').dataSet.elements['x00081140']!.items![0]!.dataSet!.string('x00081150')).toBe('1.2.3')
        }
  })

  test('of private tags, also where they are damaged', async () => {
    for (const encoding of [explicitLittle, implicitLittle]) {
      expect(await pixelsOf(file(picture([{ tag: 0x00091001, vr: 'SQ', value: [nested(2, true)], undefinedLength: true }]), encoding))).toEqual(values)
      const damaged = joined(Uint8Array.of(0xfe, 0xff, 0, 0xe0, 0x10, 0, 0, 0), new Uint8Array(16).fill(255))
      expect(await pixelsOf(file(picture([{ tag: 0x00091001, vr: 'SQ', value: damaged }]), encoding))).toEqual(values)
    }
  })

  test('of public tags that are damaged are not left out in silence', async () => {
    const item = (length: number) => joined(Uint8Array.of(0xfe, 0xff, 0, 0xe0, length, 0, 0, 0), new Uint8Array(16))
    expect(await failure(file(picture([{ tag: 0x00081140, vr: 'SQ', value: item(200) }])))).toMatch(/^image-corrupt.*item/)
    expect(await failure(file(picture([{ tag: 0x00081140, vr: 'SQ', value: new Uint8Array(24).fill(7) }])))).toMatch(/^image-corrupt/)
  })

  test('nested without end are refused, and quickly', async () => {
    for (const undefinedLength of [true, false]) expect(await failure(file(picture(nested(200, undefinedLength))))).toMatch(/^image-corrupt.*nested too deep/)
    const opened = new Uint8Array(4e6)
    for (let at = 0; at + 20 <= opened.length; at += 20) opened.set([8, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255], at)
    const took = cpuTime()
    expect(await failure(joined(header('1.2.840.10008.1.2.1'), opened))).toMatch(/^image-corrupt.*nested too deep/)
    expect(took()).toBeLessThan(1000)
  })

  test('of millions of elements are refused at a limit', async () => {
    const many = new Uint8Array(8 * 2.5e6)
    const view = new DataView(many.buffer)
    for (let i = 0; i < many.length / 8; i++) {
      view.setUint16(8 * i, 0x0009, true)
      view.setUint16(8 * i + 2, i & 0xffff, true)
      view.setUint16(8 * i + 4, 0x4853, true) // SH
    }
    const item = joined(Uint8Array.of(0xfe, 0xff, 0, 0xe0, ...new Uint8Array(new Uint32Array([many.length]).buffer)), many)
    expect(await failure(file(picture([{ tag: 0x00091001, vr: 'SQ', value: item }])))).toBe('no error') // a maker's own
    const took = cpuTime()
    expect(await failure(joined(header('1.2.840.10008.1.2.1'), many))).toMatch(/^image-corrupt.*elements/)
    expect(took()).toBeLessThan(5000)
  }, 120_000)
})

describe('what is not there', () => {
  test('cut anywhere, a file is truncated or has its whole picture', async () => {
    for (const encoding of [explicitLittle, implicitLittle, explicitBig]) {
      const whole = file(picture([{ tag: 0x00081140, vr: 'SQ', value: [[{ tag: 0x00081150, vr: 'UI', value: '1.2.3' }]], undefinedLength: true }]), encoding)
      for (let length = 140; length < whole.length; length++) expect(await failure(whole.subarray(0, length)), String(length)).toMatch(/^(image-truncated|dicom-no-pixels)/)
    }
  })

  test.each([
    ['rows', 0x00280010],
    ['columns', 0x00280011],
    ['bits per pixel', 0x00280100],
    ['photometric interpretation', 0x00280004],
  ])('missing %s are named', async (what, tag) => {
    expect(await failure(file(without(picture(), tag)))).toMatch(new RegExp(`^image-corrupt.*${what}`))
  })

  test.each([
    ['1.2.840.10008.5.1.4.1.1.88.33', 'a structured report'],
    ['1.2.840.10008.5.1.4.1.1.88.59', 'a key object selection'],
    ['1.2.840.10008.5.1.4.1.1.481.5', 'a radiotherapy plan'],
    ['1.2.840.10008.5.1.4.1.1.481.3', 'a set of radiotherapy structures'],
    ['1.2.840.10008.5.1.4.1.1.9.1.1', 'a waveform'],
    ['1.2.840.10008.5.1.4.1.1.11.1', 'a presentation state'],
    ['1.2.840.10008.5.1.4.1.1.104.1', 'an encapsulated document'],
    ['1.2.840.10008.5.1.4.1.1.66', 'raw data'],
    ['1.2.840.10008.5.1.4.1.1.66.1', 'a spatial registration'],
    ['1.2.840.10008.1.3.10', 'a DICOMDIR'],
    ['1.2.840.10008.5.1.4.1.1.2', 'without pixel data'],
    ['1.2.840.10008.5.1.4.1.1.66.4', 'without pixel data'],
  ])('%s without pixels says that it is %s', async (sopClass, kind) => {
    const elements: Element[] = [{ tag: 0x00080016, vr: 'UI', value: sopClass }]
    expect(await failure(file(elements, explicitLittle, '1.2.840.10008.1.2.1', sopClass))).toMatch(new RegExp(`^dicom-no-pixels.*${kind}`))
  })
})

describe('hostile bytes', () => {
  test('end in typed errors or a picture, and soon', async () => {
    const seeds = [explicitLittle, implicitLittle, explicitBig].map((encoding) =>
      file(picture([{ tag: 0x00081140, vr: 'SQ', value: [[{ tag: 0x00081150, vr: 'UI', value: '1.2.3' }]], undefinedLength: true }, { tag: 0x00281050, vr: 'DS', value: '3' }, { tag: 0x00281051, vr: 'DS', value: '5' }]), encoding),
    )
    const edits = fc.array(fc.tuple(fc.nat({ max: 700 }), fc.oneof(fc.constantFrom(0, 0xff, 0xfe, 0x7f, 0x80), fc.nat({ max: 255 }))), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), edits, async (seed, changes) => {
        const bytes = seed.slice()
        for (const [at, value] of changes) bytes[132 + (at % (bytes.length - 132))] = value
        const took = cpuTime()
        expect(await failure(bytes)).toMatch(/^(no error|(image|dicom)-[a-z-]+: )/)
        expect(took()).toBeLessThan(1000)
      }),
      { numRuns: 1500, seed: 20250607 },
    )
  }, 120_000)
})

const dcmtk = spawnSync('dcmdump', ['--version']).status === 0
if (!dcmtk) console.log('SKIPPED: dcmdump is not installed, so data sets are not compared with what it reads')

describe.skipIf(!dcmtk || !haveShared('dicom'))('the files of the collection', () => {
  /** "depth gggg,eeee" of all elements up to the image's pixel data. */
  function listed({ elements }: DataSet, depth = 0): string[] {
    return Object.keys(elements)
      .filter((key) => !key.startsWith('xfffe'))
      .sort()
      .flatMap((key) => [`${depth} ${key.slice(1, 5)},${key.slice(5)}`, ...(elements[key]!.items ?? []).flatMap((item) => listed(item.dataSet!, depth + 1))])
  }
  function dumped(path: string): string[] | undefined {
    const { status, stdout } = spawnSync('dcmdump', ['-q', path], { maxBuffer: 2 ** 28, encoding: 'latin1' })
    if (status !== 0) return undefined
    const lines = [...stdout.matchAll(/^((?: {4}|  )*)\(([\da-f]{4},[\da-f]{4})\)/gm)].map(([, indent, tag]) => ({ depth: indent!.length / 4, tag: tag! }))
    const end = lines.findIndex(({ depth, tag }) => depth === 0 && tag === '7fe0,0010')
    return lines
      .slice(0, end < 0 ? undefined : end + 1)
      .filter(({ tag }) => !tag.startsWith('0002') && !tag.startsWith('fffe'))
      .map(({ depth, tag }) => `${depth} ${tag}`)
  }
  /** Sequences that DCMTK leaves as bytes, since it does not know them and they have a length. */
  const readFurther = new Set(['fo-dicom__GH064.dcm', 'pydicom__priv_SQ.dcm', 'pydicom__rtdose_rle.dcm', 'pydicom__rtdose_rle_1frame.dcm'])

  test('have the elements that dcmdump lists', () => {
    const folder = resolve(sharedData, 'dicom')
    let compared = 0
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.dcm'))) {
      const theirs = dumped(resolve(folder, name))
      if (!theirs) continue
      const ours = listed(parseDicom(readFileSync(resolve(folder, name)), name).dataSet)
      if (readFurther.has(name)) expect(ours, name).toEqual(expect.arrayContaining(theirs))
      else expect(ours.join('\n'), name).toBe(theirs.join('\n'))
      compared++
    }
    console.log(`${compared} files have the elements that dcmdump lists`)
    expect(compared).toBeGreaterThan(200)
  }, 120_000)
})

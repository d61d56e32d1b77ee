import * as reader from 'nifti-reader-js'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeImage, openImage } from '../../../../src/engine/image/decode'
import { modalityValues } from '../../../../src/engine/image/modality'
import { cuts, outcome } from '../../../support/cut'
import type { NiftiSpec } from './nifti-writer'
import { quaternion, writeNifti } from './nifti-writer'

const factsOf = (image: { facts: { label: string; value: string }[] }) => Object.fromEntries(image.facts.map(({ label, value }) => [label, value]))
const bytesOf = (values: { buffer: ArrayBufferLike }) => new Uint8Array(values.buffer)

/** The affine that another reader finds in the header. */
const affineOf = (file: Uint8Array) => reader.readHeader(file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer)!.affine

const permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
const signs = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 1 ? -1 : 1, bits & 2 ? -1 : 1, bits & 4 ? -1 : 1])
/** All 48 ways in which i, j and k can lie along right, anterior and superior; columns are i, j, k. */
const orientations = permutations.flatMap((order) => signs.map((sign) => [0, 1, 2].map((world) => [0, 1, 2].map((axis) => (order[axis] === world ? sign[axis]! : 0)))))
const determinant = ([a, b, c]: number[][]) =>
  a![0]! * (b![1]! * c![2]! - b![2]! * c![1]!) - a![1]! * (b![0]! * c![2]! - b![2]! * c![0]!) + a![2]! * (b![0]! * c![1]! - b![1]! * c![0]!)
const codesOf = (matrix: number[][]) => [0, 1, 2].map((axis) => [0, 1, 2].map((world) => (matrix[world]![axis]! > 0.5 ? 'RAS'[world] : matrix[world]![axis]! < -0.5 ? 'LPI'[world] : '')).join('')).join('')

/** A volume whose voxels hold where they lie in the patient: steps to the right, to the front and to the head. */
function worldVolume(matrix: number[][], steps: number[], write: (spec: Pick<NiftiSpec, 'size' | 'type' | 'data' | 'pixdim'>, version: 1 | 2) => Uint8Array, version: 1 | 2 = 1): Uint8Array {
  const order = [0, 1, 2].map((axis) => [0, 1, 2].find((world) => Math.abs(matrix[world]![axis]!) > 0.5)!)
  const worldSize = [5, 6, 7]
  const size = order.map((world) => worldSize[world]!)
  const pixdim = order.map((world) => steps[world]!)
  // The other reader knows no qform in version 2.
  const empty = write({ size, type: 4, data: new Uint8Array(5 * 6 * 7 * 2), pixdim }, 1)
  const affine = affineOf(empty)
  const values = new Int16Array(5 * 6 * 7)
  const corner = [0, 1, 2].map((world) => Math.min(0, ...[0, 1, 2].map((axis) => affine[world]![axis]! * (size[axis]! - 1))))
  for (let k = 0, at = 0; k < size[2]!; k++)
    for (let j = 0; j < size[1]!; j++)
      for (let i = 0; i < size[0]!; i++, at++) {
        const [x, y, z] = [0, 1, 2].map((world) => Math.round((affine[world]![0]! * i + affine[world]![1]! * j + affine[world]![2]! * k - corner[world]!) / steps[world]!)) as [number, number, number]
        values[at] = x * 100 + y * 10 + z
      }
  return write({ size, type: 4, data: bytesOf(values), pixdim }, version)
}

async function expectRadiological(file: Uint8Array, steps: number[], codes: string): Promise<void> {
  const opened = await openImage(file)
  expect(opened, codes).toMatchObject({ format: 'nifti', frames: 7, defaultFrame: 3 })
  for (let z = 0; z < 7; z++) {
    const image = await opened.frame(z)
    expect(image, codes).toMatchObject({ width: 5, height: 6, samples: 1, signed: true, bitsStored: 16, photometric: 'MONOCHROME2', frame: z, frames: 7 })
    expect(image.spacing!.row, codes).toBeCloseTo(steps[1]!, 5)
    expect(image.spacing!.column, codes).toBeCloseTo(steps[0]!, 5)
    expect(factsOf(image), codes).toMatchObject({ Orientation: codes, Slices: '7', Type: 'int16' })
    for (let row = 0; row < 6; row++)
      for (let column = 0; column < 5; column++)
        // Right on the left, front at the top, feet first.
        expect(image.pixels[row * 5 + column], `${codes} ${column},${row},${z}`).toBe((4 - column) * 100 + (5 - row) * 10 + z)
  }
}

describe('NIfTI orientation', () => {
  test('all 48 orientations by sform: axial slices from the feet, front at the top, the right on the left', async () => {
    const steps = [0.9, 1.1, 2.5]
    for (const matrix of orientations) {
      const sform = matrix.map((row) => [...row.map((cosine, axis) => cosine * steps[[0, 1, 2].find((world) => matrix[world]![axis] !== 0)!]!), 17])
      await expectRadiological(worldVolume(matrix, steps, (spec) => writeNifti({ ...spec, sform })), steps, codesOf(matrix))
    }
  })

  test('all 48 by qform, in both versions; the affine is the one that nifti-reader-js computes', async () => {
    const steps = [1, 1.5, 3]
    for (const matrix of orientations) {
      const qfac = determinant(matrix) < 0 ? -1 : 1
      const rotation = matrix.map((row) => row.map((value, axis) => (axis === 2 ? value * qfac : value)))
      const qform = [...quaternion(rotation), 3, 4, 5]
      const file = worldVolume(matrix, steps, (spec) => writeNifti({ ...spec, qfac, qform }))
      expect(codesOf(affineOf(file))).toBe(codesOf(matrix))
      await expectRadiological(file, steps, codesOf(matrix))
      await expectRadiological(worldVolume(matrix, steps, (spec, version) => writeNifti({ ...spec, version, qfac, qform }), 2), steps, codesOf(matrix))
    }
  })

  test('sform goes before qform', async () => {
    const matrix = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    const file = worldVolume(matrix, [1, 1, 1], (spec) => writeNifti({ ...spec, sform: matrix.map((row) => [...row, 0]) }))
    const both = Buffer.from(file)
    both.writeInt16LE(1, 252)
    await expectRadiological(both, [1, 1, 1], 'ASR')
  })

  const tilted = (degrees: number) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
    return [[1, 0, 0], [0, cos, -sin], [0, sin, cos]].map((row) => [...row.map((value) => value * 2), 0])
  }
  test('oblique volumes are cut along the nearest axes, and the facts say so', async () => {
    const spec = { size: [2, 3, 4], type: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i), pixdim: [2, 2, 2] }
    const oblique = await decodeImage(writeNifti({ ...spec, sform: tilted(30) }), 'x', 0)
    expect(factsOf(oblique)).toMatchObject({ Plane: 'axial, the nearest to oblique axes', Orientation: 'RAS' })
    expect([...oblique.pixels]).toEqual([5, 4, 3, 2, 1, 0])
    expect(oblique.spacing!.row).toBeCloseTo(2, 5)
    expect(factsOf(await decodeImage(writeNifti({ ...spec, sform: tilted(3) }), 'x', 0)).Plane).toBe('axial')
  })

  test('without a usable orientation the order is the stored one', async () => {
    const spec = { size: [2, 3, 2], type: 2, data: Uint8Array.from({ length: 12 }, (_, i) => i), pixdim: [0.5, 0.75, 4] }
    const flat = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    for (const file of [writeNifti(spec), writeNifti({ ...spec, sform: flat }), writeNifti({ ...spec, qform: [2, 2, 2, 0, 0, 0] }), writeNifti({ ...spec, sform: flat.map((row) => row.map(() => NaN)) })]) {
      const opened = await openImage(file)
      expect([...(await opened.frame(0)).pixels]).toEqual([0, 1, 2, 3, 4, 5])
      expect([...(await opened.frame(1)).pixels]).toEqual([6, 7, 8, 9, 10, 11])
      const image = await opened.frame(0)
      expect(image.spacing).toEqual({ row: 0.75, column: 0.5 })
      expect(factsOf(image).Plane).toMatch(/as stored/)
    }
    const unitless = await decodeImage(writeNifti({ ...spec, units: 0 }))
    expect(unitless).toMatchObject({ aspect: 1.5 })
    expect(unitless.spacing).toBeUndefined()
  })

  test.each([
    ['metres', 1, 1000],
    ['millimetres', 2, 1],
    ['micrometres', 3, 0.001],
    ['no unit, but a place in the patient', 0, 1],
    ['millimetres and seconds', 10, 1],
  ])('spacing in %s', async (_, units, factor) => {
    const sform = [[2, 0, 0, 0], [0, 3, 0, 0], [0, 0, 4, 0]]
    const { spacing } = await decodeImage(writeNifti({ size: [2, 2, 2], type: 2, data: new Uint8Array(8), units, sform }))
    expect(spacing!.row).toBeCloseTo(3 * factor, 6)
    expect(spacing!.column).toBeCloseTo(2 * factor, 6)
  })

  test('a single sagittal or coronal slice is seen in its own plane', async () => {
    const sform = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    const values = Uint8Array.from({ length: 6 }, (_, i) => i)
    const sagittal = await decodeImage(writeNifti({ size: [1, 2, 3], type: 2, data: values, sform }))
    expect(sagittal).toMatchObject({ width: 2, height: 3, frames: 1 })
    // Front on the left, head at the top.
    expect([...sagittal.pixels]).toEqual([5, 4, 3, 2, 1, 0])
    expect(factsOf(sagittal).Plane).toBe('sagittal')
    const coronal = await decodeImage(writeNifti({ size: [2, 1, 3], type: 2, data: values, sform }))
    expect([...coronal.pixels]).toEqual([5, 4, 3, 2, 1, 0])
    expect(factsOf(coronal).Plane).toBe('coronal')
    const plain = await decodeImage(writeNifti({ size: [2, 3], type: 2, data: values, sform }))
    expect(plain).toMatchObject({ width: 2, height: 3, frames: 1 })
  })
})

const turned = (bytes: Uint8Array, unit: number) => {
  const copy = Buffer.from(bytes)
  if (unit === 2) copy.swap16()
  if (unit === 4) copy.swap32()
  if (unit === 8) copy.swap64()
  return copy
}

describe('NIfTI voxels', () => {
  const kinds = [
    { name: 'uint8', code: 2, values: Uint8Array.of(0, 1, 128, 255), bits: 8, signed: false, array: Uint8Array },
    { name: 'int16', code: 4, values: Int16Array.of(0, -1, -32768, 32767), bits: 16, signed: true, array: Int16Array },
    { name: 'int32', code: 8, values: Int32Array.of(0, -1, -2147483648, 2147483647), bits: 32, signed: true, array: Int32Array },
    { name: 'float32', code: 16, values: Float32Array.of(0, -1.5, 1e30, NaN), bits: 32, signed: true, array: Float32Array },
    { name: 'float64', code: 64, values: Float64Array.of(0, -1.5, 1e30, 0.1), bits: 32, signed: true, array: Float32Array },
    { name: 'int8', code: 256, values: Int8Array.of(0, -1, -128, 127), bits: 8, signed: true, array: Int16Array },
    { name: 'uint16', code: 512, values: Uint16Array.of(0, 1, 40000, 65535), bits: 16, signed: false, array: Uint16Array },
    { name: 'uint32', code: 768, values: Uint32Array.of(0, 1, 3000000000, 4294967295), bits: 32, signed: false, array: Uint32Array },
    { name: 'int64', code: 1024, values: BigInt64Array.of(0n, -1n, -2147483648n, 2147483647n), bits: 32, signed: true, array: Int32Array },
    { name: 'uint64', code: 1280, values: BigUint64Array.of(0n, 1n, 3000000000n, 4294967295n), bits: 32, signed: false, array: Uint32Array },
  ]
  test.each(kinds)('$name, in both byte orders, both versions, plain and compressed', async ({ name, code, values, bits, signed, array }) => {
    for (const version of [1, 2] as const)
      for (const littleEndian of [true, false])
        for (const offset of [undefined, 1001]) {
          const data = littleEndian ? bytesOf(values) : turned(bytesOf(values), values.BYTES_PER_ELEMENT)
          const file = writeNifti({ version, littleEndian, size: [2, 2, 1], type: code, data, ...(offset && { offset }) })
          for (const bytes of [file, gzipSync(file), Buffer.concat([Buffer.alloc(3), file]).subarray(3)]) {
            const opened = await openImage(bytes)
            const image = await opened.frame(0)
            expect(image).toMatchObject({ width: 2, height: 2, bitsStored: bits, signed, rescale: { slope: 1, intercept: 0 } })
            expect(factsOf(image).Type).toBe(name)
            expect(image.pixels).toBeInstanceOf(array)
            expect(Array.from(image.pixels)).toEqual(Array.from(values as ArrayLike<number | bigint>, (value) => (array === Float32Array ? Math.fround(Number(value)) : Number(value))))
            expect(Array.from((await opened.stored()).pixels)).toEqual(Array.from(image.pixels))
          }
        }
  })

  test('nifti-reader-js finds the same values', async () => {
    const values = Int16Array.from({ length: 60 }, (_, i) => i * 997 - 20000)
    const file = writeNifti({ size: [3, 4, 5], type: 4, data: bytesOf(values), sform: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] })
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer
    const theirs = new Int16Array(reader.readImage(reader.readHeader(buffer)!, buffer))
    const stored = await (await openImage(file)).stored()
    expect(stored).toMatchObject({ width: 3, height: 4, frames: 5, samples: 1 })
    expect([...stored.pixels]).toEqual([...theirs])
  })

  test('RGB and RGBA', async () => {
    const rgb = await openImage(writeNifti({ size: [2, 1, 1], type: 128, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }))
    expect(await rgb.frame(0)).toMatchObject({ samples: 3, photometric: 'RGB', pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) })
    const rgba = await openImage(writeNifti({ size: [2, 1, 1], type: 2304, data: Uint8Array.of(1, 2, 3, 9, 4, 5, 6, 9) }))
    expect((await rgba.frame(0)).pixels).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6))
    expect(await rgba.stored()).toMatchObject({ samples: 4 })
  })

  test('slope and intercept that lead beyond all numbers are an error, not a picture of infinity', async () => {
    const volume = writeNifti({ version: 2, size: [2, 2, 1], type: 4, data: bytesOf(Int16Array.of(1, 2, 3, 4)), slope: 1e308 })
    await expect(decodeImage(volume)).rejects.toMatchObject({ code: 'image-corrupt', message: expect.stringContaining('slope and intercept') })
  })

  test('slope and intercept make the values; a slope of nothing means none', async () => {
    const spec = { size: [2, 1, 1], type: 4, data: bytesOf(Int16Array.of(-3, 7)) }
    const scaled = await decodeImage(writeNifti({ ...spec, slope: 0.5, intercept: -10 }))
    expect([...modalityValues(scaled)]).toEqual([-11.5, -6.5])
    expect([...scaled.pixels]).toEqual([-3, 7])
    for (const none of [{ slope: 0, intercept: 5 }, { slope: NaN, intercept: 5 }, { slope: Infinity }, { slope: 2, intercept: NaN }])
      expect((await decodeImage(writeNifti({ ...spec, ...none }))).rescale).toEqual({ slope: 1, intercept: 0 })
  })

  test('volumes follow one another; the first shown is the middle of the first', async () => {
    const values = Uint8Array.from({ length: 2 * 2 * 5 * 3 }, (_, i) => Math.floor(i / 4))
    const opened = await openImage(writeNifti({ size: [2, 2, 5, 3], type: 2, data: values }))
    expect(opened).toMatchObject({ frames: 15, defaultFrame: 2 })
    for (let frame = 0; frame < 15; frame++) expect((await opened.frame(frame)).pixels[0]).toBe(frame)
    expect(factsOf(await opened.frame(7))).toMatchObject({ Slices: '5', Volumes: '3' })
    expect((await opened.stored()).frames).toBe(15)
  })

  test('the free text of the header is nowhere', async () => {
    const image = await decodeImage(writeNifti({ size: [2, 1, 1], type: 2, data: new Uint8Array(2), description: 'Doe^John 1960' }))
    expect(JSON.stringify(image)).not.toMatch(/Doe|1960/)
  })
})

describe('NIfTI windows', () => {
  const volume = (values: ArrayLike<number>, more: Partial<NiftiSpec> = {}) => {
    const data = bytesOf(Int16Array.from(values))
    return writeNifti({ size: [10, 10, data.length / 200], type: 4, data, ...more })
  }
  const ends = ({ center, width }: { center: number; width: number }) => [center - width / 2, center + width / 2]

  test('one hot voxel does not darken the brain, and all can be seen', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => i)
    values[500] = 30000
    const opened = await openImage(volume(values, { slope: 2, intercept: 1 }))
    const { windows } = await opened.frame(0)
    const [low, high] = ends(windows[0]!)
    expect(low).toBeGreaterThanOrEqual(1)
    expect(high).toBeLessThan(2001)
    expect(high).toBeGreaterThan(1900)
    expect(ends(windows.at(-1)!)).toEqual([1, 60001])
    expect((await opened.frame(9)).windows).toEqual(windows)
  })

  test("the file's own display range comes first where it makes sense", async () => {
    const values = Array.from({ length: 1000 }, (_, i) => i)
    expect(ends((await decodeImage(volume(values, { calibration: [100, 600] }))).windows[0]!)).toEqual([100, 600])
    for (const calibration of [[0, 0], [600, 100], [5000, 9000], [-1e9, 1e9], [NaN, 1]] as [number, number][])
      expect((await decodeImage(volume(values, { calibration }))).windows[0]!.explanation).not.toBe('Display range of the file')
  })

  test('a mask with few voxels set, a flat volume and one of no numbers have a window', async () => {
    const mask = new Array<number>(1000).fill(0)
    mask[3] = 1
    expect(ends((await decodeImage(volume(mask))).windows[0]!)).toEqual([0, 1])
    expect((await decodeImage(volume(new Array<number>(1000).fill(7)))).windows[0]).toMatchObject({ center: 7.5, width: 1 })
    const none = writeNifti({ size: [2, 1, 1], type: 16, data: bytesOf(Float32Array.of(NaN, Infinity)) })
    expect((await decodeImage(none)).windows[0]!.width).toBeGreaterThan(0)
  })
})

describe('NIfTI files that are not right', () => {
  const small: NiftiSpec = { size: [2, 2, 2], type: 4, data: new Uint8Array(16) }
  const packed = (spec: Partial<NiftiSpec>) => gzipSync(writeNifti({ ...small, ...spec }))
  test.each([
    ['the header of a pair', writeNifti({ ...small, magic: 'ni1\0' }), 'image-unsupported'],
    ['the header of a pair, version 2', writeNifti({ ...small, version: 2, magic: 'ni2\0\r\n\x1a\n' }), 'image-unsupported'],
    ['Analyze 7.5', (() => { const file = Buffer.from(writeNifti({ ...small, magic: '\0\0\0\0' })); file[38] = 0x72; return file })(), 'image-unsupported'],
    ['complex numbers', writeNifti({ ...small, type: 32 }), 'image-unsupported'],
    ['single bits', writeNifti({ ...small, type: 1 }), 'image-unsupported'],
    ['an unknown type', writeNifti({ ...small, type: 999 }), 'image-unsupported'],
    ['whole numbers beyond 32 bits', writeNifti({ size: [1, 1, 1], type: 1024, data: bytesOf(BigInt64Array.of(2n ** 40n)) }), 'image-unsupported'],
    ['no dimensions', writeNifti({ ...small, dimensions: 0 }), 'image-corrupt'],
    ['eight dimensions', writeNifti({ ...small, dimensions: 8 }), 'image-corrupt'],
    ['a side of nothing', writeNifti({ ...small, size: [2, 0, 2] }), 'image-corrupt'],
    ['a negative side', writeNifti({ ...small, size: [2, -2, 2] }), 'image-corrupt'],
    ['voxels inside the header', writeNifti({ ...small, offset: 100 }), 'image-corrupt'],
    ['voxels at a fraction', writeNifti({ ...small, offset: 352.5 }), 'image-corrupt'],
    ['more voxels than the limit', writeNifti({ ...small, size: [30000, 30000, 100] }), 'image-too-large'],
    ['more bytes than the limit', writeNifti({ ...small, size: [500, 500, 1000], type: 64 }), 'image-too-large'],
    ['fewer voxels than it says', writeNifti({ ...small, size: [2, 2, 3] }), 'image-truncated'],
    ['fewer voxels than it says, compressed', packed({ size: [2, 2, 3] }), 'image-truncated'],
    ['far fewer voxels than it says, compressed', packed({ size: [500, 500, 500] }), 'image-truncated'],
    ['far more voxels than it says, compressed', packed({ data: new Uint8Array(2 ** 24) }), 'image-corrupt'],
    ['sizes of version 2 that no number holds', (() => { const file = Buffer.from(writeNifti({ ...small, version: 2 })); file.writeBigInt64LE(2n ** 62n, 24); return file })(), 'image-too-large'],
  ])('%s', async (_, file, code) => {
    expect(await outcome(file)).toBe(code)
  })

  test('the pair is told to be two files', async () => {
    await expect(openImage(writeNifti({ ...small, magic: 'ni1\0' }), 'brain.hdr')).rejects.toThrow(/brain\.hdr.*second file.*convert/)
  })

  test('cut anywhere it is an error, compressed or not', async () => {
    const data = Uint8Array.from({ length: 16 * 16 * 16 * 2 }, (_, i) => (i * 7919) >> 3)
    for (const version of [1, 2] as const) {
      const file = writeNifti({ ...small, version, size: [16, 16, 16], data })
      for (const bytes of [file, gzipSync(file)])
        for (const length of cuts(bytes.length, 620)) expect(await outcome(bytes.subarray(0, length)), `${version}: ${length} of ${bytes.length}`).toMatch(/^(image|file)-[a-z-]+$/)
    }
  })

  test('a bent bit in compressed data is found by its checksum', async () => {
    const bytes = Buffer.from(gzipSync(writeNifti({ ...small, size: [16, 16, 16], data: Uint8Array.from({ length: 8192 }, (_, i) => (i * 7919) >> 3) })))
    bytes[bytes.length - 7]! ^= 1
    expect(await outcome(bytes)).toBe('image-corrupt')
    bytes[bytes.length - 7]! ^= 1
    expect(gunzipSync(bytes).length).toBe(352 + 8192)
    expect(await outcome(bytes)).toMatch(/^16×16/)
  })

  test('extensions between header and voxels, and a few bytes behind, do no harm', async () => {
    const file = Buffer.concat([writeNifti({ size: [2, 1, 1], type: 2, data: Uint8Array.of(5, 6), offset: 400 }), Buffer.alloc(100)])
    file[348] = 1
    for (const bytes of [file, gzipSync(file)]) expect([...(await decodeImage(bytes)).pixels]).toEqual([5, 6])
  })
})

import fc from 'fast-check'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeNpy, encodeNpy } from '../../../src/engine/tensor/npy'
import { decodeNpz, encodeNpz } from '../../../src/engine/tensor/npz'
import type { DType, Tensor } from '../../../src/engine/tensor/tensor'
import { bytesPerElement, float32, fromBytes, sizeOf, toNumbers } from '../../../src/engine/tensor/tensor'

/** `np.lib.format.write_array(buffer, array, version)` of NumPy 1.24. */
const numpy = {
  bigEndian: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAP4AAAEAAAABAQAAAQIAAAECgAAA=',
  fortran: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAwABAAQAAgAFAABAA0ABQARAAkAFQACAA4ABgASAAoAFgADAA8ABwATAAsAFwA=',
  version2: 'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAALA',
  version3: 'k05VTVBZAwB0AAAAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMSksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==',
  scalar: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAAAAAAAA==',
  /** `np.savez_compressed(buffer, x=np.arange(4, dtype='f4').reshape(1, 4), y=np.array([3], dtype='i8'))` */
  compressed: 'UEsDBBQAAAAIAAAAIQDt2baZUAAAAJAAAAAFABQAeC5ucHkBABAAkAAAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CiaaOgq1CmQDLgYwaLAHEg5A5AAAUEsDBBQAAAAIAAAAIQBDnTEcSAAAAIgAAAAFABQAeS5ucHkBABAAiAAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6mjoKtQoUAC5mBggAAFBLAQIUAxQAAAAIAAAAIQDt2baZUAAAAJAAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQIUAxQAAAAIAAAAIQBDnTEcSAAAAIgAAAAFAAAAAAAAAAAAAACAAYcAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAAGAQAAAAA=',
}
const bytes = (base64: string) => Buffer.from(base64, 'base64')
const raw = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('arrays that NumPy wrote', () => {
  test('big endian', () => {
    const array = decodeNpy(bytes(numpy.bigEndian))
    expect([array.dtype, array.shape, toNumbers(array)]).toEqual(['float32', [2, 3], upTo(6)])
  })
  test('Fortran order comes out in rows', () => {
    const array = decodeNpy(bytes(numpy.fortran))
    expect([array.dtype, array.shape, toNumbers(array)]).toEqual(['int16', [2, 3, 4], upTo(24)])
  })
  test('header version 2', () => {
    const array = decodeNpy(bytes(numpy.version2))
    expect([array.dtype, array.shape, toNumbers(array)]).toEqual(['float64', [2], [1.5, -2.25]])
  })
  test('header version 3 and booleans', () => {
    const array = decodeNpy(bytes(numpy.version3))
    expect([array.dtype, array.shape, toNumbers(array)]).toEqual(['bool', [2, 1], [1, 0]])
  })
  test('a single number', () => {
    const array = decodeNpy(bytes(numpy.scalar))
    expect([array.dtype, array.shape, array.data]).toEqual(['int64', [], BigInt64Array.of(7n)])
  })
  test('a compressed archive', () => {
    const { x, y } = decodeNpz(bytes(numpy.compressed))
    expect([x!.shape, toNumbers(x!), y!.dtype, toNumbers(y!)]).toEqual([[1, 4], [0, 1, 2, 3], 'int64', [3]])
  })
  test('our header is byte for byte NumPy’s', () => {
    const array = decodeNpy(bytes(numpy.scalar))
    expect(Buffer.from(encodeNpy(array)).equals(bytes(numpy.scalar))).toBe(true)
  })
})

test('every type and shape comes back as it was written', () => {
  const dtypes: DType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'uint16', 'uint32', 'bool']
  fc.assert(
    fc.property(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), fc.uint8Array({ minLength: 8, maxLength: 64 }), (dtype, shape, seed) => {
      const content = new Uint8Array(sizeOf(shape) * bytesPerElement(dtype)).map((_, i) => seed[i % seed.length]!)
      const array = fromBytes(dtype, shape, content)
      for (const compress of [false, true]) {
        const { a } = decodeNpz(encodeNpz({ a: array }, { compress }))
        expect([a!.dtype, a!.shape]).toEqual([dtype, shape])
        expect(new Uint8Array(a!.data.buffer, a!.data.byteOffset, a!.data.byteLength)).toEqual(content)
      }
    }),
  )
})

describe('broken files are refused with a typed error', () => {
  const good = encodeNpy(float32([2, 3], upTo(6)))
  const headerIs = (header: string) => {
    const file = good.slice()
    file.set(new TextEncoder().encode(header.padEnd(117) + '\n'), 10)
    return file
  }
  test.each([
    ['text', new TextEncoder().encode('hello, I am text')],
    ['cut in the header', good.subarray(0, 40)],
    ['cut in the data', good.subarray(0, good.length - 1)],
    ['an unknown version', Uint8Array.from(good, (byte, i) => (i === 6 ? 9 : byte))],
    ['complex numbers', headerIs("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }")],
    ['a record type', headerIs("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }")],
    ['a shape larger than memory', headerIs("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }")],
    ['no shape', headerIs("{'descr': '<f4', 'fortran_order': False, }")],
  ])('%s', (_, file) => {
    expect(() => decodeNpy(file, 'a.npy')).toThrow(expect.objectContaining({ code: 'data-set-invalid' }))
  })
  test('archives', () => {
    const archive = encodeNpz({ x: float32([2], [1, 2]) })
    expect(() => decodeNpz(archive.subarray(0, 60), 'a.npz')).toThrow(expect.objectContaining({ code: 'data-set-invalid' }))
    expect(() => decodeNpz(new Uint8Array(0), 'a.npz')).toThrow(expect.objectContaining({ code: 'file-empty' }))
  })
})

test('only the arrays that were asked for are unpacked', () => {
  const archive = encodeNpz({ x: float32([1], [1]), y: float32([1], [2]) })
  expect(Object.keys(decodeNpz(archive, 'a.npz', { only: ['y'] }))).toEqual(['y'])
})

const reference = '../shared/data/reference/c10'
if (!existsSync(reference)) console.log(`Skipped: ${reference} is not here, its arrays are not read.`)
test.skipIf(!existsSync(reference))('the reference batch reads the same from .npz and .npy', () => {
  const { x, y } = decodeNpz(readFileSync(`${reference}/batch.npz`))
  expect([x!.dtype, x!.shape, y!.dtype, y!.shape]).toEqual(['float32', [64, 1, 64, 64], 'int64', [64]])
  expect(Buffer.compare(raw(x!), raw(decodeNpy(readFileSync(`${reference}/x.npy`))))).toBe(0)
  expect(toNumbers(y!)).toEqual(toNumbers(decodeNpy(readFileSync(`${reference}/y.npy`))))
})

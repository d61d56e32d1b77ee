import { expect, it } from 'vitest'
import { halfToSingle, singleToHalf } from '../../../src/engine/onnx/half'

it('every half-precision number comes back from single precision, and what lies between goes to the nearest, ties to even', () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((h) => (h & 0x7fff) <= 0x7c00)
  expect(singleToHalf(halfToSingle(all))).toEqual(all)
  const between = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 65520, -65519, 2 ** -25, 1.5 * 2 ** -24, NaN]
  expect([...singleToHalf(Float32Array.from(between))]).toEqual([0x3c00, 0x3c02, 0x3c01, 0x7c00, 0xfbff, 0, 2, 0x7e00])
})

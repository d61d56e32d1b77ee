/** Half precision (IEEE 754 binary16) as it lies in a file, into single precision, exactly. */

function single(h: number): number {
  const [sign, exponent, fraction] = [h & 0x8000 ? -1 : 1, (h >> 10) & 31, h & 1023]
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : (sign * fraction) / 2 ** 24
}

let table: Float32Array | undefined

export function halfToSingle(bits: Uint16Array): Float32Array {
  // Every number that there is: models have millions of weights.
  table ??= Float32Array.from({ length: 1 << 16 }, (_, h) => single(h))
  const result = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) result[i] = table[bits[i]!]!
  return result
}

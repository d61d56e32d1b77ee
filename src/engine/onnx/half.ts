/** Half precision (IEEE 754 binary16) as it lies in a file: into single precision exactly, and back to the nearest. */

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

/** To the nearest half-precision number, ties to the even one; beyond 65504 to infinity. */
export function singleToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  return Uint16Array.from(bits, (word, i) => {
    const sign = (word >>> 16) & 0x8000
    const magnitude = word & 0x7fffffff
    if (magnitude > 0x7f800000) return sign | 0x7e00
    if (magnitude >= 0x47800000) return sign | 0x7c00
    // Below the smallest normal number steps are all 2⁻²⁴.
    if (magnitude < 0x38800000) return sign | toEven(Math.abs(values[i]!) * 2 ** 24)
    const whole = (magnitude - 0x38000000) >>> 13
    const rest = magnitude & 0x1fff
    return sign | (whole + Number(rest > 0x1000 || (rest === 0x1000 && whole % 2 === 1)))
  })
}

function toEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return below + Number(rest > 0.5 || (rest === 0.5 && below % 2 === 1))
}

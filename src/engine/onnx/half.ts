/** Half precision (IEEE 754 binary16) as it lies in a file, into single precision, exactly. */
export function halfToSingle(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (h) => {
    const [sign, exponent, fraction] = [h & 0x8000 ? -1 : 1, (h >> 10) & 31, h & 1023]
    if (exponent === 31) return fraction ? NaN : sign * Infinity
    return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : (sign * fraction) / 2 ** 24
  })
}

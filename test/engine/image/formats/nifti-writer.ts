/** NIfTI headers by hand, field by field as nifti1.h and nifti2.h lay them out. */

export interface NiftiSpec {
  version?: 1 | 2
  littleEndian?: boolean
  /** dim[1] and following. */
  size: number[]
  /** dim[0], where it is to lie. */
  dimensions?: number
  type: number
  data: Uint8Array
  pixdim?: number[]
  /** dim of pixdim[0]. */
  qfac?: number
  units?: number
  slope?: number
  intercept?: number
  calibration?: [low: number, high: number]
  offset?: number
  description?: string
  sform?: number[][]
  qform?: number[]
  magic?: string
}

const bits: Record<number, number> = { 1: 1, 2: 8, 4: 16, 8: 32, 16: 32, 64: 64, 128: 24, 256: 8, 512: 16, 768: 32, 1024: 64, 1280: 64, 2304: 32 }

export function writeNifti(spec: NiftiSpec): Uint8Array {
  const { version = 1, littleEndian = true, size, type, data, pixdim = [1, 1, 1], qfac = 1, units = 2, slope = 0, intercept = 0, calibration = [0, 0], description = '', sform, qform } = spec
  const least = version === 1 ? 352 : 544
  const offset = spec.offset ?? least
  const bytes = Buffer.alloc(Math.max(offset, least) + data.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const int16 = (at: number, value: number) => view.setInt16(at, value, littleEndian)
  const int32 = (at: number, value: number) => view.setInt32(at, value, littleEndian)
  const int64 = (at: number, value: number) => view.setBigInt64(at, BigInt(value), littleEndian)
  const float = (at: number, value: number) => (version === 1 ? view.setFloat32(at, value, littleEndian) : view.setFloat64(at, value, littleEndian))
  const dimensions = [spec.dimensions ?? size.length, ...size]
  const pixels = [qfac, ...pixdim]
  const f = version === 1 ? 4 : 8
  int32(0, version === 1 ? 348 : 540)
  if (version === 1) {
    dimensions.forEach((value, i) => int16(40 + i * 2, value))
    int16(70, type)
    int16(72, bits[type] ?? 0)
    pixels.forEach((value, i) => float(76 + i * 4, value))
    float(108, offset)
    view.setUint8(123, units)
    int16(252, qform ? 1 : 0)
    int16(254, sform ? 1 : 0)
    bytes.write(spec.magic ?? 'n+1\0', 344, 'latin1')
  } else {
    dimensions.forEach((value, i) => int64(16 + i * 8, value))
    int16(12, type)
    int16(14, bits[type] ?? 0)
    pixels.forEach((value, i) => float(104 + i * 8, value))
    int64(168, offset)
    int32(500, units)
    int32(344, qform ? 1 : 0)
    int32(348, sform ? 1 : 0)
    bytes.write(spec.magic ?? 'n+2\0\r\n\x1a\n', 4, 'latin1')
  }
  const places = version === 1 ? { slope: 112, calMax: 124, text: 148, qform: 256, sform: 280 } : { slope: 176, calMax: 192, text: 240, qform: 352, sform: 400 }
  float(places.slope, slope)
  float(places.slope + f, intercept)
  float(places.calMax, calibration[1])
  float(places.calMax + f, calibration[0])
  bytes.write(description, places.text)
  qform?.forEach((value, i) => float(places.qform + i * f, value))
  sform?.flat().forEach((value, i) => float(places.sform + i * f, value))
  bytes.set(data, Math.max(offset, least))
  return bytes
}

/** b, c, d of the quaternion of a rotation matrix. */
export function quaternion(rotation: number[][]): number[] {
  const r = (i: number, j: number) => rotation[i]![j]!
  const trace = r(0, 0) + r(1, 1) + r(2, 2) + 1
  if (trace > 0.5) {
    const a = Math.sqrt(trace) / 2
    return [(r(2, 1) - r(1, 2)) / (4 * a), (r(0, 2) - r(2, 0)) / (4 * a), (r(1, 0) - r(0, 1)) / (4 * a)]
  }
  const xd = 1 + r(0, 0) - (r(1, 1) + r(2, 2))
  const yd = 1 + r(1, 1) - (r(0, 0) + r(2, 2))
  const zd = 1 + r(2, 2) - (r(0, 0) + r(1, 1))
  let [a, b, c, d] = [0, 0, 0, 0]
  if (xd > 1) {
    b = Math.sqrt(xd) / 2
    c = (r(0, 1) + r(1, 0)) / (4 * b)
    d = (r(0, 2) + r(2, 0)) / (4 * b)
    a = (r(2, 1) - r(1, 2)) / (4 * b)
  } else if (yd > 1) {
    c = Math.sqrt(yd) / 2
    b = (r(0, 1) + r(1, 0)) / (4 * c)
    d = (r(1, 2) + r(2, 1)) / (4 * c)
    a = (r(0, 2) - r(2, 0)) / (4 * c)
  } else {
    d = Math.sqrt(zd) / 2
    b = (r(0, 2) + r(2, 0)) / (4 * d)
    c = (r(1, 2) + r(2, 1)) / (4 * d)
    a = (r(1, 0) - r(0, 1)) / (4 * d)
  }
  return a < 0 ? [-b, -c, -d] : [b, c, d]
}

/**
 * The scans of JPEG-LS (ITU-T T.87, annex A; interleaving in annex B). Every loop is bounded by the picture: the Golomb
 * parameter and the length of unary codes have ceilings, which damaged data reaches and sound data never does.
 */
import { JpegLsBits } from './jpeg-ls-bits'

/** Coding parameters, C.2.4.1.1. */
export interface Preset {
  maximum: number
  t1: number
  t2: number
  t3: number
  reset: number
}

export interface Scan {
  width: number
  height: number
  /** Components of the scan. */
  components: number
  interleave: 'none' | 'line' | 'sample'
  near: number
  preset: Preset
  /** Lines between restart markers; 0 for none. */
  restart: number
}

/** Data that cannot be. */
export class JpegLsError extends Error {}

const J = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15]
/** Where sums of errors of 16 bits can never get. */
const largestSum = 2 ** 24

const bitsFor = (values: number): number => (values <= 1 ? 0 : 32 - Math.clz32(values - 1))

export class ScanDecoder {
  private readonly range: number
  private readonly qbpp: number
  private readonly limit: number
  private readonly step: number
  /** Gradient + offset → region −4 … 4. */
  private readonly regions: Int8Array
  private readonly offset: number
  private readonly A = new Int32Array(367)
  private readonly B = new Int32Array(365)
  private readonly C = new Int32Array(365)
  private readonly N = new Int32Array(367)
  /** Of the two run interruption contexts, 365 and 366 of A and N: how many errors were negative. */
  private readonly negative = new Int32Array(2)
  private bits: JpegLsBits

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly scan: Scan,
  ) {
    const { near, preset } = scan
    const { maximum, t1, t2, t3 } = preset
    this.step = 2 * near + 1
    this.range = Math.floor((maximum + 2 * near) / this.step) + 1
    this.qbpp = bitsFor(this.range)
    const bpp = Math.max(2, bitsFor(maximum + 1))
    this.limit = 2 * (bpp + Math.max(8, bpp))
    this.offset = maximum
    this.regions = new Int8Array(2 * maximum + 1)
    for (const [region, from] of [near + 1, t1, t2, t3].entries()) {
      this.regions.fill(-1 - region, 0, Math.max(0, maximum - from + 1))
      this.regions.fill(1 + region, Math.min(this.regions.length, maximum + from))
    }
    this.bits = new JpegLsBits(bytes, start)
    this.reset()
  }

  private reset(): void {
    this.A.fill(Math.max(2, (this.range + 32) >> 6))
    this.B.fill(0)
    this.C.fill(0)
    this.N.fill(1)
    this.negative.fill(0)
  }

  /**
   * @param out [height, width, stride]; the scan's components go to `first` and the ones behind it
   * @returns the place of the marker behind the scan. @throws JpegLsError
   */
  decode(out: Uint8Array | Uint16Array, first: number, stride: number): number {
    const { width, height, components, interleave, restart } = this.scan
    const lanes = interleave === 'none' ? 1 : components
    // A pixel before the line and one behind it, for each component.
    const line = () => Array.from({ length: lanes }, () => new Int32Array(width + 2))
    let previous = line()
    let current = line()
    const runIndex = new Int32Array(lanes)
    for (let y = 0; y < height; y++) {
      if (restart > 0 && y > 0 && y % restart === 0) {
        this.restart(y / restart - 1)
        for (const lane of previous) lane.fill(0)
        runIndex.fill(0)
      }
      for (let lane = 0; lane < lanes; lane++) {
        previous[lane]![width + 1] = previous[lane]![width]!
        current[lane]![0] = previous[lane]![1]!
      }
      if (interleave === 'sample' && lanes > 1) this.pixelsOfLine(current, previous, runIndex)
      else for (let lane = 0; lane < lanes; lane++) this.line(current[lane]!, previous[lane]!, runIndex, lane)
      if (this.bits.exhausted) throw new JpegLsError('it ends early')
      for (let lane = 0; lane < lanes; lane++) {
        const values = current[lane]!
        for (let x = 1, to = y * width * stride + first + lane; x <= width; x++, to += stride) out[to] = values[x]!
      }
      ;[previous, current] = [current, previous]
    }
    return this.bits.markerAt()
  }

  private restart(number: number): void {
    const at = this.bits.markerAt()
    if (this.bytes[at] !== 0xff || this.bytes[at + 1] !== 0xd0 + (number & 7)) throw new JpegLsError('a restart marker is missing')
    this.bits = new JpegLsBits(this.bytes, at + 2)
    this.reset()
  }

  private context(a: number, b: number, c: number, d: number): number {
    const { regions, offset } = this
    return (regions[d - b + offset]! * 9 + regions[b - c + offset]!) * 9 + regions[c - a + offset]!
  }

  private line(current: Int32Array, previous: Int32Array, runIndex: Int32Array, lane: number): void {
    const { bits, A, B, C, N, regions, offset, limit, step, range } = this
    const { width, near, preset } = this.scan
    const { maximum, reset } = preset
    const longest = limit - this.qbpp - 1
    const low = -near
    const high = maximum + near
    const fold = range * step
    let { cache, valid } = bits
    let b = previous[0]!
    let d = previous[1]!
    for (let x = 1; x <= width; ) {
      const a = current[x - 1]!
      const c = b
      b = d
      d = previous[x + 1]!
      const signed = (regions[d - b + offset]! * 9 + regions[b - c + offset]!) * 9 + regions[c - a + offset]!
      if (signed !== 0) {
        // As `regular`, in place: nearly all pixels come this way.
        const sign = signed >> 31
        const q = (signed ^ sign) - sign
        let count = N[q]!
        let sumA = A[q]!
        let k = 0
        while (count << k < sumA && k < 24) k++
        if (valid < 25) {
          bits.cache = cache
          bits.valid = valid
          bits.fill()
          cache = bits.cache
          valid = bits.valid
        }
        const zeros = Math.clz32(cache)
        let mapped = zeros
        if (zeros < 24 && zeros < longest && zeros + 1 + k <= valid) {
          cache <<= zeros + 1
          valid -= zeros + 1 + k
          if (k > 0) {
            mapped = (zeros << k) + (cache >>> (32 - k))
            cache <<= k
          }
        } else {
          bits.cache = cache
          bits.valid = valid
          mapped = this.value(k, limit)
          cache = bits.cache
          valid = bits.valid
        }
        let sumB = B[q]!
        let error = (mapped >> 1) ^ -(mapped & 1)
        if (k === 0 && near === 0 && 2 * sumB + count - 1 < 0) error = ~error
        const correction = C[q]!
        let value = (c >= (a > b ? a : b) ? (a < b ? a : b) : c <= (a < b ? a : b) ? (a > b ? a : b) : a + b - c) + ((correction ^ sign) - sign)
        if (value < 0) value = 0
        else if (value > maximum) value = maximum

        sumA += error < 0 ? -error : error
        sumB += error * step
        if (sumA >= largestSum || sumB >= largestSum || sumB <= -largestSum) throw new JpegLsError('its errors grow beyond bounds')
        if (count === reset) {
          sumA >>= 1
          sumB >>= 1
          count >>= 1
        }
        count++
        if (sumB + count <= 0) {
          sumB += count
          if (sumB <= -count) sumB = 1 - count
          if (correction > -128) C[q] = correction - 1
        } else if (sumB > 0) {
          sumB -= count
          if (sumB > 0) sumB = 0
          if (correction < 127) C[q] = correction + 1
        }
        A[q] = sumA
        B[q] = sumB
        N[q] = count

        value += ((error ^ sign) - sign) * step
        if (value < low) value += fold
        else if (value > high) value -= fold
        current[x++] = value < 0 ? 0 : value > maximum ? maximum : value
        continue
      }
      bits.cache = cache
      bits.valid = valid
      const length = this.runLength(width - x + 1, runIndex, lane)
      current.fill(a, x, x + length)
      x += length
      if (x <= width) {
        const above = previous[x]!
        const type = Math.abs(a - above) <= near ? 1 : 0
        const error = this.interruption(type, runIndex[lane]!)
        current[x] = type === 1 ? this.reconstructed(a, error) : this.reconstructed(above, above < a ? -error : error)
        if (runIndex[lane]! > 0) runIndex[lane]!--
        x++
      }
      cache = bits.cache
      valid = bits.valid
      b = previous[x - 1]!
      d = previous[x]!
    }
    bits.cache = cache
    bits.valid = valid
  }

  /** One line of all components, pixel by pixel: a run is one of all of them. */
  private pixelsOfLine(current: Int32Array[], previous: Int32Array[], runIndex: Int32Array): void {
    const { width } = this.scan
    const q = new Int32Array(current.length)
    for (let x = 1; x <= width; ) {
      let any = false
      for (let lane = 0; lane < current.length; lane++) {
        const above = previous[lane]!
        q[lane] = this.context(current[lane]![x - 1]!, above[x]!, above[x - 1]!, above[x + 1]!)
        any ||= q[lane] !== 0
      }
      if (any) {
        for (let lane = 0; lane < current.length; lane++) {
          const above = previous[lane]!
          current[lane]![x] = this.regular(q[lane]!, current[lane]![x - 1]!, above[x]!, above[x - 1]!)
        }
        x++
        continue
      }
      const length = this.runLength(width - x + 1, runIndex, 0)
      for (const lane of current) lane.fill(lane[x - 1]!, x, x + length)
      const a = x - 1
      x += length
      if (x > width) continue
      for (let lane = 0; lane < current.length; lane++) {
        const above = previous[lane]![x]!
        const error = this.interruption(0, runIndex[0]!)
        current[lane]![x] = this.reconstructed(above, above < current[lane]![a]! ? -error : error)
      }
      if (runIndex[0]! > 0) runIndex[0]!--
      x++
    }
  }

  /** A.4 to A.6: predicted, corrected, and the error that was coded. */
  private regular(signedContext: number, a: number, b: number, c: number): number {
    const { A, B, C, N } = this
    const { near, preset } = this.scan
    const negative = signedContext < 0
    const q = negative ? -signedContext : signedContext
    let k = 0
    while (N[q]! << k < A[q]! && k < 24) k++

    const predicted = c >= (a > b ? a : b) ? (a < b ? a : b) : c <= (a < b ? a : b) ? (a > b ? a : b) : a + b - c
    const corrected = predicted + (negative ? -C[q]! : C[q]!)
    const centre = corrected < 0 ? 0 : corrected > preset.maximum ? preset.maximum : corrected

    const mapped = this.value(k, this.limit)
    let error = mapped & 1 ? -((mapped + 1) >> 1) : mapped >> 1
    if (k === 0 && near === 0 && 2 * B[q]! + N[q]! - 1 < 0) error = ~error

    let sumA = A[q]! + (error < 0 ? -error : error)
    let sumB = B[q]! + error * this.step
    let count = N[q]!
    if (sumA >= largestSum || sumB >= largestSum || sumB <= -largestSum) throw new JpegLsError('its errors grow beyond bounds')
    if (count === preset.reset) {
      sumA >>= 1
      sumB >>= 1
      count >>= 1
    }
    count++
    if (sumB + count <= 0) {
      sumB += count
      if (sumB <= -count) sumB = 1 - count
      if (C[q]! > -128) C[q]!--
    } else if (sumB > 0) {
      sumB -= count
      if (sumB > 0) sumB = 0
      if (C[q]! < 127) C[q]!++
    }
    A[q] = sumA
    B[q] = sumB
    N[q] = count
    return this.reconstructed(centre, negative ? -error : error)
  }

  /** A.4.5 and A.8: within the range, and what is beyond the values brought back. */
  private reconstructed(predicted: number, error: number): number {
    const { near, preset } = this.scan
    let value = predicted + error * this.step
    if (value < -near) value += this.range * this.step
    else if (value > preset.maximum + near) value -= this.range * this.step
    return value < 0 ? 0 : value > preset.maximum ? preset.maximum : value
  }

  /** Limited-length Golomb code, A.5.3. */
  private value(k: number, limit: number): number {
    const longest = limit - this.qbpp - 1
    const high = this.bits.zeros(longest)
    if (high < longest) return k === 0 ? high : high * 2 ** k + this.bits.read(k)
    if (high > longest) throw new JpegLsError('a code is too long')
    return this.bits.read(this.qbpp) + 1
  }

  /** A.7.1. */
  private runLength(most: number, runIndex: Int32Array, lane: number): number {
    let length = 0
    while (this.bits.read(1) === 1) {
      const unit = 1 << J[runIndex[lane]!]!
      const whole = unit <= most - length
      length += whole ? unit : most - length
      if (whole && runIndex[lane]! < 31) runIndex[lane]!++
      if (length === most) return length
    }
    length += this.bits.read(J[runIndex[lane]!]!)
    if (length > most) throw new JpegLsError('a run leads out of its line')
    return length
  }

  /** The error behind a run, A.7.2. */
  private interruption(type: 0 | 1, runIndex: number): number {
    const { A, N, negative } = this
    const q = 365 + type
    const wanted = A[q]! + (type === 1 ? N[q]! >> 1 : 0)
    let k = 0
    while (N[q]! << k < wanted && k < 24) k++
    const mapped = this.value(k, this.limit - J[runIndex]! - 1)
    const coded = mapped + type
    const size = (coded + 1) >> 1
    const below = (k !== 0 || 2 * negative[type]! >= N[q]!) === ((coded & 1) === 1)
    const error = below ? -size : size
    if (error < 0) negative[type]!++
    const sum = A[q]! + ((mapped + 1 - type) >> 1)
    if (sum >= largestSum) throw new JpegLsError('its errors grow beyond bounds')
    A[q] = sum
    if (N[q] === this.scan.preset.reset) {
      A[q] = sum >> 1
      N[q] = N[q]! >> 1
      negative[type] = negative[type]! >> 1
    }
    N[q]!++
    return error
  }
}

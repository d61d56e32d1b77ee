/**
 * The bits of a JPEG-LS scan (ITU-T T.87, A.1 and C.2.1): after a byte of ones the next has seven, and a marker ends them.
 * Reading on gives zeros; whether anybody did is asked once in a while and not at every bit.
 */
export class JpegLsBits {
  /** Bits to come, from the highest, and how many of them; for who reads in place. */
  cache = 0
  valid = 0
  /** Zeros in the cache that the data does not hold. */
  private invented = 0
  private afterOnes = false

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /** Makes sure of 25 bits. */
  fill(): void {
    const { bytes } = this
    while (this.valid <= 24) {
      const byte = this.at < bytes.length ? bytes[this.at]! : 0
      if (byte !== 0xff && byte !== 0 && !this.afterOnes) {
        this.cache |= byte << (24 - this.valid)
        this.valid += 8
        this.at++
        continue
      }
      const isMarker = (byte & 0x80) !== 0 && (this.afterOnes || (byte === 0xff && (bytes[this.at + 1] ?? 0xff) >= 0x80))
      if (this.at >= bytes.length || isMarker) {
        this.valid += 8
        this.invented += 8
        continue
      }
      this.at++
      if (this.afterOnes) {
        this.cache |= byte << (25 - this.valid)
        this.valid += 7
      } else {
        this.cache |= byte << (24 - this.valid)
        this.valid += 8
      }
      this.afterOnes = byte === 0xff
    }
  }

  /** @param count 0 to 24 */
  read(count: number): number {
    if (count === 0) return 0
    if (this.valid < count) this.fill()
    const value = this.cache >>> (32 - count)
    this.cache <<= count
    this.valid -= count
    return value
  }

  /** Zeros before the next one, which is read too; no more than `most` + 1 of them. */
  zeros(most: number): number {
    let count = 0
    for (;;) {
      if (this.valid < 25) this.fill()
      const here = Math.clz32(this.cache)
      if (here < this.valid) {
        // A shift by 32 is one by none.
        this.cache = here === 31 ? 0 : this.cache << (here + 1)
        this.valid -= here + 1
        return count + here
      }
      count += this.valid
      this.cache = 0
      this.valid = 0
      if (count > most) return count
    }
  }

  /** More was read than there is. */
  get exhausted(): boolean {
    return this.valid < this.invented
  }

  /** The place of the marker behind the last bits that were read; behind the scan only padding may be left. */
  markerAt(): number {
    let at = this.at
    while (at + 1 < this.bytes.length && !(this.bytes[at] === 0xff && this.bytes[at + 1]! >= 0x80 && this.bytes[at + 1] !== 0xff)) at++
    return at
  }
}

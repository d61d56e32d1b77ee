/** A random few of a stream of images, its length not known beforehand (reservoir sampling; Vitter, ACM TOMS 1985). */
import type { Random } from '../tensor/random'

export class Sample {
  /** Places in the stream, and the images themselves; in no particular order. */
  readonly places: number[] = []
  readonly images: Float32Array[] = []
  private seen = 0

  constructor(
    private readonly size: number,
    private readonly random: Random,
  ) {}

  offer(image: Float32Array): void {
    const place = this.seen++
    const seat = this.places.length < this.size ? this.places.length : this.random.integer(this.seen)
    if (seat >= this.size) return
    this.places[seat] = place
    this.images[seat] = image.slice()
  }
}

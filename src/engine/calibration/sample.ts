/** A random few of a stream of images, its length not known beforehand (reservoir sampling; Vitter, ACM TOMS 1985). */
import type { Random } from '../tensor/random'

/** Of one patient more say little, and take memory. */
const mostOfGroup = 4

interface Seat {
  group: string
  /** Places in the stream, and the images themselves; in no particular order. */
  places: number[]
  images: Float32Array[]
  /** Images of the group so far. */
  met: number
}

export class Sample {
  private readonly seats: Seat[] = []
  private readonly groups = new Set<string>()
  private seen = 0

  /** @param size groups, of each of which a few images are kept */
  constructor(
    private readonly size: number,
    private readonly random: Random,
  ) {}

  /** @param group of images that belong together; an image by itself where none is given */
  offer(image: Float32Array, group = `#${this.seen}`): void {
    const place = this.seen++
    const own = this.seats.find((seat) => seat.group === group)
    if (own) return this.join(own, image, place)
    // One that had no luck is not asked twice.
    if (this.groups.has(group)) return
    this.groups.add(group)
    const seat = this.seats.length < this.size ? this.seats.length : this.random.integer(this.groups.size)
    if (seat < this.size) this.seats[seat] = { group, places: [place], images: [image.slice()], met: 1 }
  }

  private join(seat: Seat, image: Float32Array, place: number): void {
    const at = ++seat.met <= mostOfGroup ? seat.images.length : this.random.integer(seat.met)
    if (at >= mostOfGroup) return
    seat.places[at] = place
    seat.images[at] = image.slice()
  }

  /** The images by their places, those of a group one after another. */
  get images(): Map<number, Float32Array> {
    return new Map(this.seats.flatMap(({ places, images }) => places.map((place, i) => [place, images[i]!] as const)))
  }
}

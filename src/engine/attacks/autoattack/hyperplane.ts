/**
 * The shortest move, within [0, 1], from a point onto a hyperplane: what FAB does in every step (Croce & Hein,
 * "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020, section 2.2).
 *
 * In both norms the shortest move goes along each axis by min(t·r, room): r is 1 in L∞ and |w| in L2, room is what is
 * left to the box in that direction. What this gains towards the plane is a concave function of t made of straight
 * pieces, so Newton's method from 0 never goes too far and ends after a few pieces, without sorting.
 */
import type { Norm } from '../../../shared/audit'

export class HyperplaneMoves {
  private readonly room: Float64Array
  private readonly weight: Float64Array

  /** @param pixels numbers of a point */
  constructor(
    private readonly norm: Norm,
    private readonly pixels: number,
  ) {
    this.room = new Float64Array(pixels)
    this.weight = new Float64Array(pixels)
  }

  /**
   * The move d with w·d = −gap; as far as the box allows where it does not reach the plane.
   * @param out takes d
   * @param x holds the point from index `at` on, and w its row at the same place
   * @returns ‖d‖ in the norm
   */
  find(out: Float64Array, x: Float32Array, w: Float32Array, at: number, gap: number): number {
    const { room, weight, pixels } = this
    const linf = this.norm === 'linf'
    const wanted = Math.abs(gap)
    let slope = 0
    for (let i = 0; i < pixels; i++) {
      const wi = w[at + i]!
      const magnitude = Math.abs(wi)
      weight[i] = magnitude
      room[i] = wi > 0 === gap < 0 ? 1 - x[at + i]! : x[at + i]!
      if (room[i]! > 0) slope += linf ? magnitude : magnitude * magnitude
    }
    let t = 0
    let missing = wanted
    while (missing > 1e-12 * wanted && slope > 0) {
      const next = t + missing / slope
      if (!(next > t)) break
      t = next
      missing = wanted
      slope = 0
      for (let i = 0; i < pixels; i++) {
        const magnitude = weight[i]!
        const rate = linf ? 1 : magnitude
        const move = t * rate
        if (move < room[i]!) {
          slope += magnitude * rate
          missing -= magnitude * move
        } else missing -= magnitude * room[i]!
      }
    }
    const away = gap < 0 ? 1 : -1
    let [largest, sum] = [0, 0]
    for (let i = 0; i < pixels; i++) {
      const move = weight[i] === 0 ? 0 : Math.min(linf ? t : t * weight[i]!, room[i]!)
      out[i] = w[at + i]! > 0 ? away * move : -away * move
      if (move > largest) largest = move
      sum += move * move
    }
    return linf ? largest : Math.sqrt(sum)
  }
}

/** Of a pooling window, how many pixels an average divides by. */
import type { Shape } from '../tensor/tensor'
import type { WindowGeometry } from './windows'

/**
 * The count for every window, in the order of the output's pixels. Padding counts where `countPadding` says so; what
 * lies beyond the padding (windows that hang over it in ceil mode) never does.
 */
export function averageCounts(spatial: Shape, at: WindowGeometry, countPadding: boolean): number[] {
  const axes = spatial.map((d, i) =>
    Array.from({ length: at.output[i]! }, (_, o) => {
      const first = o * at.strides[i]! - at.pads[i]!
      const [begin, end] = countPadding ? [-at.pads[i]!, d + at.pads[at.kernel.length + i]!] : [0, d]
      const skipped = Math.max(0, Math.ceil((begin - first) / at.dilations[i]!))
      return Math.max(0, Math.min(at.kernel[i]!, Math.ceil((end - first) / at.dilations[i]!)) - skipped)
    }),
  )
  return axes.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1])
}

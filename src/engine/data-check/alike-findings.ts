/** What pairs of equal pictures mean: test images that were learned from, labels that contradict, copies that a split may part. */
import type { DataFinding } from '../../shared/training'
import type { Alike, AlikePair } from './alike'
import { amount, finding, percent, type PartName, type Sample } from './finding'

/** Beyond this share of the test its figures are those of pictures learned by heart. */
const tolerableShare = 0.05
/** Copies within a class beyond this share are worth a warning. */
const manyCopies = 0.01

const shown = (samples: readonly Sample[], { a, b, exact, mirrored }: AlikePair): string => `${samples[a]!.name} ${exact ? '=' : '~'} ${samples[b]!.name}${mirrored ? ' (mirrored)' : ''}`

/** Images of `chosen` in any of the pairs, and how they are the same: `3 pixel by pixel, 9 nearly, as …`. */
function told(samples: readonly Sample[], pairs: readonly AlikePair[], chosen: (sample: Sample) => boolean): { count: number; how: string } {
  const members = (some: readonly AlikePair[]) => new Set(some.flatMap(({ a, b }) => [a, b]).filter((i) => chosen(samples[i]!)))
  const count = members(pairs).size
  const exactly = members(pairs.filter(({ exact }) => exact)).size
  const nearly = 'nearly, as copies saved again and neighbouring slices are'
  const how = exactly === count ? 'pixel by pixel' : exactly === 0 ? nearly : `${exactly.toLocaleString('en')} pixel by pixel, ${(count - exactly).toLocaleString('en')} ${nearly}`
  return { count, how }
}

/** @param pairs whose places are those of `samples` */
export function alikeFindings(samples: readonly Sample[], { pairs, cut }: Alike): DataFinding[] {
  // Exact copies first: they are the better examples.
  const ordered = [...pairs].sort((p, q) => Number(q.exact) - Number(p.exact))
  const examples = (some: readonly AlikePair[]) => some.map((pair) => shown(samples, pair))
  const atLeast = cut ? 'At least ' : ''

  const across = (earlier: readonly PartName[], later: PartName): DataFinding[] => {
    const between = ordered.filter(({ a, b }) => {
      const parts = [samples[a]!.part, samples[b]!.part]
      return parts.includes(later) && parts.some((part) => earlier.includes(part))
    })
    if (between.length === 0) return []
    const total = samples.filter(({ part }) => part === later).length
    const { count, how } = told(samples, between, ({ part }) => part === later)
    const level = later === 'test' && count > tolerableShare * total ? 'error' : 'warning'
    const message = `${atLeast}${amount(count, `${later} image`)} of ${total.toLocaleString('en')} (${percent(count / total)}) ${count === 1 ? 'is' : 'are'} the same as in the training (${how}), so that the ${later} would praise what was learned by heart; remove them from one of the two.`
    return [finding(level, 'duplicates-across-parts', count, message, examples(between))]
  }

  const contradicting = ordered.filter(({ a, b }) => samples[a]!.label !== samples[b]!.label)
  const contradictions = told(samples, contradicting, () => true)
  // Of one patient, or in one part only, they do no harm.
  const within = ordered.filter(({ a, b }) => {
    const [first, second] = [samples[a]!, samples[b]!]
    return first.label === second.label && first.part === second.part && first.part !== 'test' && first.group !== second.group
  })
  const copies = told(samples, within, () => true)
  return [
    ...across(['training', 'validation'], 'test'),
    ...across(['training'], 'validation'),
    ...(contradicting.length > 0
      ? [finding('warning', 'duplicates-across-classes', contradictions.count, `${atLeast}${amount(contradictions.count, 'image')} of different classes are the same picture (${contradictions.how}), so that one label of each pair may be wrong; look at them and keep one.`, examples(contradicting))]
      : []),
    ...(within.length > 0
      ? [
          finding(
            copies.count > manyCopies * samples.length ? 'warning' : 'note',
            'duplicates',
            copies.count,
            `${atLeast}${amount(copies.count, 'image')} of one class are the same as another (${copies.how}), and a split may part them; remove copies, or name them one group in a manifest.csv.`,
            examples(within),
          ),
        ]
      : []),
  ]
}

/**
 * Splitting without leakage: whole groups (patients) go to one side, every class keeps its share, and the seed
 * decides which.
 */
import { Random } from '../tensor/random'
import { gather } from './gather'

export interface Splittable {
  label: number | null
  group: string
}

export interface Split<T> {
  /** What stays, in the order given. */
  rest: T[]
  /** About `share` of every class, in the order given. */
  held: T[]
}

/**
 * @param share of the items to hold out, 0 to 1, counted in items per class; a group of several classes counts for
 * the one that most of it has. A class keeps at least one group on each side where it has two.
 */
export function splitByGroup<T extends Splittable>(items: readonly T[], share: number, seed: number): Split<T> {
  const groups = gather(items, ({ group }) => group)
  const byClass = gather(groups.values(), commonest)

  const random = new Random(seed).fork('split')
  const heldGroups = new Set<string>()
  for (const [label, candidates] of [...byClass].sort(([a], [b]) => (a ?? -1) - (b ?? -1))) {
    const size = candidates.reduce((sum, members) => sum + members.length, 0)
    const target = size * share
    let taken = 0
    let count = 0
    for (const members of random.fork(String(label)).shuffle([...candidates])) {
      // Taking a group that overshoots by more than is still missing would leave the share further off.
      const better = Math.abs(taken + members.length - target) < Math.abs(taken - target)
      if (!better || count === candidates.length - 1) continue
      heldGroups.add(members[0]!.group)
      taken += members.length
      count++
    }
    if (count === 0 && share > 0 && candidates.length > 1) {
      const smallest = candidates.reduce((a, b) => (b.length < a.length ? b : a))
      heldGroups.add(smallest[0]!.group)
    }
  }
  return {
    rest: items.filter((item) => !heldGroups.has(item.group)),
    held: items.filter((item) => heldGroups.has(item.group)),
  }
}

function commonest(members: readonly Splittable[]): number | null {
  const counts = new Map<number | null, number>()
  for (const { label } of members) counts.set(label, (counts.get(label) ?? 0) + 1)
  let best: number | null = null
  let most = 0
  for (const [label, count] of counts)
    if (count > most) {
      best = label
      most = count
    }
  return best
}

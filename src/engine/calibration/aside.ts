/**
 * Which scans choose and standardise the scores; the others stand behind the p-values. Scans of one patient are alike, so
 * that whole patients are set aside: one on both sides would be known to the scores beforehand.
 */
import { gather } from '../dataset/gather'
import { scansNeeded } from '../screening/conformal'

/** Share of the scans that standardises the scores, and the larger one that chooses them first. */
const standardisingShare = 0.2
const choosingShare = 0.3
/** A choice by fewer is luck; more only take time. */
export const fewestToChoose = 20
export const mostToChoose = 64
/** Scans with which the scores are chosen anew. */
export const scansToChoose = Math.ceil(fewestToChoose / choosingShare)

/** Scans to calibrate on, so that enough of them stand behind the p-values for `alpha` to flag anything. */
export const scansFor = (alpha: number): number => Math.ceil(scansNeeded(alpha) / (1 - standardisingShare))

/** How many of the scans choose and standardise where there are no others for it; the rest stand behind the p-values. */
export function setAside(scans: number, choose: boolean): { count: number; choose: boolean } {
  const choosing = Math.min(mostToChoose, Math.round(scans * choosingShare))
  if (choose && choosing >= fewestToChoose) return { count: choosing, choose: true }
  return { count: Math.max(2, Math.round(scans * standardisingShare)), choose: false }
}

/**
 * Places of all scans of some groups.
 * @param groups of each scan
 * @param order in which the groups are asked for, by places of members
 * @param fits whether a group is taken along with those that were
 */
function wholeGroups(groups: readonly string[], order: readonly number[], fits: (taken: readonly number[], members: readonly number[]) => boolean): number[] {
  const membersOf = gather(groups.keys(), (place) => groups[place]!)
  const taken: number[] = []
  for (const group of new Set(order.map((place) => groups[place]!))) {
    const members = membersOf.get(group)!
    if (fits(taken, members)) taken.push(...members)
  }
  return taken
}

/** Those that standardise: as near to `count` as whole groups come. @param groups at least two different ones */
export function standardisers(groups: readonly string[], order: readonly number[], count: number): number[] {
  const taken = wholeGroups(groups, order, (so, members) => Math.abs(so.length + members.length - count) < Math.abs(so.length - count))
  if (taken.length > 0) return taken
  return [...gather(groups.keys(), (place) => groups[place]!).values()].reduce((a, b) => (b.length < a.length ? b : a))
}

/**
 * Those that choose, with all others of their groups.
 * @param sampled places of scans whose images are at hand, in the order in which they are preferred
 * @returns undefined where they are too few
 */
export function choosersOf(groups: readonly string[], sampled: readonly number[], count: number): { aside: number[]; choosers: number[] } | undefined {
  const atHand = new Set(sampled)
  const choosersIn = (some: readonly number[]): number[] => some.filter((place) => atHand.has(place))
  const most = Math.max(count, choosingShare * groups.length)
  const aside = wholeGroups(groups, sampled, (so, members) => choosersIn(so).length < count && so.length + members.length <= most)
  const choosers = choosersIn(aside).slice(0, mostToChoose)
  return choosers.length < fewestToChoose ? undefined : { aside, choosers }
}

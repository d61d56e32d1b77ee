/**
 * Which scores the detector looks at: those that separate attacked copies of local scans best from the scans themselves.
 *
 * Greedy: the best score alone, then the one that helps it most, to three at most, each time as the larger of the two or
 * as their sum. What counts is the share found at a false-alarm rate of 5 %, then the area under the ROC curve, as means
 * over the attacks; a score is only added for a gain that can be told from luck.
 *
 * One exception: where all chosen scores look at the image, or all at the classifier's answers, the best of the other kind
 * joins them if that costs nothing, since an attack that nobody tried may leave its trace there alone.
 */
import type { Choice, Combine, Detector, ScoreName, Separation } from '../../shared/bundle'
import { combine, namesOf, standardise } from '../screening/detector'
import type { RawScores } from '../screening/detector'
import { aucOf, detectedAt, rocOf } from '../screening/roc'
import { scoreOf } from '../screening/scores'

/** Raw scores of attacked copies under one attack, and of noisy ones. */
export interface Bout {
  title: string
  /** 'noise' is the control. */
  kind: 'attack' | 'noise'
  /** The bout whose figures stand on the card. */
  shown?: boolean
  copies: readonly RawScores[]
}

const falseAlarmRate = 0.05
const mostScores = 3
/** Gains below are luck. */
const least = { found: 0.01, auc: 0.001 }

type Judges = Pick<Detector, 'scores' | 'combine'>

const mean = (values: readonly number[]): number => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : 0)

function separationOf(judges: Judges, untouched: readonly RawScores[], bouts: readonly Bout[]): Separation {
  const scoresOf = (raw: readonly RawScores[]): number[] => raw.map((each) => combine(each, judges).score)
  const clean = scoresOf(untouched)
  const figures = bouts.map(({ kind, shown, copies }) => {
    const roc = rocOf(clean, scoresOf(copies))
    return { kind, shown, auc: aucOf(roc), found: detectedAt(roc, falseAlarmRate) }
  })
  const attacks = figures.filter(({ kind }) => kind === 'attack')
  const onCard = attacks.find(({ shown }) => shown) ?? attacks[0]!
  return {
    auc: mean(attacks.map(({ auc }) => auc)),
    found: mean(attacks.map(({ found }) => found)),
    aucAt2of255: onCard.auc,
    foundAt2of255: onCard.found,
    noise: mean(figures.filter(({ kind }) => kind === 'noise').map(({ found }) => found)),
  }
}

/** Whether the first separates better than the second by more than luck. */
const better = (a: Separation, b: Separation): boolean => {
  if (Math.abs(a.found - b.found) >= least.found) return a.found > b.found
  return a.auc - b.auc >= least.auc
}

/**
 * @param candidates in the order in which equally good ones are preferred
 * @param untouched raw scores of the scans, which also standardise them
 * @param bouts raw scores of the copies; at least one attack
 */
export function chooseScores(candidates: readonly ScoreName[], untouched: readonly RawScores[], bouts: readonly Bout[]): Judges & { choice: Choice } {
  const standardised = new Map(candidates.map((name) => [name, standardise(name, untouched.map((raw) => raw[name]!))]))
  const tried = (names: readonly ScoreName[], how: Combine): { judges: Judges; separation: Separation } => {
    const judges: Judges = { scores: names.map((name) => standardised.get(name)!), combine: how }
    return { judges, separation: separationOf(judges, untouched, bouts) }
  }
  const alone = candidates.map((name) => ({ name, ...tried([name], 'max') }))
  let best: ReturnType<typeof tried> = alone.reduce((a, b) => (better(b.separation, a.separation) ? b : a))
  /** The chosen ones with each of some others. */
  const joinedBy = (others: readonly ScoreName[]): ReturnType<typeof tried>[] => {
    const names = namesOf(best.judges)
    return others.filter((name) => !names.includes(name)).flatMap((name) => [tried([...names, name], 'max'), tried([...names, name], 'sum')])
  }
  const preferred = (some: readonly ReturnType<typeof tried>[]): ReturnType<typeof tried> => some.reduce((a, b) => (better(b.separation, a.separation) ? b : a))
  while (best.judges.scores.length < mostScores) {
    const next = preferred([best, ...joinedBy(candidates)])
    if (next === best) break
    best = next
  }
  const kinds = new Set(namesOf(best.judges).map((name) => scoreOf(name).looksAt))
  if (kinds.size === 1 && best.judges.scores.length < mostScores) {
    // Alone, so that the kind is represented by its best and not by whichever disturbs least.
    const others = alone.filter(({ name }) => !kinds.has(scoreOf(name).looksAt))
    const insured = others.length > 0 ? preferred(joinedBy([others.reduce((a, b) => (better(b.separation, a.separation) ? b : a)).name])) : best
    if (!better(best.separation, insured.separation)) best = insured
  }
  return {
    ...best.judges,
    choice: {
      scans: untouched.length,
      attacks: bouts.filter(({ kind }) => kind === 'attack').map(({ title }) => title),
      together: best.separation,
      candidates: alone.map(({ name, separation }) => ({ name, ...separation })).sort((a, b) => b.found - a.found || b.auc - a.auc),
    },
  }
}

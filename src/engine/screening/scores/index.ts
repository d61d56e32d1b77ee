/** All scores, by the name that manifests use. A new score is one file, one name in `shared/bundle.ts` and one line here. */
import type { ScoreName } from '../../../shared/bundle'
import { bands } from './bands'
import { disagreement } from './disagreement'
import { divergence } from './divergence'
import { embedding } from './embedding'
import { fineness } from './fineness'
import { flatness } from './flatness'
import { local } from './local'
import { novelty } from './novelty'
import { relative } from './relative'
import { residual } from './residual'
import type { Need, Score } from './score'
import { secondPass } from './second-pass'

/** In the order in which equally good ones are preferred: the cheap and plain first. */
export const scores: readonly Score[] = [residual, disagreement, relative, divergence, ...bands, fineness, local, flatness, secondPass, novelty, embedding]

const byName = new Map(scores.map((score) => [score.name, score]))

export const scoreOf = (name: ScoreName): Score => byName.get(name)!

/** The most that any of the scores asks for. */
export function needOf(names: Iterable<ScoreName>): Need | undefined {
  const needs = new Set(Array.from(names, (name) => scoreOf(name).needs))
  return needs.has('embedding') ? 'embedding' : needs.has('second pass') ? 'second pass' : undefined
}

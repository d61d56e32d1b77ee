/**
 * What docs/RESULTS.md is made from: of each audit's report the shares behind every defence, without single images. Kept in
 * docs/results/, so that the page outlives the machine that the audits ran on, and attacks and purifiers can come to it later.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const pathOf = (root, id) => join(root, 'docs', 'results', `${id}.json`)

/** All records of a kind of scan, by the audit's name; `{}` before the first. */
export const recordsOf = (root, id) => (existsSync(pathOf(root, id)) ? JSON.parse(readFileSync(pathOf(root, id), 'utf8')) : {})

/** The part of an `audit.json` that is kept. */
export function recordOf({ model, compared = [], data, n, alpha, seed, versions, defences, clean, falseAlarms, runs, worstCase, warnings, paired }) {
  return {
    classifier: model.classifier,
    purifier: model.purifier,
    compared: Object.fromEntries(compared.map(({ defence, purifier }) => [defence, purifier])),
    data: data.sha256,
    n,
    alpha,
    seed,
    version: versions.assay,
    defences,
    clean,
    falseAlarms,
    runs: runs.map(({ threat, attack, variant, norm, eps, minimumNorm, robust, detectionAuc, detectedAtAlpha, evaded }) => ({ threat, attack, ...(variant ? { variant } : {}), norm, eps, ...(minimumNorm ? { minimumNorm } : {}), robust, detectionAuc, detectedAtAlpha, evaded })),
    worstCase: worstCase.map(({ threat, norm, eps, attacks, robust, evaded }) => ({ threat, norm, eps, attacks, robust, evaded })),
    warnings,
    ...(paired ? { paired } : {}),
  }
}

/**
 * Image by image, one defence against another: how many hold behind the first alone and behind the second alone, untouched
 * (no attack) and under each attack at each strength. What is wrong untouched does not hold.
 * @param records lines of an audit's `results.jsonl` @param job its `job.json` @param pairs of defences, counted together
 */
export function pairedOf(records, { runs, eps }, pairs) {
  const images = records.filter(({ kind }) => kind === 'image')
  const attacked = new Map()
  for (const record of records) if (record.kind === 'attacked') attacked.set(`${record.run} ${record.image}`, record)
  const counted = (holds) =>
    pairs.reduce(
      ({ first, second }, [one, other]) => ({
        first: first + images.filter((image) => holds(image, one) && !holds(image, other)).length,
        second: second + images.filter((image) => holds(image, other) && !holds(image, one)).length,
      }),
      { first: 0, second: 0 },
    )
  const right = ({ label, clean }, defence) => clean.predicted[defence] === label
  // As attacks are held to their strength, with room for rounding of [0, 1].
  const within = (size, strength) => size <= strength * (1 + 1e-6) + 2 ** -23
  const under = (run, strength) => (image, defence) => {
    const record = attacked.get(`${run.id} ${image.image}`)
    return right(image, defence) && !(record && within(record.linf, strength) && record.attacked.predicted[defence] !== image.label)
  }
  const plain = runs.filter(({ check, variant, norm }) => !check && !variant && norm === 'linf')
  // A minimum-norm attack, made once, speaks for every strength.
  const strengths = (run) => (run.minimumNorm ? eps : [run.epsilon])
  return [counted(right), ...plain.flatMap((run) => strengths(run).map((strength) => ({ attack: run.attack, eps: strength, ...counted(under(run, strength)) })))]
}

const keyOf = ({ threat, attack, variant, norm, eps }) => [threat, attack, variant ?? '', norm, eps.toPrecision(6)].join(' ')
const silent = { detectionAuc: null, detectedAtAlpha: null, evaded: null }
const without = (record, left) => Object.fromEntries(Object.entries(record).filter(([name]) => !left(name)))

/**
 * A new record with what an earlier one knows and it does not: attacks that were not made again, and purifiers that were not
 * judged again, where the attacked images are the same by all that can be seen (classifier, images, and how many of them the
 * attack broke). Figures of a purifier that has changed go.
 */
export function merged(earlier, record) {
  if (!earlier || earlier.classifier !== record.classifier || earlier.data !== record.data || earlier.n !== record.n) return record
  const gone = (defence) => (defence === 'purifier' ? earlier.purifier !== record.purifier : defence in record.compared && earlier.compared?.[defence] !== record.compared[defence])
  const before = new Map(earlier.runs.map((run) => [keyOf(run), run]))
  const made = new Set(record.runs.map(keyOf))
  const again = record.runs.map((run) => {
    const known = before.get(keyOf(run))
    return known && known.robust.none?.value === run.robust.none?.value ? { ...run, robust: { ...without(known.robust, gone), ...run.robust } } : run
  })
  const left = earlier.runs
    .filter((run) => !made.has(keyOf(run)))
    .map((run) => ({ ...run, robust: without(run.robust, gone), ...(gone('purifier') ? silent : {}) }))
    .filter(({ robust }) => Object.keys(robust).length > 0)
  return {
    ...record,
    compared: { ...earlier.compared, ...record.compared },
    defences: [...new Set([...record.defences, ...earlier.defences])],
    clean: { ...earlier.clean, ...record.clean },
    runs: [...again, ...left],
    worstCase: worstOf(record, earlier, gone),
  }
}

/** The worst of all attacks can be told by an audit that made them all: of two the one that made more, the later of equals. */
function worstOf(record, { worstCase: before = [] }, gone) {
  const known = new Map(before.map((each) => [keyOf({ ...each, attack: 'worst' }), each]))
  return record.worstCase.map((worst) => {
    const other = known.get(keyOf({ ...worst, attack: 'worst' }))
    return other && other.attacks.length > worst.attacks.length ? { ...other, robust: without(other.robust, gone), ...(gone('purifier') ? { evaded: null } : {}) } : worst
  })
}

/** Takes an audit's report into the records of a kind of scan; one that was cut off is left out. */
export function keepRecord(root, id, name, audit) {
  if (audit.partial) return
  const all = recordsOf(root, id)
  const records = { ...all, [name]: merged(all[name], recordOf(audit)) }
  const path = pathOf(root, id)
  mkdirSync(dirname(path), { recursive: true })
  // A line for each run keeps the difference between two versions readable.
  const listed = (rows) => `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`
  const lines = Object.entries(records).map(([audit, { runs, worstCase = [], ...head }]) => `${JSON.stringify(audit)}: ${JSON.stringify(head).slice(0, -1)}, "runs": ${listed(runs)}, "worstCase": ${listed(worstCase)}}`)
  writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`)
}

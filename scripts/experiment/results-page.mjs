/** docs/RESULTS.md from the records of the experiment's audits: tables, intervals and medians; what the shipped purifiers do without an attack is out of their bundles. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adaptiveAttacks, home, knownOnes, losses, modalities, obliviousAttacks, purifierTrainings, wholeSplit } from './recipes.mjs'
import { recordsOf } from './records.mjs'

const percent = (share) => (100 * share).toFixed(1)
const withInterval = ({ value, low, high }) => `${percent(value)} (${Math.round(100 * low)}–${Math.round(100 * high)})`
const strength = (eps) => `${Math.round(eps * 255)}/255`
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
const rows = (lines) => lines.map((cells) => `| ${cells.join(' | ')} |`)
const table = (head, lines) => [...rows([head, head.map(() => '---')]), ...rows(lines)].join('\n')

const names = { siamese: 'Siamese DAE', dae: 'plain DAE', hgd: 'HGD', adaptive: 'Siamese DAE that learned from attackers who know it' }
const nameOf = (folder) => names[folder.replace(/-\d+$/, '')]
const titles = { fgsm: 'FGSM', pgd: 'PGD', deepfool: 'DeepFool', cw: 'CW (L2)', spsa: 'SPSA', autoattack: 'AutoAttack', joint: 'joint, detector too' }
/** As commands are shown, whatever machine makes the page. */
const forwards = (text) => text.replaceAll('\\', '/')

const listed = (words) => [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ')

/** Strengths in L∞, ascending; an attack that knows only L2 is given the balls around them, in the same order. */
const strengthsOf = (audit) => [...new Set(audit.runs.filter(({ norm }) => norm === 'linf').map(({ eps }) => eps))].sort((a, b) => a - b)

/** The row of an attack at the strength of that place; undefined where it was not made. */
function rowAt(audit, threat, attack, place) {
  const own = audit.runs.filter((run) => run.threat === threat && run.attack === attack && !run.variant)
  const radii = [...new Set(own.map(({ eps }) => eps))].sort((a, b) => a - b)
  return own.find(({ eps }) => eps === radii[place])
}

/** Of the attacks that are meant for a threat, those that an audit made, and those that it did not. */
function attacksOf(audit, meant) {
  const made = new Set(audit.runs.map(({ attack }) => attack))
  const all = meant.split(',')
  return { made: all.filter((attack) => made.has(attack)), left: all.filter((attack) => !made.has(attack)) }
}

/** What stands before the classifier: name, and the defences of an audit whose median is shown. */
function defencesOf(audit) {
  const others = audit.defences.filter((each) => each.startsWith('bundle:'))
  const seeds = (loss) => others.filter((each) => each.startsWith(`bundle:${loss}-`))
  const shown = (name, defences) => (defences.length > 0 ? [{ name: defences.length > 1 ? `${name}, median of ${defences.length} seeds` : name, short: name, defences }] : [])
  return [
    ...shown('no defence', ['none']),
    ...shown('3 × 3 median', audit.defences.filter((each) => each === 'median')),
    ...shown('JPEG, quality 75', audit.defences.filter((each) => each === 'jpeg')),
    ...shown('5 bits per pixel', audit.defences.filter((each) => each === 'bits')),
    ...shown(names.dae, seeds('dae')),
    ...shown(names.hgd, seeds('hgd')),
    ...shown(names.siamese, ['purifier', ...seeds('siamese')]),
    ...shown(names.adaptive, seeds('adaptive')),
  ]
}

/** A figure with its interval, or the median and each seed; where not all seeds were measured, the first, and that it is one. */
function cell(shares) {
  const [first] = shares
  if (!first) return ''
  if (shares.length === 1) return withInterval(first)
  if (shares.includes(undefined)) return `${withInterval(first)}, first seed`
  return `${percent(median(shares.map(({ value }) => value)))} (${shares.map(({ value }) => percent(value)).join(', ')})`
}

/**
 * One table for each strength.
 * @param lines name and the shares of one row, by audit and defences
 * @param more further columns: title, and what stands there in a line, by the strength's place
 */
function accuracyTables(audit, threat, lines, more = []) {
  return strengthsOf(audit)
    .map((eps, place) => {
      const attacks = Object.keys(titles).filter((attack) => lines.some((line) => rowAt(line.audit, threat, attack, place)))
      const body = lines.map((line) => {
        const { name, audit: of, defences } = line
        return [name, cell(defences.map((d) => of.clean[d])), ...attacks.map((attack) => cell(defences.map((d) => rowAt(of, threat, attack, place)?.robust[d]))), ...more.map((column) => column.of(line, place))]
      })
      return `ε = ${strength(eps)}\n\n${table(['', 'clean', ...attacks.map((attack) => titles[attack]), ...more.map(({ title }) => title)], body)}`
    })
    .join('\n\n')
}

/** AUC, share flagged and share that passes wrong and unflagged, of one audit's detector. */
function detection(audit, threat, title) {
  const strengths = strengthsOf(audit)
  const attacks = Object.keys(titles).filter((attack) => rowAt(audit, threat, attack, 0))
  const measured = (attack) => strengths.some((_, place) => typeof rowAt(audit, threat, attack, place)?.detectionAuc === 'number')
  if (!attacks.some(measured)) return `${title}: not measured.`
  const body = attacks.map((attack) => [
    titles[attack],
    ...strengths.map((_, place) => {
      const row = rowAt(audit, threat, attack, place)
      if (typeof row?.detectionAuc !== 'number') return '–'
      const more = [...(row.detectedAtAlpha === null ? [] : [`${percent(row.detectedAtAlpha)} %`]), ...(row.evaded ? [percent(row.evaded.value)] : [])]
      return `${row.detectionAuc.toFixed(3)}${more.length > 0 ? ` (${more.join('; ')})` : ''}`
    }),
  ])
  return table([title, ...strengths.map(strength)], body)
}

/** The lowest accuracy behind a defence under any attack at the strength of that place; undefined where it was not judged. */
function lowest(audit, defence, place) {
  const found = Object.keys(titles).flatMap((attack) => rowAt(audit, 'oblivious', attack, place)?.robust[defence] ?? [])
  return found.length > 0 ? found.reduce((low, share) => (share.value < low.value ? share : low)) : undefined
}

/** Each image by the worst of all attacks up to the strength of that place; undefined where no audit made them all and kept it. */
function worstAt(audit, threat, place) {
  const made = new Set(audit.runs.filter((run) => run.threat === threat && run.norm === 'linf' && !run.variant).map(({ attack }) => attack))
  return audit.worstCase?.find((each) => each.threat === threat && each.norm === 'linf' && each.eps === strengthsOf(audit)[place] && [...made].every((attack) => each.attacks.includes(attack)))
}

/** Of attacks that go as far as they may: a minimum-norm attack's changes are far smaller than the strength says. */
function lowestAuc(audit, place) {
  const found = Object.keys(titles).flatMap((attack) => {
    const row = rowAt(audit, 'oblivious', attack, place)
    return row && !row.minimumNorm ? (row.detectionAuc ?? []) : []
  })
  return found.length > 0 ? Math.min(...found).toFixed(3) : ''
}

/**
 * How many of the test images a detector that is calibrated on so many scans flags at α, in 95 of 100 calibrations and tests:
 * beta-binomial, since the k-th of n + 1 exchangeable scores is Beta(k, n + 1 - k)-distributed.
 */
function alarmsAllowed(scans, images, alpha) {
  const a = Math.floor(alpha * (scans + 1))
  const b = scans + 1 - a
  let p = 1
  for (let i = 0; i < images; i++) p *= (b + i) / (a + b + i)
  const bounds = [0, images]
  for (let flagged = 0, below = 0; flagged <= images; flagged++) {
    if (below < 0.025) bounds[0] = flagged
    below += p
    if (below >= 0.975) {
      bounds[1] = flagged
      break
    }
    p *= ((images - flagged) / (flagged + 1)) * ((a + flagged) / (b + images - 1 - flagged))
  }
  return bounds.map((flagged) => Math.round((100 * flagged) / images)).join('–')
}

/** Share of untouched images that are flagged, and what the calibration allows. */
const alarmsOf = (audit, bundle) => [audit.falseAlarms ? withInterval(audit.falseAlarms) : '', alarmsAllowed(bundle.detector.calibration.scores.length, audit.n, audit.alpha)]

/** Of the other rows the one that the attacks leave most of, by its median. */
function nextBest(audit, place) {
  const others = defencesOf(audit).filter(({ defences }) => !defences.includes('purifier') && !defences[0].startsWith('bundle:adaptive'))
  const found = others.flatMap(({ short: name, defences }) => {
    const shares = defences.map((d) => lowest(audit, d, place))
    return shares.includes(undefined) ? [] : [{ name, value: median(shares.map(({ value }) => value)) }]
  })
  return found.length > 0 ? found.reduce((best, each) => (each.value > best.value ? each : best)) : undefined
}

/** One line for each kind of scan, of the shipped purifier: on all test images where they were attacked, else on some. */
function glance(found) {
  const lines = found.map(({ modality, bundle, audits: { oblivious: some, whole: all = some, ...known } }) => {
    if (!all) return [modality.name, ...Array.from({ length: 14 }, () => '–')]
    const clean = all.clean['purifier'].value
    const at = (k) => strengthsOf(all).findIndex((eps) => Math.round(255 * eps) === k)
    const kept = (k) => {
      const share = lowest(all, 'purifier', at(k))
      return share ? `${percent(share.value)} (${percent(share.value / clean)} % of clean)` : ''
    }
    const best = [4, 8].map((k) => nextBest(all, at(k))).map((row) => (row ? `${percent(row.value)} (${row.name})` : '–')).join(', ')
    const worst = [4, 8].map((k) => worstAt(all, 'oblivious', at(k))?.robust['purifier']).map((share) => (share ? percent(share.value) : '–')).join(', ')
    const smallest = rowAt(all, 'oblivious', 'deepfool', at(4))?.detectionAuc
    const adaptive = (name) => [1, 2].map((place) => (known[name] ? percent(rowAt(known[name], 'adaptive', 'pgd', place)?.robust['purifier']?.value ?? NaN) : '–')).join(', ')
    return [modality.name, all.n, percent(all.clean['none'].value), percent(clean), kept(4), kept(8), best, worst, lowestAuc(all, at(2)), lowestAuc(all, at(4)), smallest?.toFixed(3) ?? '–', ...alarmsOf(all, bundle), adaptive('siamese-1'), adaptive('adaptive-1')]
  })
  return table(['', 'images', 'clean, bare', 'clean, purified', 'at 4/255', 'at 8/255', 'best other row, 4, 8/255', 'each image by its worst, 4, 8/255', 'AUC 2/255', 'AUC 4/255', 'AUC DeepFool', 'false alarms', 'α allows', 'known purifier, PGD 2, 4/255', 'the same, trained against it'], lines)
}

/** The rows of an audit; where several seeds of the Siamese DAE were measured, the shipped one by itself as well. */
const rowsOf = (audit) =>
  defencesOf(audit)
    .flatMap((line) => (line.defences.includes('purifier') && line.defences.length > 1 ? [{ name: `${names.siamese}, shipped`, defences: ['purifier'] }, line] : [line]))
    .map((line) => ({ ...line, audit }))

/** How many images hold behind one of two and not behind the other. */
function pairedTable(audit) {
  if (!audit.paired) return ''
  const { seeds, counts } = audit.paired
  const attacks = wholeSplit.attacks.split(',')
  const told = (count) => (count ? `${count.first} : ${count.second}` : '')
  const lines = strengthsOf(audit).map((eps) => [strength(eps), told(counts.find(({ attack }) => !attack)), ...attacks.map((attack) => told(counts.find((each) => each.attack === attack && strength(each.eps) === strength(eps))))])
  return `

Image by image, of the same seed: how many hold behind the Siamese DAE and not behind HGD, and how many the other way round${seeds > 1 ? `, ${seeds} seeds counted together` : ''}. Where the two numbers of a pair are near each other, the tables differ by no more than chance explains:

${table(['ε', 'clean', ...attacks.map((attack) => titles[attack])], lines)}`
}

/** What was held against all test images of one kind of scan. */
function wholeSection({ bundle, audits: { oblivious, whole: all } }) {
  const head = '### Who knows the classifier alone, all test images'
  if (!all) return `${head}\n\nNot made yet.`
  const hgd = 'bundle:hgd-1'
  const again = all.compared?.[hgd] && all.compared[hgd] !== oblivious?.compared?.[hgd] ? ` ${names.hgd} was trained again for this, with the command above; what stands in the tables further down is of the training before.` : ''
  const [flagged, allowed] = alarmsOf(all, bundle)
  const most = [
    { title: 'lowest of the attacks', of: ({ defences }, place) => cell(defences.map((d) => lowest(all, d, place))) },
    { title: '% of clean', of: ({ defences }, place) => percent(median(defences.map((d) => (lowest(all, d, place)?.value ?? NaN) / all.clean[d].value))) },
    { title: 'each image by its worst', of: ({ defences }, place) => cell(defences.map((d) => worstAt(all, 'oblivious', place)?.robust[d])) },
  ]
  return `${head}

Accuracy in % on ${all.n} images, with 95 % intervals (Wilson)${several(all)}. Of the untouched ones the shipped detector flags ${flagged ? `${flagged} %, where α and its calibration allow ${allowed} %` : 'none: it is not calibrated'}.${notMade(all, wholeSplit.attacks)}${notJudged(all)}${again}

${accuracyTables(all, 'oblivious', rowsOf(all), most)}${pairedTable(all)}`
}

/** What the cells of rows with several seeds hold. */
const several = (audit) => (audit.defences.some((each) => /-[23]$/.test(each)) ? ', or the seeds one by one: the commands above with another seed, each beginning with what that seed made before' : '; one seed')

/** @param where " on …" or " against …" */
function notMade(audit, meant, where = '') {
  const { left } = attacksOf(audit, meant)
  return left.length > 0 ? ` Not made yet${where}: ${left.map((attack) => titles[attack]).join(', ')}.` : ''
}

/** Purifiers that came after some of the attacks, whose images are gone. */
function notJudged(audit) {
  const made = Object.keys(titles).filter((attack) => rowAt(audit, 'oblivious', attack, 0))
  return defencesOf(audit)
    .map(({ name, defences }) => ({ name, left: made.filter((attack) => rowAt(audit, 'oblivious', attack, 0).robust[defences[0]] === undefined) }))
    .filter(({ left }) => left.length > 0)
    .map(({ name, left }) => ` The ${name} came later than ${listed(left.map((attack) => titles[attack]))}, and was not judged on them.`)
    .join('')
}

/** What the purifier costs without an attack, where it was measured. */
const purified = ({ test }) => (test ? ` Behind the Siamese DAE: accuracy ${percent(test.accuracyPurified)} %, balanced ${percent(test.balancedAccuracyPurified)} %.` : '')

function section({ modality, bundle, audits }) {
  const { oblivious: all, whole } = audits
  const head = `## ${modality.name} (${modality.id})`
  if (!all) return `${head}\n\nNot audited yet.\n`
  const { classifier, purifier } = bundle.training
  const measured = classifier.test ?? classifier.validation
  const images = classifier.test ? 'test images' : 'validation images'
  const data = forwards(modality.data)
  const at = (name) => forwards(join(home, modality.id, name))
  const adaptive = knownOnes.filter((name) => audits[name])
  const others = ({ defences }) => defences.flatMap((each) => (each.startsWith('bundle:') ? [each.slice(7)] : []))
  const comparing = (audit) => (others(audit).length > 0 ? `--compare ${others(audit).map(at).join(',')} ` : '')
  const trained = [...new Set(['siamese-1', ...others(all)])]
  const lacking = losses.map((loss) => `${loss}-1`).filter((name) => !trained.includes(name))
  const begins = modality.trainedFurther && modality.further.find(({ from }) => from)
  const less = modality.trainedFurther && !begins ? trained.map((name) => name.replace(/-\d+$/, '')).filter((loss) => loss !== 'adaptive' && !modality.trainedFurther.includes(loss)) : []
  const unknown = knownOnes.filter((name) => !adaptive.includes(name))
  const audit = (name, of, meant, threat, more, limit = of.n) => `npx assay audit --bundle ${at(name)} --data ${data}/test --attacks ${attacksOf(of, meant).made.join(',')} --eps ${strengthsOf(of).map(strength).join(',')} --threat ${threat} --limit ${limit} ${more}`
  const commands = [
    `npx assay train classifier --out ${at(modality.id)} --data ${data}/train --test ${data}/test ${modality.classifier.join(' ')}`,
    ...losses
      .filter((loss) => trained.includes(`${loss}-1`))
      .flatMap((loss) => purifierTrainings(modality, loss, 1))
      .map(({ folder, flags }) => `npx assay train purifier --bundle ${at(modality.id)} --out ${at(folder)} --data ${data}/train --test ${data}/test ${forwards(flags.join(' '))}`),
    audit('siamese-1', all, obliviousAttacks, 'oblivious', `${comparing(all)}--out ${at('audits/oblivious')}`),
    ...(whole ? [audit('siamese-1', whole, wholeSplit.attacks, 'oblivious', `${comparing(whole)}--out ${at('audits/whole')}`, wholeSplit.limit)] : []),
    ...adaptive.map((name) => audit(name, audits[name], adaptiveAttacks, 'adaptive', `--baselines none --out ${at(`audits/${name}`)}`)),
  ]
  const worst = strengthsOf(all).map((_, place) => worstAt(all, 'oblivious', place))
  const warnings = [...new Set([all, ...adaptive.map((name) => audits[name])].flatMap(({ warnings: all }) => all.map(({ message }) => message)))]
  return `${head}

Bare classifier on all ${images}: accuracy ${percent(measured.accuracy)} %, balanced ${percent(measured.balancedAccuracy)} %.${purified(purifier)}

\`\`\`
${commands.join('\n')}
\`\`\`

${wholeSection({ bundle, audits })}

### Who knows the classifier alone, ${all.n} images

${whole ? 'As above, with 1/255 and what takes too long for all, on' : 'On'} ${all.n} test images, drawn in proportion to the classes. Accuracy in %, with 95 % intervals (Wilson)${several(all)}.${notMade(all, obliviousAttacks)}${notJudged(all)}${lacking.length > 0 ? ` Not trained yet on these scans: ${lacking.map(nameOf).join(', ')}.` : ''}${less.length > 0 ? ` Of the trainings of the Siamese DAE ${[...new Set(less)].map((loss) => names[loss]).join(' and ')} had the first alone.` : ''}${begins ? ` The Siamese DAE begins with what ${names[begins.from]} came to, ${begins.epochs} passes more than that one had.` : ''}

${accuracyTables(all, 'oblivious', defencesOf(all).map((line) => ({ ...line, audit: all })))}
${worst.every(Boolean) ? `\nEach image by the worst of ${worst[0].attacks.map((attack) => titles[attack] ?? attack).join(', ')} up to that strength:\n\n${table(['', ...strengthsOf(all).map(strength)], defencesOf(all).filter(({ defences }) => defences.every((d) => worst[0].robust[d])).map(({ name, defences }) => [name, ...worst.map(({ robust }) => cell(defences.map((d) => robust[d])))]))}\n` : ''}
### Who knows the purifier too

${adaptive.length > 0 ? `Purifiers attacked through themselves and the classifier; the first seed. The joint attack hides from the detector as well.${adaptive.map((name) => notMade(audits[name], `${adaptiveAttacks},joint`, ` against ${nameOf(name)}`)).join('')}${unknown.length > 0 ? ` Not audited yet by who knows them: ${unknown.map(nameOf).join(', ')}.` : ''}\n\n${accuracyTables(audits[adaptive[0]], 'adaptive', adaptive.map((name) => ({ name: nameOf(name), audit: audits[name], defences: ['purifier'] })))}` : 'Not audited yet.'}

### Detection

AUC of the detector, untouched against attacked images; in brackets the share of the attacked that it flags at α = ${all.alpha}, then, where the audit kept it, the share of all images that the attack leaves wrong and unflagged. Of the untouched test images the Siamese DAE's flags ${all.falseAlarms ? `${withInterval(all.falseAlarms)} %` : 'none: it is not calibrated'}. DeepFool makes the smallest change that succeeds, at most of that strength.

${[...(whole ? [detection(whole, 'oblivious', `Siamese DAE, oblivious, ${whole.n} images`)] : []), detection(all, 'oblivious', `Siamese DAE, oblivious${whole ? `, ${all.n} images` : ''}`), ...adaptive.map((name) => detection(audits[name], 'adaptive', `${nameOf(name)}, adaptive`))].join('\n\n')}

### Warnings of the audits

${warnings.map((message) => `- ${message}`).join('\n') || '- none'}
`
}

/** @param root of the project, whose records and shipped bundles are read */
export function resultsPage(root) {
  const found = modalities.map((modality) => ({ modality, bundle: JSON.parse(readFileSync(join(root, 'models', modality.id, 'bundle.json'), 'utf8')), audits: recordsOf(root, modality.id) }))
  return `# Results

The experiment of Shim & Jo (IEEE Access 2025) on four kinds of scan, as far as their abstract tells of it, done with Assay's own commands. Made by \`node scripts/experiment.mjs\` (\`train\`, \`audit\`, \`table\`); the tables come out of \`audit.json\`, of which [results/](results/) keeps what stands here, and what is said of all test images out of the bundles. The commands are given as they run in the project's folder; attacks have their default settings (\`npx assay attack --list\`), PGD 40 steps of ε/4. Settings were chosen on validation parts of the training images. Research use only. Not for diagnosis.

## At a glance

The shipped Siamese DAE on all test images, in %. At 4/255 and 8/255: the lowest accuracy that FGSM, PGD, DeepFool or AutoAttack leaves at that strength, by who knows the classifier alone; beside it the same of the best other row in the tables, the median of its seeds; "each image by its worst" lets every attack and smaller strength try each image. AUC: the lowest under attacks that go as far as they may; DeepFool looks for the smallest change instead, and is harder to see. False alarms are at α = 0.05; "α allows" is what a detector that is calibrated on so few scans may flag of so few images in 95 of 100 cases. Never read these without the two columns at the right: whoever knows the purifier passes it.

${[glance(found), ...found.map(({ modality, audits: { oblivious: all } }) => (all ? notMade(all, obliviousAttacks, ` on ${modality.name}`).trim() : ''))].filter(Boolean).join('\n\n')}

${found.map(section).join('\n')}
## What was tried

${readFileSync(join(import.meta.dirname, 'tried.md'), 'utf8')}`
}

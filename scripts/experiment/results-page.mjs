/** docs/RESULTS.md from the records of the experiment's audits: tables, intervals and medians, nothing that was not in an audit.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adaptiveAttacks, knownOnes, modalities, obliviousAttacks, purifierTrainings, wholeSplit } from './recipes.mjs'
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
const byGradients = ['fgsm', 'pgd', 'deepfool', 'cw', 'autoattack']

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
  const shown = (name, defences) => (defences.length > 0 ? [{ name: defences.length > 1 ? `${name}, median of ${defences.length} seeds` : name, defences }] : [])
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

/** A figure with its interval, or the median and each seed. */
function cell(shares) {
  if (shares.some((share) => share === undefined)) return ''
  if (shares.length === 1) return withInterval(shares[0])
  return `${percent(median(shares.map(({ value }) => value)))} (${shares.map(({ value }) => percent(value)).join(', ')})`
}

/** One table for each strength. @param lines name and the shares of one row, by audit and defences */
function accuracyTables(audit, threat, lines) {
  return strengthsOf(audit)
    .map((eps, place) => {
      const attacks = Object.keys(titles).filter((attack) => lines.some((line) => rowAt(line.audit, threat, attack, place)))
      const body = lines.map(({ name, audit: of, defences }) => [name, cell(defences.map((d) => of.clean[d])), ...attacks.map((attack) => cell(defences.map((d) => rowAt(of, threat, attack, place)?.robust[d])))])
      return `ε = ${strength(eps)}\n\n${table(['', 'clean', ...attacks.map((attack) => titles[attack])], body)}`
    })
    .join('\n\n')
}

function detection(audit, threat) {
  const strengths = strengthsOf(audit)
  const attacks = Object.keys(titles).filter((attack) => strengths.some((_, place) => typeof rowAt(audit, threat, attack, place)?.detectionAuc === 'number') && !rowAt(audit, threat, attack, 0)?.minimumNorm)
  if (attacks.length === 0) return ''
  const body = attacks.map((attack) => [
    titles[attack],
    ...strengths.map((_, place) => {
      const row = rowAt(audit, threat, attack, place)
      return typeof row?.detectionAuc !== 'number' ? '' : `${row.detectionAuc.toFixed(3)}${row.detectedAtAlpha === null ? '' : ` (${percent(row.detectedAtAlpha)} %)`}`
    }),
  ])
  return table([threat, ...strengths.map(strength)], body)
}

/** The lowest accuracy behind the purifier under any attack by gradients at the strength of that place. */
function lowest(audit, threat, place) {
  const found = byGradients.flatMap((attack) => rowAt(audit, threat, attack, place)?.robust['purifier'] ?? [])
  return found.length > 0 ? found.reduce((low, share) => (share.value < low.value ? share : low)) : undefined
}

function lowestAuc(audit, place) {
  const found = ['fgsm', 'pgd', 'spsa', 'autoattack'].flatMap((attack) => rowAt(audit, 'oblivious', attack, place)?.detectionAuc ?? [])
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

/** One line for each kind of scan, of the shipped purifier. */
function glance(found) {
  const lines = found.flatMap(({ modality, bundle, audits: { oblivious: all, ...known } }) => {
    if (!all) return [[modality.name, ...Array.from({ length: 10 }, () => '–')]]
    const clean = all.clean['purifier'].value
    const kept = (place) => {
      const share = lowest(all, 'oblivious', place)
      return share ? `${percent(share.value)} (${percent(share.value / clean)} % of clean)` : ''
    }
    const adaptive = (name) => [1, 2].map((place) => (known[name] ? percent(rowAt(known[name], 'adaptive', 'pgd', place)?.robust['purifier']?.value ?? NaN) : '–')).join(', ')
    return [[modality.name, percent(all.clean['none'].value), percent(clean), kept(2), kept(3), lowestAuc(all, 1), lowestAuc(all, 2), ...alarmsOf(all, bundle), adaptive('siamese-1'), adaptive('adaptive-1')]]
  })
  return table(['', 'clean, bare', 'clean, purified', '4/255', '8/255', 'AUC 2/255', 'AUC 4/255', 'false alarms', 'α allows', 'known purifier, PGD 2, 4/255', 'the same, trained against it'], lines)
}

/** One line for each kind of scan whose test images have all been attacked. */
function wholeTable(found) {
  const lines = found.flatMap(({ modality, bundle, audits: { whole: all } }) => {
    if (!all) return []
    const clean = all.clean['purifier'].value
    const at = (attack, place) => {
      const share = rowAt(all, 'oblivious', attack, place).robust['purifier']
      return `${withInterval(share)}, ${percent(share.value / clean)} % of clean`
    }
    return [[modality.name, all.n, withInterval(all.clean['none']), withInterval(all.clean['purifier']), ...['fgsm', 'pgd'].flatMap((attack) => [1, 2].map((place) => at(attack, place))), lowestAuc(all, 0), lowestAuc(all, 1), ...alarmsOf(all, bundle)]]
  })
  if (lines.length === 0) return ''
  const head = ['', 'images', 'clean, bare', 'clean, purified', 'FGSM 4/255', 'FGSM 8/255', 'PGD 4/255', 'PGD 8/255', 'AUC 2/255', 'AUC 4/255', 'false alarms', 'α allows']
  return `### On all test images\n\nWhat takes minutes was made on every test image, since among 100 one more or less is a point: FGSM and PGD by who knows the classifier alone. AUC: the lower of the two.\n\n\`\`\`\nnpx assay audit --bundle <bundle> --data <its test images> --attacks ${wholeSplit.attacks} --eps ${wholeSplit.eps} --threat oblivious --limit ${wholeSplit.limit} --baselines ${wholeSplit.baselines} --out whole\n\`\`\`\n\n${table(head, lines)}`
}

/** @param where " on …" or " against …" */
function notMade(audit, meant, where = '') {
  const { left } = attacksOf(audit, meant)
  return left.length > 0 ? ` Not made yet${where}: ${left.map((attack) => titles[attack]).join(', ')}.` : ''
}

function section({ modality, bundle, audits }) {
  const { oblivious: all } = audits
  const head = `## ${modality.name} (${modality.id})`
  if (!all) return `${head}\n\nNot audited yet.\n`
  const { classifier } = bundle.training
  const measured = classifier.test ?? classifier.validation
  const data = modality.data.replaceAll('\\', '/')
  const adaptive = knownOnes.filter((name) => audits[name])
  const trained = [...new Set(['siamese-1', ...all.defences.flatMap((each) => (each.startsWith('bundle:') ? [each.slice(7)] : []))])]
  const commands = [
    `npx assay train classifier --out ${modality.id} --data ${data}/train --test ${data}/test ${modality.classifier.join(' ')}`,
    ...trained
      .filter((name) => name.endsWith('-1'))
      .flatMap((name) => purifierTrainings(modality, name.replace('-1', ''), 1, '..'))
      .map(({ folder, flags }) => `npx assay train purifier --bundle ${modality.id} --out ${folder} --data ${data}/train --test ${data}/test ${flags.join(' ')}`),
    `npx assay audit --bundle siamese-1 --data ${data}/test --attacks ${attacksOf(all, obliviousAttacks).made.join(',')} --eps 1/255,2/255,4/255,8/255 --threat oblivious --limit ${all.n}${trained.length > 1 ? ` --compare ${trained.filter((name) => name !== 'siamese-1').join(',')}` : ''} --out oblivious`,
    ...adaptive.map((name) => `npx assay audit --bundle ${name} --data ${data}/test --attacks ${attacksOf(audits[name], adaptiveAttacks).made.join(',')} --eps 1/255,2/255,4/255,8/255 --threat adaptive --limit ${audits[name].n} --baselines none --out ${name}-known`),
  ]
  const warnings = [...new Set([all, ...adaptive.map((name) => audits[name])].flatMap(({ warnings: all }) => all.map(({ message }) => message)))]
  return `${head}

Bare classifier on all ${classifier.test ? 'test images' : 'validation images'}: accuracy ${percent(measured.accuracy)} %, balanced ${percent(measured.balancedAccuracy)} %. The tables are on ${all.n} test images${all.n < 200 ? ', drawn evenly from the classes' : ''}.

\`\`\`
${commands.join('\n')}
\`\`\`

### Who knows the classifier alone

Accuracy in %, with 95 % intervals (Wilson), or the seeds one by one.${notMade(all, obliviousAttacks)}

${accuracyTables(all, 'oblivious', defencesOf(all).map((line) => ({ ...line, audit: all })))}

### Who knows the purifier too

${adaptive.length > 0 ? `Each purifier attacked through itself and the classifier; the first seed. The joint attack hides from the detector as well.${adaptive.map((name) => notMade(audits[name], `${adaptiveAttacks},joint`, ` against ${nameOf(name)}`)).join('')}\n\n${accuracyTables(audits[adaptive[0]], 'adaptive', adaptive.map((name) => ({ name: nameOf(name), audit: audits[name], defences: ['purifier'] })))}` : 'Not audited yet.'}

### Detection

AUC of the Siamese DAE's detector, untouched against attacked images, and in brackets the share flagged at α = ${all.alpha}. Of the untouched test images it flags ${all.falseAlarms ? `${withInterval(all.falseAlarms)} %` : 'none: it is not calibrated'}.

${[detection(all, 'oblivious'), audits['siamese-1'] ? detection(audits['siamese-1'], 'adaptive') : ''].filter(Boolean).join('\n\n')}

### Warnings of the audits

${warnings.map((message) => `- ${message}`).join('\n') || '- none'}
`
}

/** @param root of the project, whose records and shipped bundles are read */
export function resultsPage(root) {
  const found = modalities.map((modality) => ({ modality, bundle: JSON.parse(readFileSync(join(root, 'models', modality.id, 'bundle.json'), 'utf8')), audits: recordsOf(root, modality.id) }))
  return `# Results

The experiment of Shim & Jo (IEEE Access 2025) on four kinds of scan, as far as their abstract tells of it, done with Assay's own commands. Made by \`node scripts/experiment.mjs\` (\`train\`, \`audit\`, \`table\`); every number below comes out of an \`audit.json\`, of which [results/](results/) keeps what stands here. Settings were chosen on validation parts of the training images. Research use only. Not for diagnosis.

## At a glance

The Siamese DAE on test images, in %. 4/255 and 8/255: the lowest accuracy under FGSM, PGD, DeepFool, CW and AutoAttack by who knows the classifier alone. AUC: the lowest under FGSM, PGD, SPSA and AutoAttack. False alarms are at α = 0.05; "α allows" is what a detector that is calibrated on so few scans may flag of so few images in 95 of 100 cases. Never read these without the two columns at the right: whoever knows the purifier passes it.

${[glance(found), ...found.map(({ modality, audits: { oblivious: all } }) => (all ? notMade(all, obliviousAttacks, ` on ${modality.name}`).trim() : '')), wholeTable(found)].filter(Boolean).join('\n\n')}

${found.map(section).join('\n')}
## What was tried

${readFileSync(join(import.meta.dirname, 'tried.md'), 'utf8')}`
}

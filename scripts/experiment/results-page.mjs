/** docs/RESULTS.md from the audits of the experiment: tables, intervals and medians, nothing that is not in an audit.json. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adaptiveAttacks, knownOnes, obliviousAttacks, purifierFlags } from './recipes.mjs'

const percent = (share) => (100 * share).toFixed(1)
const withInterval = ({ value, low, high }) => `${percent(value)} (${Math.round(100 * low)}–${Math.round(100 * high)})`
const strength = (eps) => `${Math.round(eps * 255)}/255`
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const names = { siamese: 'Siamese DAE', dae: 'plain DAE', hgd: 'HGD', adaptive: 'Siamese DAE that learned from attackers who know it' }
const nameOf = (folder) => names[folder.replace(/-\d+$/, '')]

/** Rows of the tables: name, and the defences of an audit whose median stands there. */
const rowsOf = (audit) => {
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

/** The interval is that of the first seed where several stand behind a figure. */
function cell(shares) {
  if (shares.some((share) => share === undefined)) return ''
  if (shares.length === 1) return withInterval(shares[0])
  return `${percent(median(shares.map(({ value }) => value)))} (${shares.map(({ value }) => percent(value)).join(', ')})`
}

const order = ['fgsm', 'pgd', 'deepfool', 'cw', 'spsa', 'autoattack']

function table(audit, threat, norm, rows) {
  const runs = audit.runs.filter((run) => run.threat === threat && !run.variant)
  const columns = order.flatMap((attack) => {
    const of = runs.filter((run) => run.attack === attack && (run.norm === norm || !runs.some((other) => other.attack === attack && other.norm === norm)))
    return of.map((run) => ({ title: `${run.title ?? attack} ${run.norm === 'l2' ? 'L2 ball around ' : ''}${strength(run.norm === 'l2' ? audit.runs.find((r) => r.norm === 'linf')?.eps ?? run.eps : run.eps)}`, run }))
  })
  const lines = rows.map(({ name, defences }) => `| ${name} | ${cell(defences.map((d) => audit.clean[d]))} | ${columns.map(({ run }) => cell(defences.map((d) => run.robust[d]))).join(' | ')} |`)
  return [`| | clean | ${columns.map(({ title }) => title).join(' | ')} |`, `| --- | --- | ${columns.map(() => '---').join(' | ')} |`, ...lines].join('\n')
}

function detection(audits) {
  const rows = audits.flatMap((audit) => audit?.runs ?? []).filter((run) => run.detectionAuc !== null && !run.minimumNorm && run.norm === 'linf')
  if (rows.length === 0) return ''
  const lines = rows.map((run) => `| ${run.threat} | ${run.title ?? run.attack}${run.variant ? ` (${run.variant})` : ''} | ${strength(run.eps)} | ${run.detectionAuc.toFixed(3)} | ${run.detectedAtAlpha === null ? '' : percent(run.detectedAtAlpha)} |`)
  return ['| threat | attack | ε | AUC | flagged at α, % |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}

function section({ modality, bundle, audits }) {
  const { oblivious: all } = audits
  const head = `## ${modality.name} (${modality.id})`
  if (!all) return `${head}\n\nNot audited yet.\n`
  const { classifier } = bundle.training
  const commands = [
    `npx assay train classifier --out ${modality.id} --data ${modality.data}/train --test ${modality.data}/test ${modality.classifier.join(' ')}`,
    ...knownOnes.filter((name) => name === 'siamese-1' || audits[name]).map((name) => `npx assay train purifier --bundle ${modality.id} --out ${name} --data ${modality.data}/train --test ${modality.data}/test ${purifierFlags(modality, name.replace('-1', '')).join(' ')} --seed 1`),
    `npx assay audit --bundle siamese-1 --data ${modality.data}/test --attacks ${obliviousAttacks} --eps 1/255,2/255,4/255,8/255 --threat oblivious --limit ${all.n} --seed 1${all.defences.some((each) => each.startsWith('bundle:')) ? ' --compare dae-1,…' : ''}`,
    `npx assay audit --bundle siamese-1 --data ${modality.data}/test --attacks ${adaptiveAttacks} --eps 1/255,2/255,4/255,8/255 --threat adaptive --limit ${all.n} --seed 1 --baselines none`,
  ]
  const adaptive = knownOnes.filter((name) => audits[name])
  const adaptiveTables = adaptive.map((name) => `${nameOf(name)}:\n\n${table(audits[name], 'adaptive', 'linf', [{ name, defences: ['purifier'] }])}\n`)
  const warnings = all.warnings.map(({ message }) => `- ${message}`).join('\n')
  return `${head}

Bare classifier on all ${classifier.test ? 'test images' : 'validation images'}: accuracy ${percent((classifier.test ?? classifier.validation).accuracy)} %, balanced ${percent((classifier.test ?? classifier.validation).balancedAccuracy)} %. The tables are on ${all.n} test images${all.n < 200 ? ', drawn evenly' : ''}.

\`\`\`
${commands.join('\n')}
\`\`\`

Oblivious: the attacker knows the classifier, not the purifier. Accuracy in %, with 95 % intervals (Wilson), or the seeds one by one.

${table(all, 'oblivious', 'linf', rowsOf(all))}

Adaptive: the attacker differentiates through purifier and classifier. Purifiers of the first seed.

${adaptiveTables.join('\n') || 'Not audited yet.\n'}
Detection (Siamese DAE, α = ${all.alpha}):

${detection([all, audits['siamese-1']])}

Warnings of the audit:

${warnings || '- none'}
`
}

export function resultsPage(found) {
  return `# Results

The experiment of Shim & Jo (IEEE Access 2025) on four kinds of scan, as far as their abstract tells of it, done with Assay's own commands. Made by \`node scripts/experiment.mjs\` (\`train\`, \`audit\`, \`table\`); every number below comes out of an \`audit.json\`. Settings were chosen on validation parts of the training images. Research use only. Not for diagnosis.

${found.map(section).join('\n')}
## What was tried

${readFileSync(join(import.meta.dirname, 'tried.md'), 'utf8')}`
}

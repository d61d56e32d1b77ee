/**
 * The paper's experiment on four kinds of scan, with Assay's own commands: classifiers, purifiers with three losses and
 * three seeds, one purifier trained against an attacker who knows it, audits of all of them, and docs/RESULTS.md.
 * Days on a laptop, so every step that is finished is left as it is, and one that was cut off goes on where it was.
 *
 *   node scripts/experiment.mjs restore [--only …]    on a new machine: begin with the bundles in models/ as the first seed's
 *   node scripts/experiment.mjs train [--only chest-xray,…] [--seeds 1,2,3] [--losses siamese,dae,hgd,adaptive]
 *   node scripts/experiment.mjs ship [--only …]       the bundles of the first seed into models/
 *   node scripts/experiment.mjs audit [--only …] [--limit 100] [--attacks fgsm,pgd,…] [--known siamese-1,…]
 *                                                     fewer attacks at first: those that are left out come to them later
 *   node scripts/experiment.mjs whole [--only …]      all purifiers on all test images, against what takes an hour at most
 *   node scripts/experiment.mjs table                 docs/RESULTS.md from what docs/results/ keeps of all audits so far
 *
 * Choices of settings were made on validation parts of the training images (docs/RESULTS.md says which were tried); the
 * test images are only measured on.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { adaptiveAttacks, home, knownOnes, losses, modalities, obliviousAttacks, purifierTrainings, seeds as allSeeds, wholeSplit } from './experiment/recipes.mjs'
import { keepRecord, pairedOf } from './experiment/records.mjs'
import { resultsPage } from './experiment/results-page.mjs'

const root = join(import.meta.dirname, '..')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, seeds: { type: 'string' }, losses: { type: 'string' }, limit: { type: 'string', default: '100' }, attacks: { type: 'string' }, known: { type: 'string' } },
})
const list = (text, all) => (text === undefined ? all : text.split(','))
const chosen = modalities.filter(({ id }) => list(values.only, [id]).includes(id))
const seeds = list(values.seeds, allSeeds.map(String)).map(Number)

function assay(...args) {
  console.log(`assay ${args.join(' ')}`)
  const done = spawnSync(process.execPath, [join(root, 'bin', 'assay.mjs'), ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (done.status !== 0 && done.status !== 3) throw new Error(`assay ${args[0]} ended with ${done.status}`)
}

const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const folder = (modality, name) => join(home, modality.id, name)
const auditFolder = (modality, name) => join(folder(modality, 'audits'), name)
const finished = (path, what) => existsSync(join(root, path, 'bundle.json')) && (what === 'classifier' || 'purifier' in read(join(path, 'bundle.json')))

/** A training that is finished is left; one that was cut off goes on. */
function trained(path, what, args) {
  if (finished(path, what)) return
  mkdirSync(join(root, path, '..'), { recursive: true })
  assay('train', what, '--out', path, ...args, '--resume', '--provider', 'cpu')
}

/** What `ship` made, back in the experiment's folders; what lies there stays. */
function restore() {
  for (const modality of chosen) {
    const shipped = join('models', modality.id)
    const manifest = read(join(shipped, 'bundle.json'))
    const lay = (name, files, bundle) => {
      const place = join(root, folder(modality, name))
      if (existsSync(join(place, 'bundle.json'))) return
      mkdirSync(place, { recursive: true })
      for (const file of [...files, 'MODEL_CARD.md']) cpSync(join(root, shipped, file), join(place, file))
      writeFileSync(join(place, 'bundle.json'), `${JSON.stringify({ ...bundle, id: name }, null, 2)}\n`)
    }
    const { purifier: _purifier, detector: _detector, training: { purifier, ...bare }, ...rest } = manifest
    lay(modality.id, ['classifier.onnx'], { ...rest, training: bare })
    lay('siamese-1', ['classifier.onnx', 'purifier.onnx'], { ...manifest, training: { ...manifest.training, purifier: { ...purifier, paths: { ...purifier.paths, bundle: folder(modality, modality.id) } } } })
  }
}

function train() {
  // Who begins with another's purifier comes after it.
  for (const modality of [...chosen].sort((a, b) => Boolean(a.teacher) - Boolean(b.teacher))) {
    const data = ['--data', join(modality.data, 'train'), '--test', join(modality.data, 'test')]
    const bare = folder(modality, modality.id)
    trained(bare, 'classifier', [...data, '--name', modality.name, '--about', modality.about, '--modality', modality.modality, '--body-part', modality.bodyPart, ...modality.classifier])
    for (const seed of seeds)
      for (const loss of list(values.losses, losses)) {
        if (loss === 'adaptive' && seed !== allSeeds[0]) continue
        for (const { folder: place, flags } of purifierTrainings(modality, loss, seed)) trained(folder(modality, place), 'purifier', ['--bundle', bare, ...data, '--name', modality.name, ...flags])
      }
  }
}

/** Shipped is the first seed, under the modality's name, as if it had been trained into that folder. */
function ship() {
  for (const modality of chosen) {
    const from = folder(modality, 'siamese-1')
    const target = join(root, 'models', modality.id)
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target, { recursive: true })
    for (const file of ['classifier.onnx', 'purifier.onnx']) cpSync(join(root, from, file), join(target, file))
    const manifest = read(join(from, 'bundle.json'))
    const { bundle: _where, ...paths } = manifest.training.purifier.paths
    const shipped = { ...manifest, id: modality.id, training: { ...manifest.training, purifier: { ...manifest.training.purifier, paths } } }
    // What it began with is shipped as well, or lay in the folder of the experiment.
    const begun = (text) => modalities.reduce((all, { id }) => all.replaceAll(join(home, id, 'siamese-1'), `models/${id}`), text)
    writeFileSync(join(target, 'bundle.json'), begun(`${JSON.stringify(shipped, null, 2)}\n`))
    const card = readFileSync(join(root, from, 'MODEL_CARD.md'), 'utf8')
    const named = (text, where) => {
      const commands = losses.flatMap((loss) => modalities.map(({ id }) => [`--out models/${loss}-1 --bundle ${join(home, id, id)}`, `--bundle models/${id}`]))
      const short = commands.reduce((all, [long, its]) => all.replaceAll(long, its), text)
      return short.replaceAll('npx assay train purifier --bundle', `npx assay train purifier ${where}--bundle`)
    }
    const [own, ...before] = begun(card).split(/^(?=Began with )/m)
    let { purifier: generation } = manifest.training
    const generations = before.map((part) => {
      const place = begun(generation.settings.from)
      generation = generation.began.training
      return named(part, place.startsWith(home) ? `--out ${place} ` : '')
    })
    writeFileSync(join(target, 'MODEL_CARD.md'), [named(own, ''), ...generations].join('').replaceAll('models/siamese-1', `models/${modality.id}`))
  }
}

const weightsOf = (bundle) => read(join(bundle, 'bundle.json')).purifier.sha256

/** What was attacked before stays; purifiers that were trained since or anew, and attacks that were left out, come to it. */
function audited(modality, name, { bundle, threat, attacks, eps = '1/255,2/255,4/255,8/255', limit = values.limit, compared = [], baselines, more = () => ({}) }) {
  const [latest, before] = [auditFolder(modality, name), auditFolder(modality, `${name}-before`)]
  const keep = () => keepRecord(root, modality.id, name, { ...read(join(latest, 'audit.json')), ...more(latest) })
  if (existsSync(join(root, latest, 'audit.json'))) {
    const job = read(join(latest, 'job.json'))
    const made = new Set(job.runs.map(({ attack }) => attack))
    const measured = new Set([job.bundle, ...job.compare].map(({ purifier }) => purifier))
    const based = baselines === 'none' || job.defences.includes('median')
    if (based && [bundle, ...compared].every((one) => measured.has(weightsOf(one))) && attacks.split(',').every((attack) => made.has(attack))) return keep()
    rmSync(join(root, before), { recursive: true, force: true })
    renameSync(join(root, latest), join(root, before))
  }
  const given = [
    ...(existsSync(join(root, before, 'job.json')) ? ['--attacked', before] : []),
    ...(compared.length > 0 ? ['--compare', compared.join(',')] : []),
    ...(baselines ? ['--baselines', baselines] : []),
  ]
  assay('audit', '--bundle', bundle, '--data', join(modality.data, 'test'), '--attacks', attacks, '--eps', eps, '--threat', threat, '--limit', limit, '--provider', 'cpu', '--resume', '--out', latest, ...given)
  keep()
}

/** Folders of the purifiers that are finished, but for the shipped one. */
const othersOf = (modality) => losses.flatMap((loss) => allSeeds.map((seed) => `${loss}-${seed}`)).filter((name) => name !== 'siamese-1').map((name) => folder(modality, name)).filter((place) => finished(place, 'purifier'))

/** Who does not know the purifier, against everything; then each purifier against who knows it. */
function audit() {
  for (const modality of chosen) {
    const at = (name) => folder(modality, name)
    audited(modality, 'oblivious', { bundle: at('siamese-1'), threat: 'oblivious', attacks: values.attacks ?? obliviousAttacks, compared: othersOf(modality) })
    for (const name of list(values.known, knownOnes).filter((name) => finished(at(name), 'purifier'))) audited(modality, name, { bundle: at(name), threat: 'adaptive', attacks: values.attacks ?? adaptiveAttacks, baselines: 'none' })
  }
}

/** Image by image, the Siamese DAE against HGD of the same seed. */
function againstHgd(audit) {
  const job = read(join(audit, 'job.json'))
  const pairs = allSeeds.map((seed) => [seed === 1 ? 'purifier' : `bundle:siamese-${seed}`, `bundle:hgd-${seed}`]).filter((pair) => pair.every((defence) => job.defences.includes(defence)))
  if (pairs.length === 0) return {}
  const records = readFileSync(join(root, audit, 'results.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line))
  return { paired: { seeds: pairs.length, counts: pairedOf(records, job, pairs) } }
}

/** All test images, against what takes an hour at most. */
function whole() {
  for (const modality of chosen) audited(modality, 'whole', { bundle: folder(modality, 'siamese-1'), threat: 'oblivious', ...wholeSplit, compared: othersOf(modality), more: againstHgd })
}

function table() {
  writeFileSync(join(root, 'docs', 'RESULTS.md'), resultsPage(root))
}

const steps = { restore, train, ship, audit, whole, table }
const step = steps[positionals[0]]
if (!step) {
  console.error(`node scripts/experiment.mjs ${Object.keys(steps).join(' | ')}`)
  process.exit(2)
}
step()

/**
 * Makes `models/demo-phantom` and `resources/samples` with the command line, as anybody could: phantoms, a classifier,
 * a purifier, attacks, and a choice of samples by what the finished bundle says of them. Minutes on a laptop; not part
 * of the tests.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** Inside the checkout, so that the records say where the data lay without saying on whose machine. */
const work = join(root, '.cache', 'demo')
const bundle = join('models', 'demo-phantom')
const samples = join(root, 'resources', 'samples')

function assay(...args) {
  console.log(`assay ${args.join(' ')}`)
  const done = spawnSync(process.execPath, [join(root, 'bin', 'assay.mjs'), ...args, '--json'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] })
  if (done.status !== 0) throw new Error(`assay ${args[0]} ended with ${done.status}`)
  return JSON.parse(done.stdout)
}

/** First file of a class that the predicate takes, by the bundle's own verdicts. */
function choose(folder, kind, wanted) {
  const report = assay('scan', join(folder, kind), '--bundle', bundle, '--out', join(work, 'scan', `${basename(folder)}-${kind}`), '--provider', 'cpu')
  const found = report.files.find((file) => wanted(file, kind))
  if (!found) throw new Error(`No sample in ${folder}/${kind} fits.`)
  return found.path
}

const clean = (file, kind) => file.status === 'clean' && file.before.label === kind && file.after.label === kind && file.pValue > 0.3
const attacked = (file, kind) => file.status === 'suspicious' && file.before.label !== kind && file.after.label === kind

for (const old of [work, join(root, bundle)]) rmSync(old, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
try {
  const phantoms = (format) => join(work, format)
  for (const format of ['png', 'dicom']) assay('phantoms', '--out', phantoms(format), '--count', '1600', '--size', '128', '--seed', '7', '--format', format)
  const about = join(work, 'about.md')
  writeFileSync(about, 'Chest phantoms that Assay draws itself (`npx assay phantoms --count 1600 --size 128 --seed 7`): no patient, no licence to observe. For trying Assay out and for its tests; the classifier knows phantoms and nothing else.\n\nMade by `node scripts/make-demo.mjs`.\n')
  const data = join(phantoms('png'), 'train')
  const test = join(phantoms('png'), 'test')
  const common = ['--data', data, '--test', test, '--seed', '7', '--provider', 'cpu']
  assay('train', 'classifier', ...common, '--out', bundle, '--name', 'Demonstration: chest phantoms', '--modality', 'DX', '--body-part', 'CHEST', '--size', '128', '--epochs', '14', '--about', about)
  assay('train', 'purifier', ...common, '--bundle', bundle, '--width', '16', '--epochs', '5')

  for (const pictures of ['png', 'dicom'])
    assay('attack', '--bundle', bundle, '--data', test, '--attack', 'pgd', '--steps', '10', '--eps', '4/255', '--seed', '7', '--out', join(work, `attacked-${pictures}`), '--pictures', pictures, '--provider', 'cpu')

  rmSync(samples, { recursive: true, force: true })
  mkdirSync(samples, { recursive: true })
  const index = []
  const add = (id, title, description, path) => {
    const file = `${id}.${path.split('.').at(-1)}`
    copyFileSync(path, join(samples, file))
    index.push({ id, title, description, file, bundleId: 'demo-phantom' })
  }
  const attackedFolder = (pictures) => join(work, `attacked-${pictures}`, 'images')
  add('clean-normal', 'Untouched, normal', 'A phantom chest without an opacity, 8-bit PNG.', choose(test, 'normal', clean))
  add('clean-opacity', 'Untouched, opacity', 'A phantom chest with an opacity, 16-bit DICOM.', choose(join(phantoms('dicom'), 'test'), 'opacity', clean))
  add('attacked-normal', 'Attacked, normal', 'PGD at 4/255: the classifier is made to see an opacity. 8-bit PNG.', choose(attackedFolder('png'), 'normal', attacked))
  add('attacked-opacity', 'Attacked, opacity', 'PGD at 4/255: the classifier is made to miss the opacity. 16-bit DICOM.', choose(attackedFolder('dicom'), 'opacity', attacked))
  writeFileSync(join(samples, 'index.json'), `${JSON.stringify(index, null, 2)}\n`)
  console.log(index.map(({ file, title }) => `${file}: ${title}`).join('\n'))
} finally {
  rmSync(work, { recursive: true, force: true })
}

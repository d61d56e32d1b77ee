/**
 * Attacks on the reference network in images per second, beside the attack libraries of PyTorch where they can be had.
 *
 *   npm run bench -- attacks [name…] [--images 16] [--rounds 1]
 *
 * ASSAY_PEERS names a folder that holds the packages torchattacks, autoattack, and foolbox with eagerpy. With it each
 * attack is run by Assay and by the library in turn, on the same images, with the same options and threads; without it
 * the library's speed is the one that was once measured elsewhere, and says so. Both sides also say what they reached,
 * since a fast attack that finds nothing is no attack. Both sides are warm: the library's network has been run before, and
 * of an attack that takes less than a few seconds the second run counts, its graphs compiled, as for every chunk of an
 * audit but the first. Slower ones are run once, compiling included.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { numbered, type Attack } from '../src/engine/attacks/attack'
import { distances } from '../src/engine/attacks/bounds'
import { CompiledTarget } from '../src/engine/attacks/compiled-target'
import { predict } from '../src/engine/attacks/programs'
import { attacks, findAttack, optionsOf } from '../src/engine/attacks/registry'
import { readModel } from '../src/engine/onnx/reader'
import { encodeNpz } from '../src/engine/tensor/npz'
import { float32, int64 } from '../src/engine/tensor/tensor'
import { haveReference, reference, referenceTarget } from '../test/support/reference-network'
import { sharedData } from '../test/support/shared-data'
import { median, pythonWithTorch, runPython } from './pytorch'

interface Setting {
  images: number
  options?: Record<string, number>
  norm?: 'l2'
  /** Images per second of the library on two cores, as listed in ATTACKS.md beside the reference data (within a factor of two). */
  listed?: string
}

const settings: Record<string, Setting> = {
  fgsm: { images: 64, listed: '312 to 595' },
  pgd: { images: 32, options: { steps: 40, stepSize: 2 / 255 }, listed: '19 to 27' },
  apgd: { images: 16, listed: '8.7' },
  apgdt: { images: 8, listed: '4.8' },
  fab: { images: 8, listed: '2.4' },
  square: { images: 8, listed: '1.7 to 2.0' },
  autoattack: { images: 8, listed: '1.2 to 1.7' },
  deepfool: { images: 32, norm: 'l2', listed: '6 to 21' },
  cw: { images: 8, norm: 'l2', listed: '0.47' },
  spsa: { images: 4, options: { iterations: 20, pairs: 256 }, listed: '0.11' },
}
const epsilon = 8 / 255
/** Attacks that take less are run again, warm. */
const coldSeconds = 3
/** Without counterparts in the libraries. */
const ours = new Set(['noise', 'joint', 'autoattack-rand'])

interface Reached {
  seconds: number
  /** Share that still gets its answer. */
  robust: number
  medianL2: number
}

async function attackOnce(attack: Attack, options: Record<string, number>, x: Float32Array, labels: Int32Array): Promise<Reached> {
  const norm = settings[attack.name]?.norm ?? 'linf'
  const model = new CompiledTarget(referenceTarget(), Math.min(32, labels.length))
  const timed = async () => {
    const began = performance.now()
    const { adversarial } = await attack.run({ model, x, labels, norm, epsilon, options, seed: 0, numbers: numbered(labels.length) })
    return { adversarial, seconds: (performance.now() - began) / 1000 }
  }
  let { adversarial, seconds } = await timed()
  if (seconds < coldSeconds) ({ adversarial, seconds } = await timed())
  const predicted = await predict(model, adversarial)
  await model.release()
  return { seconds, robust: predicted.filter((p, i) => p === labels[i]).length / labels.length, medianL2: median([...distances(x, adversarial, labels.length).l2]) }
}

const rate = (images: number, rounds: readonly Reached[]): number => images / Math.min(...rounds.map(({ seconds }) => seconds))
const said = ({ robust, medianL2 }: Reached): string => `${(100 * robust).toFixed(1).padStart(5)} % hold, median L2 ${medianL2.toFixed(3)}`

export default async function run(): Promise<void> {
  if (!haveReference) return
  const { values, positionals } = parseArgs({ args: process.argv.slice(3), allowPositionals: true, options: { images: { type: 'string' }, rounds: { type: 'string', default: '1' } } })
  const names = positionals.length ? positionals : attacks.map(({ name }) => name)
  const peers = process.env.ASSAY_PEERS
  const python = peers ? pythonWithTorch() : undefined
  if (!peers) console.log('SKIPPED: the libraries themselves; ASSAY_PEERS names no folder that holds them. Their speeds are the listed ones (ATTACKS.md), measured on another day.')
  const weights = readModel(readFileSync(resolve(sharedData, 'reference/c10/net.onnx'))).graph.initializers
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  const threads = availableParallelism()
  console.log(`${threads} threads, ε 8/255`)
  try {
    for (const name of names) {
      const attack = findAttack(name)
      const setting = settings[name] ?? { images: 16 }
      const norm = setting.norm ?? 'linf'
      if (name === 'joint') {
        console.log('joint            SKIPPED: the reference network has no detector')
        continue
      }
      const count = Math.min(64, Number(values.images ?? setting.images))
      const x = reference('x').slice(0, count * 4096)
      const labels = Int32Array.from(reference('y').slice(0, count))
      const options = optionsOf(attack, epsilon, norm, setting.options ?? {}) as Record<string, number>
      writeFileSync(join(folder, 'state.npz'), encodeNpz({ ...Object.fromEntries(weights), x: float32([count, 1, 64, 64], x), y: int64([count], Array.from(labels)) }))
      const [mine, theirs]: [Reached[], Reached[]] = [[], []]
      for (let round = 0; round < Number(values.rounds); round++) {
        mine.push(await attackOnce(attack, options, x, labels))
        if (!python || ours.has(name)) continue
        try {
          theirs.push(runPython<Reached>(python, join(import.meta.dirname, 'attacks.py'), join(folder, 'state.npz'), String(threads), resolve(peers!), name, String(epsilon), JSON.stringify(options)))
        } catch (error) {
          console.log(`FAILED: the library's ${name}: ${(error as Error).message.trim().split('\n').at(-1)}`)
        }
      }
      const speed = rate(count, mine)
      console.log(`${name.padEnd(16)} ${String(count).padStart(3)} images  Assay ${speed.toFixed(2).padStart(8)} images/s, ${said(mine[0]!)}`)
      if (theirs.length) console.log(`${' '.repeat(28)} peer  ${rate(count, theirs).toFixed(2).padStart(8)} images/s, ${said(theirs[0]!)}; Assay : peer = ${(speed / rate(count, theirs)).toFixed(2)}`)
      else if (setting.listed) console.log(`${' '.repeat(28)} listed ${setting.listed} images/s (ATTACKS.md)`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

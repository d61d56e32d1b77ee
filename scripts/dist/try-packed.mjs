/**
 * Tries a packed application without Electron: takes its archive apart in a folder that has no packages above it, loads
 * every package that the built files name, starts the engine in a thread of Node and screens the samples that it brings.
 * Then reads the fuses off the program.
 *
 *     node scripts/dist/try-packed.mjs dist/linux-unpacked/resources
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { extractAll } from '@electron/asar'
import fuses from '@electron/fuses'
import configuration from '../../electron-builder.config.js'
import { packageOf, references } from './references.mjs'

/** Loads what the built files of a folder name, from where they lie. @throws Error where something cannot be found */
async function loadPackages(application) {
  let count = 0
  for (const entry of readdirSync(join(application, 'out', 'main'), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.js')) continue
    const file = join(entry.parentPath, entry.name)
    for (const specifier of references(readFileSync(file, 'utf8')).specifiers) {
      const name = packageOf(specifier)
      if (name === null || name === 'electron') continue
      if (specifier.includes('${')) {
        if (!existsSync(join(application, 'node_modules', name))) throw new Error(`${name} is not in ${application}.`)
        continue
      }
      const found = createRequire(file).resolve(specifier)
      if (!found.startsWith(application)) throw new Error(`${specifier} was found outside of the application, in ${found}.`)
      // Parsed and run; codecs begin their work with the first picture.
      if (/\.[cm]?js$/.test(found)) await import(pathToFileURL(found).href)
      count++
    }
  }
  return count
}

/** The engine in a thread, spoken to as `src/shared/rpc.ts` prescribes. */
function startEngine(application, places) {
  const worker = new Worker(pathToFileURL(join(application, 'out', 'main', 'worker.js')), {
    argv: [JSON.stringify(places)],
    // Decoding in place would leave the decode worker untried.
    env: { ...process.env, ASSAY_DECODE: '' },
  })
  const waiting = new Map()
  let lastId = 0
  const fail = (error) => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`The packed engine ended with ${code}.`)))
  worker.on('message', ({ type, id, output, error }) => {
    if (type === 'event') return
    const call = waiting.get(id)
    waiting.delete(id)
    if (type === 'output') call?.resolve(output)
    else call?.reject(new Error(error.message))
  })
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        waiting.set(++lastId, { resolve, reject })
        worker.postMessage({ type: 'call', id: lastId, name, input })
      }),
    stop: () => worker.terminate(),
  }
}

/** Screens the samples: what was attacked is suspicious, what was not is clean. @throws Error where it is otherwise */
async function screenSamples(engine, samplesFolder) {
  const samples = JSON.parse(readFileSync(join(samplesFolder, 'index.json'), 'utf8'))
  const { id: jobId } = await engine.call('jobs.start', {
    kind: 'scan',
    parameters: { paths: samples.map(({ file }) => join(samplesFolder, file)), bundle: samples[0].bundleId, provider: 'cpu' },
  })
  const { job, result } = await engine.call('jobs.wait', { jobId })
  if (job.state !== 'done') throw new Error(`Screening the samples ended as ${job.state}: ${job.error?.message ?? 'no reason given'}`)
  for (const { id, file } of samples) {
    const { status, error } = result.files.find(({ path }) => path === join(samplesFolder, file))
    const expected = id.startsWith('attacked') ? 'suspicious' : 'clean'
    if (status !== expected) throw new Error(`${file} came out as ${status} instead of ${expected}${error ? `: ${error.message}` : ''}.`)
  }
  return { jobId, count: samples.length }
}

/** A page of a result as PDF, for which the packed library, and its fonts, are needed. */
async function printSample(engine, jobId) {
  const { bytes, mediaType } = await engine.call('scan.export', { resultId: `${jobId}:0`, format: 'pdf' })
  if (mediaType !== 'application/pdf' || bytes < 10_000) throw new Error(`A result was printed as ${bytes} bytes of ${mediaType}.`)
}

/** How `@electron/fuses` reads a state, which it does not export. */
const fuseStates = { off: '0'.charCodeAt(0), on: '1'.charCodeAt(0) }

/** The file that holds the fuses, seen from the folder of resources. */
function programOf(resources) {
  const parent = dirname(resources)
  const candidates = ['assay-desktop', 'Assay.exe'].map((name) => join(parent, name))
  if (parent.endsWith('Contents')) candidates.unshift(dirname(parent))
  return candidates.find((path) => existsSync(path))
}

/** @throws Error where a fuse is not as electron-builder.config.js has it */
async function readFuses(resources) {
  const program = programOf(resources)
  if (program === undefined) throw new Error(`There is no program beside ${resources}.`)
  const wire = await fuses.getCurrentFuseWire(program)
  const wanted = Object.entries(configuration.electronFuses)
  for (const [name, on] of wanted) {
    const state = wire[fuses.FuseV1Options[`${name[0].toUpperCase()}${name.slice(1)}`]]
    if (state !== (on ? fuseStates.on : fuseStates.off)) throw new Error(`The fuse ${name} of ${program} is not ${on ? 'on' : 'off'}.`)
  }
  return wanted.length
}

// As src/shared/quiet-runtime.ts has it: ONNX Runtime reads it from the process itself.
process.env.ORT_DISABLE_TELEMETRY = '1'

if (process.argv[2] === undefined) {
  console.error('Name the folder of resources: node scripts/dist/try-packed.mjs dist/linux-unpacked/resources')
  process.exit(1)
}
const resources = resolve(process.argv[2])
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'assay-packed-'))
let engine
try {
  // Named so, the engine finds its decode worker beside the archive, as in an installed Assay.
  const application = join(folder, 'app.asar')
  extractAll(join(resources, 'app.asar'), application)
  cpSync(join(resources, 'app.asar.unpacked'), join(folder, 'app.asar.unpacked'), { recursive: true })
  console.log(`${await loadPackages(application)} imports of packages lead into the archive.`)
  const samplesFolder = join(resources, 'resources', 'samples')
  engine = startEngine(application, { version: 'packed', dataFolder: join(folder, 'data'), bundleFolders: [join(resources, 'models')], samplesFolder })
  const { jobId, count } = await screenSamples(engine, samplesFolder)
  await printSample(engine, jobId)
  console.log(`${count} samples screened as they should be, one printed.`)
  console.log(`${await readFuses(resources)} fuses set as configured.`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  await engine?.stop()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * What of the build and of its packages goes into an installer: what the main process, the preload script, the engine
 * and the decode worker reach at run time, worked out from the built files. Packages that only pages use are bundled into
 * these; packages that only install other packages (and would go to the network for it) are reached by nobody.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filesBelow, packageAround, posix } from './paths.mjs'
import { filesMeant, packageFolder, packageOf, references } from './references.mjs'

const entries = ['out/main/index.js', 'out/main/worker.js', 'out/preload/index.cjs']
const threadEntry = 'out/main/decode-worker.js'
/** Brought along by the installer itself. */
const electron = 'electron'

const isScript = (file) => /\.[cm]?js$/.test(file)

/**
 * Follows what is loaded, from some built files on.
 *
 * @throws Error where a file of ours loads a package that is not installed
 * @returns {{ files: Set<string>, folders: Set<string> }} built files and folders of packages, from the root
 */
export function reach(root, from) {
  const files = new Set()
  const folders = new Set()
  const seen = new Set()
  const waiting = from.map((file) => join(root, file))

  function reachPackage(name, file) {
    const folder = packageFolder(name, file)
    if (folder !== null) folders.add(posix(relative(root, folder)))
    return folder
  }

  while (waiting.length > 0) {
    const file = waiting.pop()
    if (seen.has(file)) continue
    seen.add(file)
    const path = posix(relative(root, file))
    const around = packageAround(path)
    if (around) folders.add(around.folder)
    else files.add(path)
    if (!isScript(file)) continue
    const { specifiers, certain } = references(readFileSync(file, 'utf8'))
    for (const specifier of specifiers) {
      const name = packageOf(specifier)
      if (name === electron || (name === null && !specifier.startsWith('.'))) continue
      // Of files in packages, names that lead nowhere are comments and options.
      if (name !== null && reachPackage(name, file) === null && !around) throw new Error(`${path} loads ${name}, which is not installed; run npm ci.`)
      waiting.push(...filesMeant(specifier, file).filter((each) => statSync(each).isFile()))
    }
    if (around && !certain) {
      const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(root, around.folder, 'package.json'), 'utf8'))
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) if (reachPackage(name, file) !== null) waiting.push(...filesMeant(name, file))
    }
  }
  return { files, folders }
}

const namesOf = (folders) => [...new Set([...folders].map((folder) => packageAround(folder).name))].sort()

/** All that `npm ci --omit dev` would install, by name. */
export function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return namesOf(Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(root, path))).map(([path]) => path))
}

/**
 * @throws Error where nothing was built, or a package is missing
 * @returns {{
 *   packages: string[], leftBehind: string[], builtFiles: string[], idleFiles: string[], threadFiles: string[], threadPackages: string[]
 * }} names of packages that go along and that do not; built files likewise (what only the command line uses is idle);
 * files and packages of the decode worker, which lie beside the archive
 */
export function shippedParts(root) {
  if (!existsSync(join(root, threadEntry))) throw new Error('Assay is not built; run npm run build.')
  const thread = reach(root, [threadEntry])
  const all = reach(root, [...entries, threadEntry])
  const packages = namesOf(all.folders)
  const built = ['out/main', 'out/preload', 'out/renderer'].flatMap((folder) => filesBelow(join(root, folder)).map((file) => `${folder}/${file}`)).filter((file) => !file.endsWith('.map'))
  const isIdle = (file) => !file.startsWith('out/renderer/') && !all.files.has(file)
  return {
    packages,
    leftBehind: productionPackages(root).filter((name) => !packages.includes(name)),
    builtFiles: built.filter((file) => !isIdle(file)),
    idleFiles: built.filter(isIdle),
    // With package.json, without which Node would take them for CommonJS.
    threadFiles: ['package.json', ...thread.files].sort(),
    threadPackages: namesOf(thread.folders),
  }
}

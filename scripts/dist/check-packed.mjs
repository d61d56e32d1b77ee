/**
 * Looks at what electron-builder packed, before installers are made of it: everything there that is loaded at run time,
 * the libraries of one system and processor alone, beside the archive what cannot be in it, and nothing of sources and
 * tests. Patterns leave out and let in silently, so what they did is looked at.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRawHeader } from '@electron/asar'
import { Arch } from 'electron-builder'
import { binFolder, ownBinaries } from './onnxruntime.mjs'
import { filesBelow, packageAround } from './paths.mjs'
import { shippedParts } from './shipped.mjs'

/** None where there is no folder: what is missing is told file by file. */
function filesIn(folder) {
  try {
    return filesBelow(folder)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** A bundle or a sample that is shipped, by its path in the repository: no checkpoints, no replaced models. */
const isShippedData = (path) => !path.split('/').some((part) => part.startsWith('.') || part.endsWith('.previous'))

/**
 * What should be in an application for one system and processor.
 *
 * @param platform as `process.platform` names it
 * @param arch as `process.arch` names it
 */
export function expectations(root, platform, arch) {
  const { packages, builtFiles, threadFiles, threadPackages } = shippedParts(root)
  return {
    target: `${platform} ${arch}`,
    packages,
    binaries: ownBinaries(root, platform, arch),
    files: ['package.json', 'LICENSE', ...builtFiles],
    threadFiles,
    threadPackages,
    resources: [
      ...['models', 'resources/samples'].flatMap((folder) => filesIn(join(root, folder)).map((file) => `${folder}/${file}`)).filter(isShippedData),
      'resources/icons/icon.png',
      'THIRD-PARTY-LICENSES.txt',
    ],
  }
}

/** Beside these an application needs nothing else of its own in the folder of resources. */
const ownResources = /^(?:app\.asar$|app\.asar\.unpacked\/|models\/|resources\/|THIRD-PARTY-LICENSES\.txt$)/
/** What Electron and electron-builder put there. */
const theirResources = /^(?:[\w-]+\.lproj\/|icon\.icns$|electron\.icns$|LICENSE[\w.]*$|app-update\.yml$|apparmor-profile$|package-type$|elevate\.exe$)/
const isLibrary = (path) => /\.(?:node|dll|dylib|exe|so(?:\.\d+)*)$/.test(path)
const ofDevelopment = [
  ['a source', /\.(?:[cm]?tsx?|map|jsx|flow|coffee)$/],
  ['a test', /(?:^|\/)(?:tests?|__tests__|specs?)\/|\.(?:test|spec)\.[cm]?js$/],
]

/**
 * @param expected {ReturnType<typeof expectations>}
 * @param archive {{ path: string, unpacked: boolean }[]} entries of app.asar
 * @param beside {string[]} files in the folder of resources, as paths in it
 * @returns {string[]} one sentence for each fault
 */
export function packedFaults(expected, archive, beside) {
  const faults = []
  const entries = new Map(archive.map(({ path, unpacked }) => [path, unpacked]))
  const lying = new Set(beside)

  for (const path of [...expected.files, ...expected.packages.map((name) => `node_modules/${name}/package.json`)]) if (!entries.has(path)) faults.push(`${path} is missing in the archive.`)
  if (expected.binaries.length === 0) faults.push(`ONNX Runtime has no library for ${expected.target}.`)
  const threadFolders = expected.threadPackages.map((name) => `node_modules/${name}/`)
  const belongsBeside = (path) => expected.binaries.includes(path) || expected.threadFiles.includes(path) || threadFolders.some((folder) => path.startsWith(folder))
  for (const path of [...expected.binaries, ...expected.threadFiles]) if (!entries.has(path)) faults.push(`${path} is missing.`)

  for (const [path, unpacked] of entries) {
    const name = packageAround(path)?.name
    if (name === undefined ? !expected.files.includes(path) : !expected.packages.includes(name)) faults.push(`${path} does not belong into the archive: nothing loads it.`)
    if (isLibrary(path) && !expected.binaries.includes(path)) faults.push(`${path} is a library that ${expected.target} does not load.`)
    else if (path.startsWith(`${binFolder}/`) && !expected.binaries.includes(path)) faults.push(`${path} is of another system than ${expected.target}.`)
    for (const [what, pattern] of ofDevelopment) if (pattern.test(path)) faults.push(`${path} is ${what}.`)
    if (belongsBeside(path) !== unpacked) faults.push(unpacked ? `${path} lies beside the archive, where nothing guards it.` : `${path} is inside of the archive and has to lie beside it.`)
    if (unpacked && !lying.has(`app.asar.unpacked/${path}`)) faults.push(`${path} is named by the archive and does not lie beside it.`)
  }
  for (const path of beside) {
    const inArchive = path.startsWith('app.asar.unpacked/') ? entries.get(path.slice('app.asar.unpacked/'.length)) : undefined
    if (path.startsWith('app.asar.unpacked/') && !inArchive) faults.push(`${path} is not named by the archive.`)
    if (!ownResources.test(path) && !theirResources.test(path)) faults.push(`${path} does not belong among the resources.`)
    if (/^(?:models|resources)\//.test(path) && !expected.resources.includes(path)) faults.push(`${path} does not belong among models and samples.`)
  }
  for (const path of expected.resources) if (!lying.has(path)) faults.push(`${path} is missing among the resources.`)
  return faults
}

/** Every file of an archive, with whether it lies beside it. */
export function archiveEntries(file) {
  const entries = []
  const walk = (folder, inside) => {
    for (const [name, entry] of Object.entries(folder.files)) {
      const path = inside === '' ? name : `${inside}/${name}`
      if (entry.files) walk(entry, path)
      else entries.push({ path, unpacked: entry.unpacked === true })
    }
  }
  walk(getRawHeader(file).header, '')
  return entries
}

/** @throws Error that lists what is wrong */
export function checkPacked(root, resources, platform, arch) {
  const faults = packedFaults(expectations(root, platform, arch), archiveEntries(join(resources, 'app.asar')), filesIn(resources))
  if (faults.length === 0) return
  const shown = faults.slice(0, 20)
  throw new Error(`The packed application is not as it should be:\n  ${shown.join('\n  ')}${faults.length > shown.length ? `\n  and ${faults.length - shown.length} more` : ''}`)
}

/** Called by electron-builder, once for each system and processor. */
export default function afterPack({ appOutDir, electronPlatformName, arch, packager }) {
  checkPacked(fileURLToPath(new URL('../..', import.meta.url)), packager.getResourcesDir(appOutDir), electronPlatformName, Arch[arch])
}

/**
 * What would be packed, by electron-builder's own matching of our patterns against the real packages and the real build,
 * and whether the look at what was packed finds what is wrong.
 */
import { closeSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPackageWithOptions } from '@electron/asar'
import type { Configuration } from 'electron-builder'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builderConfiguration, distScript, root } from '../support/distribution'

interface Entry {
  path: string
  unpacked: boolean
}
interface Matcher {
  patterns: string[]
  prependPattern(pattern: string): void
  createFilter(): (file: string, stat: object) => boolean
}

const require = createRequire(join(root, 'node_modules', 'electron-builder', 'package.json'))
const { getFileMatchers } = require('app-builder-lib/out/fileMatcher') as {
  getFileMatchers(config: Configuration, name: string, to: string, options: object): Matcher[]
}

const targets = [
  { platform: 'win32', arch: 'x64', options: 'win' },
  { platform: 'win32', arch: 'arm64', options: 'win' },
  { platform: 'darwin', arch: 'arm64', options: 'mac' },
  { platform: 'linux', arch: 'x64', options: 'linux' },
  { platform: 'linux', arch: 'arm64', options: 'linux' },
] as const
type Target = (typeof targets)[number]

let configuration: Configuration
let onnxruntime: any
let packed: any
let shipped: any
let parts: Record<'packages' | 'leftBehind' | 'builtFiles' | 'idleFiles' | 'threadFiles' | 'threadPackages', string[]>
let folder: string

beforeAll(async () => {
  configuration = await builderConfiguration()
  onnxruntime = await distScript('onnxruntime')
  packed = await distScript('check-packed')
  shipped = await distScript('shipped')
  parts = shipped.shippedParts(root)
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'assay-packing-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As electron-builder makes it; of packages it takes exclusions alone. */
function filterOf(name: 'files' | 'asarUnpack', target: Target, ofPackages = false) {
  const matcher = getFileMatchers(configuration, name, join(root, 'dist'), {
    macroExpander: (pattern: string) => pattern.replaceAll('${arch}', target.arch),
    customBuildOptions: configuration[target.options] ?? {},
    globalOutDir: join(root, 'dist'),
    defaultSrc: root,
  })[0]!
  if (ofPackages) {
    matcher.patterns = matcher.patterns.filter((pattern) => pattern.startsWith('!'))
    matcher.prependPattern('**/*')
  }
  return matcher.createFilter()
}

function* filesBelow(path: string, takes: (file: string, stat: object) => boolean): Generator<string> {
  for (const name of readdirSync(join(root, path))) {
    const inside = `${path}/${name}`
    const stat = lstatSync(join(root, inside))
    if (!takes(join(root, inside), stat)) continue
    if (stat.isDirectory()) yield* filesBelow(inside, takes)
    else yield inside
  }
}

/** Entries of the archive that electron-builder would make. */
function entriesFor(target: Target): Entry[] {
  const own = filterOf('files', target)
  const ofPackages = filterOf('files', target, true)
  const beside = filterOf('asarUnpack', target)
  const packages = Object.entries((JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean; peer?: boolean }> }).packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && !dev && !path.slice(13).includes('node_modules/'))
    .map(([path]) => path)
  const takes = (file: string, stat: object) => !/\.d\.[cm]?ts$/.test(file) && ofPackages(file, stat)
  const paths = [
    ...['package.json', 'LICENSE', 'eslint.config.mjs', 'README.md'].filter((file) => own(join(root, file), lstatSync(join(root, file)))),
    ...['out', 'src', 'test'].flatMap((path) => [...filesBelow(path, own)]),
    ...packages.filter((path) => ofPackages(join(root, path), lstatSync(join(root, path)))).flatMap((path) => [...filesBelow(path, takes)]),
  ]
  return paths.map((path) => ({ path, unpacked: beside(join(root, path), lstatSync(join(root, path))) }))
}

/** The processor that a library is made for, as its first bytes say: ELF, PE or Mach-O. */
function madeFor(file: string): string {
  const bytes = Buffer.alloc(4096)
  const handle = openSync(join(root, file), 'r')
  readSync(handle, bytes, 0, bytes.length, 0)
  closeSync(handle)
  if (bytes.readUInt32BE(0) === 0x7f454c46) return `linux ${{ 62: 'x64', 183: 'arm64' }[bytes.readUInt16LE(18)]}`
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return `darwin ${{ 0x01000007: 'x64', 0x0100000c: 'arm64' }[bytes.readUInt32LE(4)]}`
  if (bytes.readUInt16BE(0) === 0x4d5a) return `win32 ${{ 0x8664: 'x64', 0xaa64: 'arm64' }[bytes.readUInt16LE(bytes.readUInt32LE(0x3c) + 4)]}`
  return 'nothing known'
}

describe('the libraries of ONNX Runtime', () => {
  it.each(targets)('are those of $platform $arch alone, and lie beside the archive', (target) => {
    const takes = filterOf('files', target, true)
    const beside = filterOf('asarUnpack', target)
    const files = [...filesBelow('node_modules/onnxruntime-node/bin', takes)]
    expect(files.sort()).toEqual(onnxruntime.ownBinaries(root, target.platform, target.arch).sort())
    expect(files.filter((file) => file.endsWith('onnxruntime_binding.node'))).toHaveLength(1)
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) {
      expect(`${file}: ${madeFor(file)}`).toBe(`${file}: ${target.platform} ${target.arch}`)
      expect(beside(join(root, file), lstatSync(join(root, file)))).toBe(true)
    }
  })

  it('on a Mac are the one that the binding names, and not its copy', () => {
    const [binding] = onnxruntime.ownBinaries(root, 'darwin', 'arm64').filter((file: string) => file.endsWith('.node'))
    const bytes = readFileSync(join(root, binding))
    const named: string[] = []
    for (let i = 0, at = 32; i < bytes.readUInt32LE(16); i++, at += bytes.readUInt32LE(at + 4))
      if (bytes.readUInt32LE(at) === 0xc) named.push(bytes.toString('latin1', at + bytes.readUInt32LE(at + 8), at + bytes.readUInt32LE(at + 4)).replace(/\0.*/s, ''))
    const libraries = named.filter((name) => name.startsWith('@rpath/')).map((name) => binding.replace('onnxruntime_binding.node', name.slice('@rpath/'.length)))
    expect(onnxruntime.ownBinaries(root, 'darwin', 'arm64').sort()).toEqual([...libraries, binding].sort())
  })
})

describe('what is shipped', () => {
  it('is every dependency, but for those of pages and of the command line', () => {
    // A new dependency belongs into one of these lists, or into the archive.
    const ofPages = ['cornerstone-core', 'lucide-react', 'radix-ui', 'react', 'react-dom', 'zustand']
    const ofTheCommandLine = ['commander']
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
    expect(Object.keys(dependencies).filter((name) => !parts.packages.includes(name)).sort()).toEqual([...ofPages, ...ofTheCommandLine].sort())
    for (const name of [...ofPages, ...ofTheCommandLine]) expect(parts.leftBehind).toContain(name)
  })

  it('is nothing that fetches or installs, and no tool', () => {
    for (const name of ['global-agent', 'adm-zip']) expect(parts.leftBehind).toContain(name)
    for (const name of ['electron', 'vite', 'typescript', 'playwright-core']) expect(parts.packages).not.toContain(name)
  })

  it('is what the entries load, and not what only the command line does', () => {
    for (const file of ['out/main/index.js', 'out/main/worker.js', 'out/main/decode-worker.js', 'out/preload/index.cjs', 'out/renderer/index.html']) expect(parts.builtFiles).toContain(file)
    expect(parts.idleFiles).toContain('out/main/cli.js')
    expect(parts.idleFiles.some((file) => parts.builtFiles.includes(file))).toBe(false)
  })

  it('lies beside the archive as far as the decode worker loads it', () => {
    expect(parts.threadFiles).toEqual(expect.arrayContaining(['package.json', 'out/main/decode-worker.js']))
    for (const name of ['dicom-parser', 'dcmjs', 'dcmjs-codecs', '@jsquash/webp', '@cornerstonejs/codec-openjpeg']) expect(parts.threadPackages).toContain(name)
    for (const name of ['onnxruntime-node', 'pdfkit']) expect(parts.threadPackages).not.toContain(name)
  })
})

describe('following what files load', () => {
  const application = (name: string, files: Record<string, string>): string => {
    const at = join(folder, name)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(at, path, '..'), { recursive: true })
      writeFileSync(join(at, path), text)
    }
    return at
  }
  const manifest = (name: string, more: object = {}): string => JSON.stringify({ name, version: '1.0.0', ...more })

  it('goes through imports, requires, files that are asked for, and the packages behind them', () => {
    const at = application('follow', {
      'out/a.js': "import { b } from './b.js'\nconst c = () => import('@scope/lazy/sub.js')\ncreateRequire(import.meta.url).resolve(`fonts/files/${weight}.woff`)\nimport 'node:fs'\nimport 'electron'",
      'out/b.js': "export * from 'exported'",
      'out/unused.js': "import 'nobody'",
      'node_modules/@scope/lazy/package.json': manifest('@scope/lazy', { dependencies: { installer: '1' } }),
      'node_modules/@scope/lazy/sub.js': "const deep = require('deep')",
      'node_modules/@scope/lazy/install.js': "require('installer')",
      'node_modules/installer/package.json': manifest('installer'),
      'node_modules/deep/package.json': manifest('deep', { main: 'lib' }),
      'node_modules/deep/lib/index.js': '',
      'node_modules/fonts/package.json': manifest('fonts'),
      'node_modules/exported/package.json': manifest('exported', { exports: { '.': { import: './m.mjs', require: './c.cjs' } } }),
      'node_modules/exported/m.mjs': "import 'modern'",
      'node_modules/exported/c.cjs': "require('classic')",
      'node_modules/modern/package.json': manifest('modern'),
      'node_modules/classic/package.json': manifest('classic'),
      'node_modules/nobody/package.json': manifest('nobody'),
    })
    const { files, folders } = shipped.reach(at, ['out/a.js'])
    expect([...files].sort()).toEqual(['out/a.js', 'out/b.js'])
    expect([...folders].sort()).toEqual(['@scope/lazy', 'classic', 'deep', 'exported', 'fonts', 'modern'].map((name) => `node_modules/${name}`))
  })

  it('keeps all dependencies of a package that puts names together', () => {
    const at = application('unforeseen', {
      'out/a.js': "import 'loader'",
      'node_modules/loader/package.json': manifest('loader', { main: 'x.js', dependencies: { chosen: '1' } }),
      'node_modules/loader/x.js': 'module.exports = (name) => require(name)',
      'node_modules/chosen/package.json': manifest('chosen'),
    })
    expect([...shipped.reach(at, ['out/a.js']).folders].sort()).toEqual(['node_modules/chosen', 'node_modules/loader'])
  })

  it('says which package is missing', () => {
    const at = application('missing', { 'out/a.js': "import 'gone'" })
    expect(() => shipped.reach(at, ['out/a.js'])).toThrow('out/a.js loads gone, which is not installed; run npm ci.')
  })
})

describe('the look at what was packed', () => {
  const target = targets[3]
  const binary = 'node_modules/onnxruntime-node/bin/napi-v6'
  let expected: any
  let entries: Entry[]
  const besides = (of: Entry[]): string[] => [...of.filter(({ unpacked }) => unpacked).map(({ path }) => `app.asar.unpacked/${path}`), ...expected.resources, 'app.asar']
  const faults = (of: Entry[], beside = besides(of)): string[] => packed.packedFaults(expected, of, beside)
  const without = (path: string): Entry[] => entries.filter((entry) => entry.path !== path)
  const changed = (path: string, unpacked: boolean): Entry[] => [...without(path), { path, unpacked }]

  beforeAll(() => {
    expected = packed.expectations(root, target.platform, target.arch)
    entries = entriesFor(target)
  })

  it('finds nothing wrong with what our patterns pack', () => {
    expect(entries.length).toBeGreaterThan(300)
    expect(faults(entries)).toEqual([])
  })

  it('finds another system, another processor, and a library that has come along with a package', () => {
    for (const path of [`${binary}/win32/x64/onnxruntime.dll`, `${binary}/linux/arm64/onnxruntime_binding.node`, 'node_modules/zod/build/native.node'])
      expect(faults(changed(path, true)).join('\n')).toContain(`${path} is a library that linux x64 does not load.`)
  })

  it('finds sources, tests, tools and what only the command line uses', () => {
    expect(faults(changed('node_modules/fflate/test/all.js', false))).toEqual(['node_modules/fflate/test/all.js is a test.'])
    expect(faults(changed('node_modules/zod/src/index.ts', false))).toEqual(['node_modules/zod/src/index.ts is a source.'])
    for (const path of ['src/main/index.ts', 'test/main/main.test.ts', 'out/main/cli.js', 'node_modules/vite/package.json', 'node_modules/react/index.js'])
      expect(faults(changed(path, false))).toContain(`${path} does not belong into the archive: nothing loads it.`)
  })

  it('finds what is missing', () => {
    for (const path of ['out/main/worker.js', 'out/preload/index.cjs', 'out/renderer/index.html', 'LICENSE', 'node_modules/pdfkit/package.json'])
      expect(faults(without(path))).toEqual([`${path} is missing in the archive.`])
    expect(faults(without(`${binary}/linux/x64/libonnxruntime.so.1`))).toEqual([`${binary}/linux/x64/libonnxruntime.so.1 is missing.`])
    expect(faults(entries, besides(entries).filter((path) => path !== 'models/demo-phantom/bundle.json'))).toEqual(['models/demo-phantom/bundle.json is missing among the resources.'])
  })

  it('finds what lies on the wrong side of the archive', () => {
    expect(faults(changed('out/main/decode-worker.js', false))).toEqual(['out/main/decode-worker.js is inside of the archive and has to lie beside it.'])
    expect(faults(changed('out/main/worker.js', true))).toEqual(['out/main/worker.js lies beside the archive, where nothing guards it.'])
    const lost = 'app.asar.unpacked/out/main/decode-worker.js'
    expect(faults(entries, besides(entries).filter((path) => path !== lost))).toEqual(['out/main/decode-worker.js is named by the archive and does not lie beside it.'])
    expect(faults(entries, [...besides(entries), 'app.asar.unpacked/extra.js'])).toEqual(['app.asar.unpacked/extra.js is not named by the archive.'])
  })

  it("finds checkpoints, replaced models and Electron's demonstration", () => {
    for (const path of ['models/chest-xray/.training/state.npz', 'models/chest-xray/purifier.onnx.previous', 'default_app.asar', 'app/index.js']) expect(faults(entries, [...besides(entries), path])).toHaveLength(1)
  })

  it('refuses a processor that ONNX Runtime has no library for', () => {
    expect(packed.packedFaults(packed.expectations(root, 'darwin', 'x64'), entries, besides(entries))).toContain('ONNX Runtime has no library for darwin x64.')
  })

  it('reads real archives, and stops at a wrong one', async () => {
    const from = join(folder, 'small')
    mkdirSync(join(from, 'deep'), { recursive: true })
    writeFileSync(join(from, 'package.json'), '{}')
    writeFileSync(join(from, 'deep', 'x.node'), 'x')
    const archive = join(folder, 'app.asar')
    await createPackageWithOptions(from, archive, { unpack: '*.node' })
    expect(packed.archiveEntries(archive)).toEqual(
      expect.arrayContaining([
        { path: 'package.json', unpacked: false },
        { path: 'deep/x.node', unpacked: true },
      ]),
    )
    expect(() => packed.checkPacked(root, folder, 'linux', 'x64')).toThrow(/^The packed application is not as it should be:\n {2}LICENSE is missing in the archive\.\n[^]*and \d+ more$/)
  })
})

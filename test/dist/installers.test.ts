/**
 * What installers promise beside the program: licences of all that is passed on, icons, kinds of files, and the workflow
 * that makes them.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builderConfiguration, distScript, root } from '../support/distribution'

const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown }

describe('licences', () => {
  it('stand there in full for every package that is passed on, in its version', async () => {
    const { packageLicences, licencesText } = await distScript('licences')
    const { productionPackages, shippedParts } = await distScript('shipped')
    const licences: { name: string; version: string; licence: string; texts: string[] }[] = packageLicences(root)
    const names = licences.map(({ name }) => name)
    for (const name of [...productionPackages(root), ...shippedParts(root).packages]) expect(names).toContain(name)
    const text: string = licencesText(root)
    for (const { name, version, licence, texts } of licences) {
      expect(text).toContain(`${name} ${version} (${licence})`)
      expect(`${name}: ${texts.join('\n')}`).toMatch(/permission|redistribut|license/i)
      for (const each of texts) expect(text).toContain(each)
    }
    // Compiled into packages that say so in a folder of their own.
    expect(licences.find(({ name }) => name === '@jsquash/webp')!.texts.length).toBeGreaterThan(1)
    expect(text).toContain('Copyright (c) Microsoft Corporation')
  })

  it('are kinds that may be passed on with Assay', async () => {
    const { packageLicences } = await distScript('licences')
    const kinds = new Set<string>(packageLicences(root).map(({ licence }: { licence: string }) => licence))
    const allowed = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'OFL-1.1', '(MIT AND Zlib)', '(MIT OR CC0-1.0)', 'MIT OR Apache-2.0', 'Zlib', 'Unlicense']
    expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([])
  })
})

describe('kinds of files', () => {
  const script = readFileSync(join(root, 'scripts', 'dist', 'open-with.nsh'), 'utf8')

  it('are the same on Windows and macOS, and Assay makes itself the default for none', async () => {
    const { win, mac } = await builderConfiguration()
    const onWindows = [...script.matchAll(/\$\{STEP\} "(\w+)"/g)].map(([, extension]) => extension)
    const associations = mac!.fileAssociations as { ext: string | string[]; rank: string }[]
    expect(onWindows.sort()).toEqual(associations.flatMap(({ ext }) => ext).sort())
    for (const { rank } of associations) expect(rank).toBe('Alternate')
    expect(win!.fileAssociations).toBeUndefined()
    // The default of an extension is its key's unnamed value.
    expect(script).not.toMatch(/Software\\Classes\\\.\$\{EXTENSION\}"\s+""/)
  })

  const compiler = spawnSync('makensis', ['-VERSION']).status === 0
  if (!compiler) process.stderr.write('SKIPPED: compiling the script for Windows (makensis is not installed)\n')
  it.skipIf(!compiler)('are written and taken away by a script that compiles without a warning', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-nsis-'))
    try {
      const file = join(folder, 'installer.nsi')
      writeFileSync(
        file,
        `Unicode true
Name "Assay"
OutFile "${join(folder, 'installer.exe')}"
InstallDir "$TEMP"
!define APP_EXECUTABLE_FILENAME "Assay.exe"
!define PRODUCT_NAME "Assay"
!define SHELL_CONTEXT HKCU
Var appExe
!include "${join(root, 'scripts', 'dist', 'open-with.nsh')}"
Section
  StrCpy $appExe "$INSTDIR\\Assay.exe"
  !insertmacro customInstall
  WriteUninstaller "$INSTDIR\\uninstall.exe"
SectionEnd
Section un.installed
  !insertmacro customUnInstall
SectionEnd
`,
      )
      const { status, stdout, stderr } = spawnSync('makensis', ['-WX', '-V2', file], { encoding: 'utf8' })
      expect(`${stdout}${stderr}`).toBe('')
      expect(status).toBe(0)
      expect(existsSync(join(folder, 'installer.exe'))).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the configuration', () => {
  it('names icons that are there, in the forms of the three systems', async () => {
    const { win, mac, linux } = await builderConfiguration()
    const begins = (file: string): string => readFileSync(join(root, file)).subarray(0, 4).toString('hex')
    expect(begins(win!.icon as string)).toBe('00000100')
    expect(begins(mac!.icon as string)).toBe(Buffer.from('icns').toString('hex'))
    for (const size of [16, 32, 48, 256, 512]) {
      const png = readFileSync(join(root, linux!.icon as string, `${size}x${size}.png`))
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    }
  })

  it('makes the installers that docs/INSTALLING.md describes, and none of them asks for updates', async () => {
    const { win, mac, linux, publish } = await builderConfiguration()
    expect(win!.target).toEqual([{ target: 'nsis', arch: ['x64', 'arm64'] }])
    expect(mac!.target).toEqual([{ target: 'dmg', arch: ['arm64'] }])
    expect(linux!.target).toEqual([
      { target: 'AppImage', arch: ['x64'] },
      { target: 'deb', arch: ['x64'] },
    ])
    expect(publish).toBeNull()
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
    expect(Object.keys(dependencies)).not.toContain('electron-updater')
  })

  it('takes the name by which Windows knows the application from nowhere else', async () => {
    const { appId } = await builderConfiguration()
    expect(readFileSync(join(root, 'src', 'main', 'index.ts'), 'utf8')).toContain(`'${appId}'`)
  })
})

describe('the workflow', () => {
  interface Job {
    needs?: string
    strategy: { matrix: { os?: string[]; include?: { os: string; resources: string }[] } }
    steps: { run?: string; with?: { path?: string } }[]
  }
  const workflow = load(readFileSync(join(root, '.github', 'workflows', 'build.yml'), 'utf8')) as { permissions: unknown; jobs: Record<'test' | 'dist', Job> }
  const runs = (job: Job): string => job.steps.map(({ run }) => run ?? '').join('\n')

  it('tests, then packs, on three systems, and may change nothing', () => {
    const { test, dist } = workflow.jobs
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(dist.needs).toBe('test')
    const systems = dist.strategy.matrix.include!.map(({ os }) => os)
    expect(systems.sort()).toEqual(test.strategy.matrix.os!.sort())
    for (const system of ['ubuntu', 'macos', 'windows']) expect(systems.some((os) => os.startsWith(system))).toBe(true)
    expect(runs(test)).toContain('npm test')
  })

  it('makes installers from the lock file, tries what was packed, and keeps them with bill of materials and checksums', () => {
    const { dist } = workflow.jobs
    expect(runs(dist)).toMatch(/npm ci[^]*npm run dist[^]*try-packed\.mjs/)
    const kept = dist.steps.map((step) => step.with?.path ?? '').join('\n')
    for (const file of ['*.exe', '*.dmg', '*.AppImage', '*.deb', '*.cdx.json', 'SHA256SUMS']) expect(kept).toContain(`dist/${file}`)
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    expect(existsSync(join(root, scripts.dist!.replace('node ', '')))).toBe(true)
  })
})

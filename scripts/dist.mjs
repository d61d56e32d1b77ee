/**
 * `npm run dist`: installers for this system, in `dist/`, with a bill of materials and SHA-256 sums. What stands behind
 * `--` goes to electron-builder: `npm run dist -- --dir` stops at the unpacked application, `-- --linux deb --arm64`
 * names targets. ASSAY_ELECTRON_DIST names a folder or a zip with Electron, where it cannot be downloaded.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { writeLicences } from './dist/licences.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const output = join(root, 'dist')

function run(command, args, options = {}) {
  const { status, error, stdout } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${args[0]?.endsWith('cli.js') ? 'electron-builder' : command} ended with ${status}; its messages are above.`)
  return stdout
}

/** CycloneDX, of what is passed on: production packages, Electron, and no tools. */
function billOfMaterials(version, electron) {
  // npm is a script of its own beside node; on Windows it cannot be started without a shell.
  const bill = JSON.parse(
    run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      shell: process.platform === 'win32',
    }),
  )
  // npm writes the folder's name there.
  bill.metadata.component.name = 'assay'
  // Chromium and Node come with it, though npm counts it among the tools.
  bill.components.push({ 'bom-ref': `electron@${electron}`, type: 'framework', name: 'electron', version: electron, purl: `pkg:npm/electron@${electron}`, licenses: [{ license: { id: 'MIT' } }] })
  writeFileSync(join(output, `Assay-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`)
}

async function sha256(file) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

/** In the form that `sha256sum --check` reads. */
async function sums() {
  const names = readdirSync(output, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:exe|dmg|AppImage|deb|cdx\.json)$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const lines = []
  for (const name of names) lines.push(`${await sha256(join(output, name))}  ${name}\n`)
  writeFileSync(join(output, 'SHA256SUMS'), lines.join(''))
}

try {
  const { ASSAY_ELECTRON_DIST: folder } = process.env
  if (folder && !existsSync(folder)) throw new Error(`ASSAY_ELECTRON_DIST names ${folder}, which does not exist.`)
  const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  await build()
  writeLicences(root)
  const cli = join(dirname(createRequire(import.meta.url).resolve('electron-builder/package.json')), 'cli.js')
  run(process.execPath, [cli, '--config', 'electron-builder.config.js', '--publish', 'never', ...process.argv.slice(2)])
  billOfMaterials(version, devDependencies.electron)
  await sums()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

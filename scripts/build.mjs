/**
 * `npm run build`, and the build on first use that `npx assay` and `npm start` rely on: install scripts may be switched
 * off, so nothing is built at install time.
 *
 * `out/stamp.json` says which sources a build was made of; comparing it costs a few milliseconds.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampFile = join(root, 'out', 'stamp.json')
const lockFolder = join(root, 'out', 'build.lock')
const buildLimitMilliseconds = 5 * 60_000

function* filesBelow(path) {
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
    yield* filesBelow(join(path, entry.name))
}

/** Changes whenever a source is added, removed or saved. */
function sourceStamp() {
  const hash = createHash('sha256')
  for (const source of ['src', 'docs/GUIDE.md', 'docs/guide', 'package.json', 'electron.vite.config.ts', 'tsconfig.json'])
    for (const file of filesBelow(join(root, source))) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${relative(root, file)}\0${size}\0${mtimeMs}\n`)
    }
  return hash.digest('hex')
}

function builtStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8')).sources
  } catch {
    return null
  }
}

/** True when there is nothing to build from (an installed package) or the build is of the sources as they are. */
export function isFresh() {
  return !existsSync(join(root, 'src')) || builtStamp() === sourceStamp()
}

/** Runs electron-vite with all of its output on stderr, so that a command's own stdout stays clean. */
function runBuild() {
  const require = createRequire(import.meta.url)
  const cli = join(dirname(require.resolve('electron-vite/package.json')), 'bin', 'electron-vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, 'build', '--logLevel', 'warn'], { cwd: root, stdio: ['ignore', 2, 2] })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error('The build failed; its messages are above.'))))
  })
}

/** The process that builds, or null when the lock is one that a killed build left behind. */
function lockHolder() {
  try {
    const { pid, at } = JSON.parse(readFileSync(join(lockFolder, 'owner.json'), 'utf8'))
    if (Date.now() - at > buildLimitMilliseconds) return null
    process.kill(pid, 0)
    return pid
  } catch (error) {
    if (error.code === 'EPERM') return -1
    // Another process may stand between making the folder and naming itself, or in the middle of its name.
    if ((error.code === 'ENOENT' || error instanceof SyntaxError) && existsSync(lockFolder) && Date.now() - statSync(lockFolder).mtimeMs < 5000) return -1
    return null
  }
}

/** Takes the lock, or returns false after a while of waiting for whoever has it. */
async function takeLock() {
  mkdirSync(dirname(lockFolder), { recursive: true })
  for (;;) {
    try {
      mkdirSync(lockFolder)
      writeFileSync(join(lockFolder, 'owner.json'), JSON.stringify({ pid: process.pid, at: Date.now() }))
      return true
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (lockHolder() === null) rmSync(lockFolder, { recursive: true, force: true })
    else await sleep(150)
    if (isFresh()) return false
  }
}

export async function build() {
  // Taken before the build reads them: what is saved in between makes the next check build again.
  const sources = sourceStamp()
  await runBuild()
  writeFileSync(stampFile, `${JSON.stringify({ sources, builtAt: new Date().toISOString() })}\n`)
}

/** Builds unless the build is up to date. Two at once build once. */
export async function ensureBuilt({ force = false } = {}) {
  if (!force && isFresh()) return
  if (!(await takeLock())) return
  try {
    if (force || !isFresh()) {
      if (!force) process.stderr.write('assay: building, a few seconds …\n')
      await build()
    }
  } finally {
    rmSync(lockFolder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await ensureBuilt({ force: true })
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

/**
 * `npm start`: the desktop application where Electron can run, else the same interface on the loopback host.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { downloadElectron, electronBinary, whyNoWindow } from './electron-binary.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const downloadLimitMilliseconds = 120_000

/** Electron's binary, or the reason in words why the application cannot open. */
function findElectron() {
  const noWindow = whyNoWindow()
  if (noWindow !== null) return { reason: noWindow }
  const installed = electronBinary()
  if (installed !== null) return { binary: installed }
  console.log('Fetching Electron, once, from its publisher …')
  const downloaded = downloadElectron(downloadLimitMilliseconds)
  return downloaded === null ? { reason: 'Electron is not installed and could not be downloaded' } : { binary: downloaded }
}

/** Runs until the child ends, and ends as it did. Ctrl+C reaches both; the child decides when to go. */
function hand(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (signal === 'SIGTERM' ? child.kill(signal) : undefined))
  child.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

try {
  await ensureBuilt()
  const { binary, reason } = findElectron()
  if (binary === undefined) {
    console.log(`The desktop window cannot open (${reason}); serving the same interface on this machine instead.`)
    hand(process.execPath, [join(root, 'bin', 'assay.mjs'), 'serve'])
  } else hand(binary, [root])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

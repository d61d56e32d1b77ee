/**
 * Entry of the command line.
 */
import { enginePlaces } from '../engine/places'
import { startEngineThread } from '../engine/thread'
import type { CliEnvironment } from './environment'
import { runCli } from './program'
import { printFailure } from './terminal'

const terminal = { stdout: process.stdout, stderr: process.stderr }
const environment: CliEnvironment = {
  terminal,
  openEngine: () => startEngineThread(enginePlaces(), { onCrash: (message) => process.stderr.write(`assay: ${message}\n`) }),
  signals: process,
  quit: (exitCode) => process.exit(exitCode),
  exitCode: 0,
}

// Whoever reads stdout may stop reading (`assay … | head`); that is no failure, and hides none.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  // A report that could not be written (the disk is full, say) is not done.
  printFailure({ stdout: { write: () => false }, stderr: process.stderr }, error, false)
  process.exit(1)
})
// Work goes on where nobody can be told of it: the terminal or the log's reader is gone, or the log's disk is full.
process.stderr.on('error', () => {})
process.on('uncaughtException', (error) => {
  printFailure(terminal, error, false)
  process.exit(1)
})

process.exitCode = await runCli(process.argv.slice(2), environment)

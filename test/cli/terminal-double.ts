/**
 * A terminal that remembers, signals that a test can send, and an engine that a test scripts.
 */
import { EventEmitter } from 'node:events'
import type { CliEnvironment } from '../../src/cli/environment'
import { runCli } from '../../src/cli/program'
import { connect, serve } from '../../src/shared/rpc'
import { portPair } from '../support/ports'
import { scriptedService } from '../support/scripted-service'
import type { Answers } from '../support/scripted-service'

export function commandLine(answers: Answers = {}, isTTY = false) {
  const written = { stdout: '', stderr: '' }
  const signals = new EventEmitter()
  const quits: number[] = []
  const service = scriptedService(answers)
  const environment: CliEnvironment = {
    terminal: {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text), isTTY, columns: 80 },
    },
    openEngine() {
      const ports = portPair()
      serve(ports.far, service)
      return { ...connect(ports.near), stop: async () => ports.close() }
    },
    signals,
    quit: (code) => quits.push(code),
    exitCode: 0,
  }
  return { written, signals, quits, service, run: (...args: string[]) => runCli(args, environment) }
}

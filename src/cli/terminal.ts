/**
 * What the command line says and where: results on stdout, everything else on stderr. With --json, stdout gets exactly
 * one JSON object.
 */
import { AssayError, toAssayError } from '../shared/errors'
import { visible } from '../shared/visible'

export interface Terminal {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown; isTTY?: boolean; columns?: number }
}

/** 0 done, 1 failed, 2 wrong usage, 3 done but some inputs could not be read. */
export type ExitCode = 0 | 1 | 2 | 3

/** What a command comes to. `lines` are for a person, `json` for a program. */
export interface CommandOutcome {
  exitCode: ExitCode
  json: unknown
  lines: string[]
}

/** One line. Names of files and models are in many, and a name can hold what moves the cursor or colours what follows. */
export const printLine = (stream: { write(text: string): unknown }, text: string): void => void stream.write(`${visible(text)}\n`)

export function printOutcome(terminal: Terminal, outcome: CommandOutcome, asJson: boolean): void {
  if (asJson) terminal.stdout.write(`${JSON.stringify(outcome.json)}\n`)
  else for (const line of outcome.lines) printLine(terminal.stdout, line)
}

/** One sentence on stderr, and with --json the same as an object on stdout. Returns the exit code that fits. */
export function printFailure(terminal: Terminal, thrown: unknown, asJson: boolean): ExitCode {
  const error = toAssayError(thrown)
  const { code, message, facts } = error
  printLine(terminal.stderr, `assay: ${message} (${code})`)
  if (process.env.ASSAY_DEBUG) terminal.stderr.write(`${thrown instanceof Error ? (thrown.cause instanceof Error ? thrown.cause.stack : thrown.stack) : ''}\n`)
  if (asJson) terminal.stdout.write(`${JSON.stringify({ error: { code, message, facts } })}\n`)
  return code === 'invalid-arguments' ? 2 : 1
}

/** An input that could not be used while the rest went on. */
export interface UnreadableInput {
  path: string
  code: string
  message: string
}

/** Names the input once: most messages begin with its path. */
export function printUnreadable(terminal: Terminal, { path, code, message }: UnreadableInput): void {
  printLine(terminal.stderr, `assay: ${message.includes(path) ? '' : `${path}: `}${message} (${code})`)
}

export const usageError = (message: string): AssayError => new AssayError('invalid-arguments', message)

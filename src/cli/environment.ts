/**
 * What every command is given: where to print, how to reach an engine, and how to report what it came to.
 */
import type { Command } from 'commander'
import type { JobEnvironment } from './run-job'
import { printFailure, printOutcome, usageError } from './terminal'
import type { CommandOutcome, ExitCode } from './terminal'

export interface CliEnvironment extends JobEnvironment {
  /** Set by the command that ran. */
  exitCode: ExitCode
}

const fullName = (command: Command): string => (command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name())

/** `assay train check --help`: where a person reads on. */
export const helpOf = (command: Command): string => `${fullName(command)} --help`

/**
 * @param flags such as `--out`, of which the command has each
 * @throws AssayError `invalid-arguments` that names all that are missing
 */
export function assertGiven(command: Command, flags: readonly string[]): void {
  const missing = flags.filter((flag) => command.getOptionValue(command.options.find(({ long }) => long === flag)!.attributeName()) === undefined)
  if (missing.length > 0) throw usageError(`${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing; see ${helpOf(command)}.`)
}

/** Adds the command's work, with --json and failures handled in one way for all. */
export function perform<A extends unknown[]>(command: Command, environment: CliEnvironment, work: (...args: A) => Promise<CommandOutcome>): Command {
  // Commander would miss one before it says that it does not know how another, the same misspelt, is written.
  const required = command.options.filter(({ mandatory }) => mandatory).map((option) => {
    option.mandatory = false
    option.description += ' (required)'
    return option.long!
  })
  return command.option('--json', 'print one JSON object on stdout').action(async (...args: unknown[]) => {
    const asJson = command.opts<{ json?: boolean }>().json === true
    try {
      assertGiven(command, required)
      // Commander appends the command itself to the arguments and the options.
      const outcome = await work(...(args.slice(0, -1) as A))
      printOutcome(environment.terminal, outcome, asJson)
      environment.exitCode = outcome.exitCode
    } catch (error) {
      environment.exitCode = printFailure(environment.terminal, error, asJson)
    }
  })
}

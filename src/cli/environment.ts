/**
 * What every command is given: where to print, how to reach an engine, and how to report what it came to.
 */
import type { Command, Option } from 'commander'
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

/** @throws AssayError `invalid-arguments` that names all options that are missing */
function assertGiven(command: Command, options: readonly Option[]): void {
  const missing = options.filter((option) => command.getOptionValue(option.attributeName()) === undefined).map(({ long }) => long)
  if (missing.length > 0) throw usageError(`${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing; see ${helpOf(command)}.`)
}

/** Adds the command's work, with --json and failures handled in one way for all. */
export function perform<A extends unknown[]>(command: Command, environment: CliEnvironment, work: (...args: A) => Promise<CommandOutcome>): Command {
  // Commander would miss one before it says that it does not know how another, the same misspelt, is written.
  const required = command.options.filter(({ mandatory }) => mandatory)
  for (const option of required) {
    option.mandatory = false
    option.description += ' (required)'
  }
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

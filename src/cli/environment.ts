/**
 * What every command is given: where to print, how to reach an engine, and how to report what it came to.
 */
import type { Command } from 'commander'
import type { JobEnvironment } from './run-job'
import { printFailure, printOutcome } from './terminal'
import type { CommandOutcome, ExitCode } from './terminal'

export interface CliEnvironment extends JobEnvironment {
  /** Set by the command that ran. */
  exitCode: ExitCode
}

/** Adds the command's work, with --json and failures handled in one way for all. */
export function perform<A extends unknown[]>(command: Command, environment: CliEnvironment, work: (...args: A) => Promise<CommandOutcome>): Command {
  return command.option('--json', 'print one JSON object on stdout').action(async (...args: unknown[]) => {
    const asJson = command.opts<{ json?: boolean }>().json === true
    try {
      // Commander appends the command itself to the arguments and the options.
      const outcome = await work(...(args.slice(0, -1) as A))
      printOutcome(environment.terminal, outcome, asJson)
      environment.exitCode = outcome.exitCode
    } catch (error) {
      environment.exitCode = printFailure(environment.terminal, error, asJson)
    }
  })
}

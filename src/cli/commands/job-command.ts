/**
 * What all commands that run a job share: options checked against the job's parameters, the job run to its end, and
 * its result printed.
 */
import type { Command } from 'commander'
import type { CallInput } from '../../shared/contract'
import { jobParameters } from '../../shared/job-parameters'
import type { JobKind } from '../../shared/types'
import { providerNames } from '../../shared/types'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { runJob } from '../run-job'
import { parameters } from '../values'

export interface JobCommand<R> {
  kind: JobKind
  /** Options as parameters, where the names differ; `operands` are the words without a dash. */
  parametersOf?(options: Record<string, unknown>, operands: string[]): Record<string, unknown>
  /** Parameter → flag, where the names differ. */
  flags?: Record<string, string>
  /** False for a command that has no use for --provider. */
  provider?: boolean
  /** What a person reads on stdout. */
  summary(result: R): string[]
}

export function addJob<R>(command: Command, environment: CliEnvironment, { kind, parametersOf, flags, summary, provider = true }: JobCommand<R>): Command {
  if (provider) command.option('--provider <name>', `where the models run: ${providerNames.join(', ')}`)
  return perform(command, environment, async (...args: unknown[]) => {
    const options = args.at(-1) as Record<string, unknown>
    const operands = args.slice(0, -1).flat() as string[]
    const asked = { kind, parameters: parameters(jobParameters[kind], parametersOf?.(options, operands) ?? options, flags) }
    // The schema of this kind has just made these parameters.
    const { result, exitCode } = await runJob(environment, asked as CallInput<'jobs.start'>)
    return { exitCode, json: result, lines: summary(result as R) }
  })
}

/**
 * One job on the command line: started in the engine's thread, watched, cancelled by Ctrl+C, and waited for.
 */
import type { CallInput, CallOutput } from '../shared/contract'
import { AssayError } from '../shared/errors'
import type { SupervisedEngine } from '../shared/supervisor'
import { createProgress } from './progress'
import { printUnreadable } from './terminal'
import type { Terminal, UnreadableInput } from './terminal'

export interface JobEnvironment {
  terminal: Terminal
  openEngine(): SupervisedEngine
  /** Process signals; a test brings its own. */
  signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>
  quit(exitCode: number): void
}

type WithError = { path: string; error?: { code: string; message: string } }

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : [])

/** Results name unreadable inputs among their `files` (scan) or apart from what was read (`failures`, `unreadable`). */
export function unreadableInputs(result: unknown): UnreadableInput[] {
  const { files, failures, unreadable } = (result ?? {}) as Record<string, unknown>
  const withError = [...listOf<WithError>(files), ...listOf<WithError>(failures)]
  return [...withError.flatMap(({ path, error }) => (error ? [{ path, code: error.code, message: error.message }] : [])), ...listOf<UnreadableInput>(unreadable)]
}

/** What becomes of a job that was stopped, by what its kind can do. */
function afterStopping({ parameters }: CallInput<'jobs.start'>): string {
  if (!('resume' in parameters)) return 'Cancelled; what was finished is kept.'
  return `Cancelled; start again with --resume to go on from here${'finish' in parameters ? ', or with --resume --finish to end with the best so far' : ''}.`
}

/**
 * Runs the job to its end.
 * @throws AssayError the job's own error, or `cancelled`.
 */
export async function runJob(environment: JobEnvironment, request: CallInput<'jobs.start'>): Promise<CallOutput<'jobs.wait'>> {
  const { terminal, signals, quit } = environment
  const engine = environment.openEngine()
  let interruptions = 0
  let jobId: string | undefined
  const cancel = (): void => {
    if (jobId !== undefined) engine.call('jobs.cancel', { jobId }).catch(() => {})
  }
  const interrupt = (): void => {
    interruptions += 1
    if (interruptions > 1) return quit(1)
    terminal.stderr.write('\nassay: stopping after the current step; press Ctrl+C again to quit at once.\n')
    cancel()
  }
  signals.on('SIGINT', interrupt)
  signals.on('SIGTERM', interrupt)
  try {
    const job = await engine.call('jobs.start', request)
    jobId = job.id
    if (interruptions > 0) cancel()
    const progress = createProgress(terminal, job.id)
    engine.subscribe((event) => progress.show(event))
    const end = await engine.call('jobs.wait', { jobId: job.id })
    progress.end()
    if (end.job.error) throw AssayError.from(end.job.error)
    if (end.job.state === 'cancelled') throw new AssayError('cancelled', afterStopping(request))
    for (const unreadable of unreadableInputs(end.result)) printUnreadable(terminal, unreadable)
    return end
  } finally {
    signals.off('SIGINT', interrupt)
    signals.off('SIGTERM', interrupt)
    await engine.stop()
  }
}

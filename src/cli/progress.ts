/**
 * How far a job is, on stderr: one line that rewrites itself on a terminal, a plain line every few seconds in a log.
 */
import type { AnyEvent } from '../shared/contract'
import type { Job } from '../shared/types'
import { visible } from '../shared/visible'
import { printLine } from './terminal'
import type { Terminal } from './terminal'

const plainInterval = 5000

export interface ProgressPrinter {
  show(event: AnyEvent): void
  /** A line that stays, above the progress. */
  note(line: string): void
  end(): void
}

/** Seconds as a person says them: `45 s`, `3 min`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function progressLine(job: Job): string {
  const share = job.total > 0 ? `${Math.floor((100 * job.done) / job.total)} %  ${job.done}/${job.total}` : job.state
  const left = job.remainingSeconds === null ? '' : `  ${duration(job.remainingSeconds)} left`
  return `${job.title}  ${share}${left}${job.message === '' ? '' : `  ${job.message}`}`
}

/** As much of a line as takes no more than so many columns. Letters from Hangul on, the Chinese ones among them, may take two. */
function fitting(line: string, columns: number): string {
  let left = columns
  let shown = ''
  for (const letter of line) {
    left -= letter.codePointAt(0)! < 0x1100 ? 1 : 2
    if (left < 0) break
    shown += letter
  }
  return shown
}

const metricsLine = (metrics: Record<string, number>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join('  ')

export function createProgress({ stderr }: Terminal, jobId: string, now: () => number = Date.now): ProgressPrinter {
  const rewrites = stderr.isTTY === true
  let current = ''
  let lastPlain = -Infinity

  const draw = (): void => {
    if (rewrites && current !== '') stderr.write(`\r\u001b[K${fitting(current, (stderr.columns ?? 80) - 1)}`)
  }
  const note = (line: string): void => {
    if (rewrites) stderr.write('\r\u001b[K')
    printLine(stderr, line)
    draw()
  }

  return {
    note,
    show(event) {
      if (event.name === 'train.metrics' && event.payload.jobId === jobId) {
        const { epoch, metrics } = event.payload
        // The steps in between are what the progress tells of.
        if (epoch !== null) note(`epoch ${epoch}  ${metricsLine(metrics)}`)
      }
      if (event.name === 'train.warnings' && event.payload.jobId === jobId) for (const warning of event.payload.warnings) note(`Warning: ${warning}`)
      if (event.name !== 'job' || event.payload.id !== jobId) return
      current = visible(progressLine(event.payload))
      if (rewrites) draw()
      else if (now() - lastPlain >= plainInterval && event.payload.state === 'running') {
        lastPlain = now()
        stderr.write(`${current}\n`)
      }
    },
    end() {
      if (rewrites && current !== '') stderr.write('\r\u001b[K')
      current = ''
    },
  }
}

/** Progress of work that is no job: a count on stderr. */
export function countdown({ stderr }: Terminal, what: string, now: () => number = Date.now): { show(done: number, total: number): void; end(): void } {
  const rewrites = stderr.isTTY === true
  let last = rewrites ? -Infinity : now()
  return {
    show(done, total) {
      if (now() - last < (rewrites ? 100 : plainInterval)) return
      last = now()
      stderr.write(rewrites ? `\r\u001b[K${what}  ${done}/${total}` : `${what}  ${done}/${total}\n`)
    },
    end() {
      if (rewrites) stderr.write('\r\u001b[K')
    },
  }
}

/**
 * A fuzz run's report as text.
 */
import type { FuzzReport } from './run'

const shownOffences = 30

export function printReport({ cases, outcomes, workerEnds, offences, slowest, peakMemory, seconds }: FuzzReport): string {
  const table = (rows: Record<string, number | undefined>): string =>
    Object.entries(rows)
      .sort(([, a = 0], [, b = 0]) => b - a)
      .map(([name, n = 0]) => `  ${name.padEnd(36)}${String(n).padStart(7)}`)
      .join('\n')
  return [
    `${cases} files in ${seconds.toFixed(1)} s (${(cases / seconds).toFixed(1)} per second); memory of the process ${(peakMemory / 2 ** 20).toFixed(0)} MiB at most`,
    'outcome',
    table(outcomes),
    'workers ended',
    table(workerEnds) || '  none',
    'slowest',
    ...slowest.map((one) => `  ${one.milliseconds.toFixed(0).padStart(6)} ms  #${one.case} ${one.outcome.padEnd(20)} ${one.name}`),
    `${offences.length} offences`,
    ...offences.slice(0, shownOffences).map((offence) => `  #${offence.case} ${offence.name}\n      ${offence.why}`),
    ...(offences.length > shownOffences ? [`  … and ${offences.length - shownOffences} more`] : []),
  ].join('\n')
}

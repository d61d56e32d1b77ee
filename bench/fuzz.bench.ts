/**
 * Mutated files through the real decode pool: bit flips, truncations, length lies, spliced fragments.
 *
 *   npm run bench -- fuzz [--count 10000] [--seed 1] [--first 0] [--workers 2] [--keep test-results/fuzz] [--own]
 *
 * A case is had again alone with its number: --first <number> --count 1. `--own` leaves the reference files aside.
 * Fails (exit 1) on an error without a code or with `internal`, a worker that died of anything but a limit, a picture
 * that makes no sense, a file that takes more than 5 s, and more than 1 GiB of memory for the whole process. Offending
 * files are kept.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { printReport } from '../test/fuzz/report'
import { fuzz } from '../test/fuzz/run'
import { makeSeeds } from '../test/fuzz/seeds'

const memoryLimit = 2 ** 30

export default async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      count: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
      workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      keep: { type: 'string', default: 'test-results/fuzz' },
      own: { type: 'boolean', default: false },
      worker: { type: 'string' },
    },
  })
  const seeds = await makeSeeds({ references: !values.own })
  const count = Number(values.count)
  console.log(`${count} files mutated from ${seeds.length}, seed ${values.seed}, ${values.workers} workers`)
  let shown = performance.now()
  const report = await fuzz(seeds, {
    count,
    seed: values.seed,
    first: Number(values.first),
    workers: Number(values.workers),
    keep: values.keep,
    ...(values.worker && { workerFile: values.worker }),
    progress: (done) => {
      if (performance.now() - shown < 10_000) return
      shown = performance.now()
      console.log(`  ${done} of ${count}, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`)
    },
  })
  console.log(printReport(report))
  const highWater = process.resourceUsage().maxRSS * 1024
  console.log(`high-water mark of the process: ${(highWater / 2 ** 20).toFixed(0)} MiB`)
  const failed = report.offences.length > 0 || highWater > memoryLimit || (report.workerEnds.died ?? 0) > 0
  console.log(failed ? 'FAILED' : 'passed')
  if (failed) process.exitCode = 1
}

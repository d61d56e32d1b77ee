/**
 * `assay calibrate`: what untouched scans of this site look like to the detector.
 */
import type { Command } from 'commander'
import type { Separation } from '../../shared/bundle'
import type { CalibrationReport } from '../../shared/calibration'
import type { CliEnvironment } from '../environment'
import { bundle, number, path } from '../values'
import { addJob } from './job-command'

const percent = (share: number): string => `${Math.round(100 * share)} %`.padStart(6)
const row = (mark: string, name: string, { aucAt2of255, foundAt2of255, found, noise }: Separation): string =>
  `${mark} ${name.padEnd(16)}  ${aucAt2of255.toFixed(3)}  ${percent(foundAt2of255)}  ${percent(found)}  ${percent(noise)}`

/** Each candidate with what it separates, the chosen ones marked. */
function* choiceLines({ choice, scores }: CalibrationReport): Generator<string> {
  if (!choice) return
  const chosen = new Set(scores.map(({ name }) => name))
  yield ''
  yield `Chosen on ${choice.scans} scans and attacked copies of them (${choice.attacks.join(', ')}); found at 5 % false alarms:`
  yield `  ${'score'.padEnd(16)}  AUC at 2/255, found, found under all attacks, noise flagged`
  yield row(' ', 'together', choice.together)
  for (const { name, ...separation } of choice.candidates) yield row(chosen.has(name) ? '*' : ' ', name, separation)
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`

/** False alarms to be expected now, and those of the calibration before on the same scans. */
function* rateLines({ alpha, falseAlarms, earlier }: CalibrationReport): Generator<string> {
  if (falseAlarms) yield `At α = ${alpha}, ${share(falseAlarms.mean)} of untouched scans like these are flagged, ${share(falseAlarms.low)} to ${share(falseAlarms.high)} by the luck of the draw`
  if (earlier) yield `The calibration before, on ${earlier.calibrationCount} scans, flags ${share(earlier.flagged.count / earlier.flagged.of)} of these${earlier.unfamiliar ? ` and finds ${earlier.unfamiliar.count} of ${earlier.unfamiliar.of} unlike its own` : ''}`
}

export const summary = (report: CalibrationReport): string[] => [
  `${report.bundle}: ${report.scans} untouched scans read, ${report.calibrationCount} of them behind the p-values`,
  report.sentence,
  ...rateLines(report),
  ...choiceLines(report),
  ...(report.warnings.length > 0 ? ['', ...report.warnings.map((warning) => `warning  ${warning}`)] : []),
]

export function addCalibrate(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('calibrate')
    .description('set the detector by a folder of untouched images, kept in the bundle')
    .requiredOption('--bundle <id or folder>', 'the bundle to calibrate', bundle)
    .requiredOption('--data <folder>', 'untouched images that neither model was trained on', path)
    .option('--out <bundle folder>', 'a copy of the bundle that has the calibration; into the bundle itself when not given', path)
    .option('--id <id>', 'short name of the copy')
    .option('--name <name>', 'its name for people')
    .option('--keep-scores', "keep what the bundle's detector looks at and set its thresholds alone; otherwise some of the images are attacked to choose it")
    .option('--seed <n>', 'which images choose and which stand behind the p-values (default 0)', number)
    .addHelpText('after', '\nExample:\n  assay calibrate --bundle chest-xray --data chest/calibration --out ./chest-local')
  addJob<CalibrationReport>(command, environment, { kind: 'calibrate', summary })
}

/**
 * `assay calibrate`: what untouched scans of this site look like to the detector.
 */
import type { Command } from 'commander'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { bundle, path } from '../values'
import { addJob } from './job-command'

export function addCalibrate(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('calibrate')
    .description('set the detector by a folder of untouched images, kept in the bundle')
    .requiredOption('--bundle <id or folder>', 'the bundle to calibrate', bundle)
    .requiredOption('--data <folder>', 'untouched images that neither model was trained on', path)
    .addHelpText('after', '\nExample:\n  assay calibrate --bundle models/chest --data chest/calibration')
  addJob<object>(command, environment, { kind: 'calibrate', summary: facts })
}

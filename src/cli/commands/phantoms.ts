/**
 * `assay phantoms`: made-up chest radiographs, for trying Assay out without anybody's data.
 */
import { Option } from 'commander'
import type { Command } from 'commander'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { countdown } from '../progress'
import { usageError } from '../terminal'
import { number, path } from '../values'

interface PhantomOptions {
  out: string
  count: number
  size: number
  seed: number
  format: 'png' | 'dicom'
}

function check(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) throw usageError(`--${name}: give a whole number from ${low} to ${high}.`)
}

export function addPhantoms(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('phantoms')
    .description('write a labelled data set of chest phantoms, with and without an opacity')
    .requiredOption('--out <folder>', 'train/ and test/ go here', path)
    .option('--count <n>', 'images in all', number, 200)
    .option('--size <pixels>', 'width and height', number, 256)
    .option('--seed <n>', 'the same seed gives the same images', number, 0)
    .addOption(new Option('--format <format>', '8-bit PNG, or 16-bit DICOM').choices(['png', 'dicom']).default('png'))
    .addHelpText('after', '\nExample:\n  assay phantoms --out phantoms --count 1000 --size 128 --seed 1')
  perform(command, environment, async ({ out, count, size, seed, format }: PhantomOptions) => {
    check('count', count, 1, 1_000_000)
    check('size', size, 32, 4096)
    check('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    const { writePhantomDataSet } = await import('../../engine/tools/phantoms')
    const progress = countdown(environment.terminal, 'Drawing phantoms')
    const summary = await writePhantomDataSet(out, { count, size, seed, format }, { progress: progress.show })
    progress.end()
    return { exitCode: 0, json: summary, lines: [`${summary.written} phantoms in ${summary.folder}: ${summary.train} for training, ${summary.test} for testing`] }
  })
}

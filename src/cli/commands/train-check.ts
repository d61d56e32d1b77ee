/**
 * `assay train check`: what is wrong with the images, before hours are spent on learning from them.
 */
import type { Command } from 'commander'
import type { DataCheck, DataFinding } from '../../shared/training'
import type { CliEnvironment } from '../environment'
import { table } from '../table'
import { bundle, number } from '../values'
import { trainingData, trainingOptions } from './data-options'
import { addJob } from './job-command'

const levels: Record<DataFinding['level'], string> = { error: 'ERROR', warning: 'Warning', note: 'Note' }

function findingLines({ level, message, examples, count }: DataFinding): string[] {
  const more = count > examples.length && examples.length > 0 ? ['  …'] : []
  return [`${levels[level]}: ${message}`, ...examples.map((example) => `  ${example}`), ...more]
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

export function checkLines(check: DataCheck): string[] {
  const { classes, images, patients, findings, giveaway, tone, unreadable, seconds } = check
  const tested = images.test > 0
  const parts = tested ? ['training', 'test'] : ['training']
  const rows = [
    ...classes.map(({ name, training, test }) => [name, training, test] as const),
    ['all', images.training, images.test] as const,
    ...(patients.known ? [['patients or groups', patients.training, patients.test] as const] : []),
  ].map(([name, ...counts]) => [name, ...counts.slice(0, parts.length).map((count) => count.toLocaleString('en'))])
  const told = [
    ...(giveaway ? [`File and header alone tell the class with a balanced accuracy of ${percent(giveaway.balancedAccuracy)}, chance is ${percent(giveaway.chance)}.`] : []),
    ...(tone ? [`Brightness and border alone: ${percent(tone.balancedAccuracy)}.`] : []),
  ]
  const counted = (level: DataFinding['level'], word: string): string => {
    const n = findings.filter((finding) => finding.level === level).length
    return `${n} ${word}${n === 1 ? '' : 's'}`
  }
  return [
    ...table([{ title: 'class' }, ...parts.map((title) => ({ title, right: true }))], rows),
    '',
    ...told,
    ...(told.length > 0 ? [''] : []),
    ...findings.flatMap((finding) => [...findingLines(finding), '']),
    `${counted('error', 'error')}, ${counted('warning', 'warning')}, ${counted('note', 'note')}; looked at ${(images.training + images.test + unreadable.length).toLocaleString('en')} files in ${seconds} s.`,
  ]
}

export function addTrainCheck(train: Command, environment: CliEnvironment): void {
  const command = train
    .command('check')
    .description('look through images before training: unreadable files, classes, copies, patients on both sides, what gives the class away')
    .requiredOption(...trainingData)
    .option('--bundle <id or folder>', 'the bundle whose purifier is to learn from the images', bundle)
    .option('--from <id or folder>', 'the bundle whose classifier is to learn on from them, in its own classes or others', bundle)
    .option('--size <pixels>', "width and height of the model's input; the bundle's, or 128, when not given", number)
    .addHelpText('after', '\nExample:\n  assay train check --data chest/train --test chest/test')
  trainingOptions(command)
  addJob<DataCheck>(command, environment, { kind: 'check-data', summary: checkLines, provider: false })
}

/**
 * `assay attack`: adversarial images made from clean ones, for testing a classifier or a defence.
 */
import type { Command } from 'commander'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { bundle, fraction, number, path } from '../values'
import { whereItRan } from '../where-it-ran'
import { addJob } from './job-command'

export function addAttack(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('attack')
    .description("make adversarial images against a bundle's classifier, with or without its purifier, as .npz and as pictures")
    .requiredOption('--bundle <id or folder>', 'the bundle whose classifier is attacked', bundle)
    .requiredOption('--data <folder or .npz>', 'images in class folders, or an .npz with x and y', path)
    .requiredOption('--attack <name>', 'one of the attacks that "assay attack --list" names')
    .requiredOption('--eps <fraction>', 'largest change per pixel, as 4/255 or a decimal', fraction)
    .requiredOption('--out <folder>', 'where the images go', path)
    .option('--threat <model>', 'oblivious (knows the classifier) or adaptive (knows the purifier too)')
    .option('--steps <n>', 'iterations', number)
    .option('--step-size <fraction>', 'step per iteration, as 1/255 or a decimal', fraction)
    .option('--no-random-start', 'begin at the image itself')
    .option('--restarts <n>', 'runs from different starts, the worst per image kept', number)
    .option('--limit <n>', 'only n of the images, spread evenly over the classes', number)
    .option('--batch <n>', 'images per step', number)
    .option('--seed <n>', 'makes the run repeatable', number)
    .option('--pictures <format>', 'pictures beside the .npz: png, png16, dicom or none')
    .addHelpText('after', '\nExample:\n  assay attack --bundle chest-xray --data test/ --attack pgd --eps 4/255 --out attacked')
  addJob<object>(command, environment, {
    kind: 'attack',
    parametersOf: ({ eps, ...options }) => ({ ...options, epsilon: eps }),
    flags: { epsilon: '--eps' },
    summary: (result) => [...facts(result), ...whereItRan(result)],
  })
}

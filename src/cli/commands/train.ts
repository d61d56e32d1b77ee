/**
 * `assay train classifier` and `assay train purifier`: models made from a folder of class folders.
 */
import type { Command } from 'commander'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { bundle, fraction, number, path } from '../values'
import { addJob } from './job-command'
import { addTrainCheck } from './train-check'

/** What both trainings are asked with. */
const common = (command: Command): Command =>
  command
    .option('--epochs <n>', 'passes over the data', number)
    .option('--width <n>', 'channels of the first layer', number)
    .option('--batch <n>', 'images per step', number)
    .option('--learning-rate <rate>', 'of the optimiser', number)
    .option('--validation-share <share>', 'share of the data held back to choose by', number)
    .option('--test <folder or .npz>', 'images that nothing is chosen on; accuracy on them is reported at the end', path)
    .option('--labels <table.csv>', 'labels of --data, for folders that are not sorted by class', path)
    .option('--test-labels <table.csv>', 'the same for --test', path)
    .option('--seed <n>', 'makes the run repeatable', number)
    .option('--resume', 'go on from the last checkpoint')

export function addTrain(program: Command, environment: CliEnvironment): void {
  const train = program.command('train').description('train a classifier, or a purifier for one')
  addTrainCheck(train, environment)

  const classifier = common(train.command('classifier'))
    .description('a residual CNN, into a new bundle')
    .requiredOption('--data <folder or .npz>', 'one subfolder of images per class, or any folder with --labels', path)
    .requiredOption('--out <bundle folder>', 'the bundle to make', path)
    .option('--id <id>', 'short name of the bundle; the folder\'s name when not given')
    .option('--name <name>', 'name for people')
    .option('--modality <code>', 'DICOM modality of the images, such as CR or MR')
    .option('--body-part <name>', 'what the images show')
    .option('--size <pixels>', 'width and height of the model\'s input', number)
    .option('--channels <n>', '1 or 3; as the images are when not given', number)
    .option('--weight-decay <rate>', 'of the optimiser', number)
    .option('--label-smoothing <share>', 'of the targets', number)
    .option('--blocks <n>', 'residual blocks at each of four resolutions', number)
    .option('--about <file.md>', 'where the data comes from and under which licence, for the model card', path)
    .addHelpText('after', '\nExample:\n  assay train classifier --data chest/train --out models/chest --size 128 --epochs 20 --seed 1')
  addJob<object>(classifier, environment, { kind: 'train-classifier', summary: facts })

  const purifier = common(train.command('purifier'))
    .description("a denoising autoencoder in front of the bundle's classifier")
    .requiredOption('--bundle <id or folder>', 'the bundle that gets the purifier', bundle)
    .requiredOption('--data <folder or .npz>', 'one subfolder of images per class, or any folder with --labels', path)
    .option('--loss <name>', 'siamese, hgd or dae')
    .option('--eps <fraction>', 'largest ε of the attacks made on the fly, as 8/255 or a decimal', fraction)
    .option('--attack-steps <n>', 'iterations of those attacks', number)
    .option('--depth <n>', 'convolutions at the bottleneck', number)
    .addHelpText('after', '\nExample:\n  assay train purifier --bundle models/chest --data chest/train --loss siamese --epochs 8 --seed 1')
  addJob<object>(purifier, environment, {
    kind: 'train-purifier',
    parametersOf: ({ eps, ...options }) => ({ ...options, epsilon: eps }),
    flags: { epsilon: '--eps' },
    summary: facts,
  })
}

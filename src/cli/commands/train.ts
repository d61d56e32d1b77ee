/**
 * `assay train classifier` and `assay train purifier`: models made from a folder of class folders.
 */
import type { Command } from 'commander'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { bundle, fraction, number, path } from '../values'
import { addJob } from './job-command'
import { trainingData, trainingOptions } from './data-options'
import { addTrainCheck } from './train-check'

/** What both trainings are asked with. */
const common = (command: Command): Command =>
  trainingOptions(command)
    .option('--epochs <n>', 'passes over the data', number)
    .option('--width <n>', 'channels of the first layer', number)
    .option('--batch <n>', 'images per step', number)
    .option('--learning-rate <rate>', 'of the optimiser', number)
    .option('--validation-share <share>', 'share of the data held back to choose by', number)
    .option('--patience <epochs>', 'ends when so many epochs in a row were no better than the best', number)
    .option('--schedule <name>', 'of the learning rate: cosine or constant')
    .option('--averaging <decay>', 'of the moving average of the weights that is kept; 0 for none', number)
    .option('--augment <name>', 'how far the random views go: none, light, standard or strong')
    .option('--orientation <name>', 'upright, or any for images that have no upright')
    .option('--resume', 'go on from the last checkpoint')
    .option('--finish', 'with --resume: learn no further, and end with the best so far')

export function addTrain(program: Command, environment: CliEnvironment): void {
  const train = program.command('train').description('train a classifier, or a purifier for one')
  addTrainCheck(train, environment)

  const classifier = train
    .command('classifier')
    .description('a residual CNN, into a new bundle')
    .requiredOption(...trainingData)
    .requiredOption('--out <bundle folder>', 'the bundle to make', path)
    .option('--id <id>', 'short name of the bundle; the folder\'s name when not given')
    .option('--name <name>', 'name for people')
    .option('--modality <code>', 'DICOM modality of the images, such as CR or MR')
    .option('--body-part <name>', 'what the images show')
    .option('--from <id or folder>', 'learn on from the classifier of this bundle; from scratch when not given', bundle)
    .option('--freeze <layers>', 'layers of it that keep their weights: a number from the input on, names, or all-but-head')
    .option('--size <pixels>', 'width and height of the model\'s input', number)
    .option('--channels <n>', '1 or 3; as the images are when not given', number)
    .option('--weight-decay <rate>', 'of the optimiser', number)
    .option('--label-smoothing <share>', 'of the targets', number)
    .option('--blocks <n>', 'residual blocks at each of four resolutions', number)
    .option('--local-contrast', 'the network sees the image without its local mean too')
    .option('--pooling <name>', 'what the head sees of each feature: mean or mean-max')
    .option('--mixup <alpha>', 'mix images in pairs, with shares from Beta(alpha, alpha)', number)
    .option('--class-weights <name>', 'how much more rare classes count: none, root or balanced')
    .option('--adversarial-eps <fraction>', 'train on attacks of this strength too, for half of the images', fraction)
    .option('--adversarial-steps <n>', 'iterations of those attacks', number)
    .option('--about <file.md>', 'where the data comes from and under which licence, for the model card', path)
    .addHelpText('after', '\nExample:\n  assay train classifier --data chest/train --out models/chest --size 128 --epochs 20 --seed 1')
  common(classifier)
  addJob<object>(classifier, environment, {
    kind: 'train-classifier',
    parametersOf: ({ adversarialEps, ...options }) => ({ ...options, adversarialEpsilon: adversarialEps }),
    flags: { adversarialEpsilon: '--adversarial-eps' },
    summary: facts,
  })

  const purifier = train
    .command('purifier')
    .description("a denoising autoencoder in front of the bundle's classifier")
    .requiredOption('--bundle <id or folder>', 'the bundle that gets the purifier', bundle)
    .requiredOption(...trainingData)
    .option('--out <bundle folder>', 'a new bundle with the purifier; into the bundle itself when not given', path)
    .option('--id <id>', 'short name of the new bundle')
    .option('--name <name>', 'its name for people')
    .option('--loss <name>', 'siamese, hgd or dae')
    .option('--from <name>', "where learning begins: scratch (default), bundle for the bundle's own purifier, or id or folder of another bundle for that one's", bundle)
    .option('--eps <fraction>', 'largest ε of the attacks made on the fly, as 8/255 or a decimal', fraction)
    .option('--attack-steps <n>', 'iterations of those attacks', number)
    .option('--noisy-share <share>', 'of images with noise in place of an attack', number)
    .option('--adaptive-share <share>', 'of batches attacked through the purifier as well', number)
    .option('--adaptive-eps <fraction>', 'largest ε of those attacks', fraction)
    .option('--adaptive-steps <n>', 'their iterations', number)
    .option('--depth <n>', 'convolutions at the bottleneck; more see further at once, so try 5 with --adaptive-share', number)
    .addHelpText('after', '\nExample:\n  assay train purifier --bundle models/chest --data chest/train --loss siamese --epochs 8 --seed 1\n\nFew images: begin with the purifier of another bundle, also of another kind of scan, as both grey or both colour:\n  assay train purifier --bundle ./fundus --data fundus/train --from skin --epochs 40 --seed 1')
  common(purifier)
  addJob<object>(purifier, environment, {
    kind: 'train-purifier',
    parametersOf: ({ eps, adaptiveEps, ...options }) => ({ ...options, epsilon: eps, adaptiveEpsilon: adaptiveEps }),
    flags: { epsilon: '--eps', adaptiveEpsilon: '--adaptive-eps' },
    summary: facts,
  })
}

/** Options that say which images a command takes, the same wherever images are taken in that way. */
import type { Command } from 'commander'
import { classNames, number, path } from '../values'

/** Folders of a house have names of their own. */
const naming = ['--class-names <name=class>', 'what folders or labels call a class of the bundle, for example opacity=PNEUMONIA; may be repeated, several may be of one class', classNames] as const

/** Beside `--data`: labelled images that a model is attacked on. */
export const evaluationOptions = (command: Command): Command =>
  command
    .option('--labels <file.csv>', 'columns file and label, or file and one per class, for folders not sorted by class', path)
    .option(...naming)
    .option('--part <name>', 'of a MedMNIST archive: train, val or test (default)')
    .option('--finding <class>', 'attack one finding of a model that answers several independent ones')
    .option('--limit <n>', 'only n of the images, spread evenly over the classes', number)
    .option('--batch <n>', 'images per step', number)
    .option('--seed <n>', 'makes the run repeatable', number)

/** What `--data` of an evaluation may be. */
export const evaluationData = ['--data <folder or .npz>', 'labelled images: class folders, a folder with --labels, an .npz with x and y, or MedMNIST', path] as const

/** What `--data` of a training may be. */
export const trainingData = ['--data <folder or .npz>', 'one subfolder of images per class, or any folder with --labels', path] as const

/** Beside `--data`: images to learn from, and others that nothing is chosen on. */
export const trainingOptions = (command: Command): Command =>
  command
    .option('--labels <table.csv>', 'labels of --data: file, label, and where known patient and split', path)
    .option(...naming)
    .option('--test <folder or .npz>', 'images that nothing is chosen on', path)
    .option('--test-labels <table.csv>', 'labels of --test', path)
    .option('--seed <n>', 'makes the run repeatable', number)

/**
 * What each kind of job is asked with: the one place for parameters, their defaults and their limits, used by the
 * command line, the interface and the job records.
 */
import { z } from 'zod'
import { attackNameSchema, normSchema, threatSchema } from './audit'
import { bundleIdPattern } from './bundle'
import { providerSchema } from './types'

/** ε as a fraction of the intensity range [0, 1]. */
const epsilon = z.number().positive().max(1)
const seed = z.number().int().nonnegative().default(0)
const bundle = z.string().min(1)
/** Of a bundle that is made. */
const id = z.string().regex(bundleIdPattern).optional()

/** What folders or labels call the bundle's classes, where that is something else: name → class. Several names may be of one. */
const classNames = z.record(z.string().min(1), z.string().min(1)).optional()

/** With `resume`: ends at once with the best so far. */
const finish = z.boolean().default(false)

/** How any network learns. */
const learning = {
  /** Ends when so many epochs in a row were no better than the best; all epochs when absent. */
  patience: z.number().int().positive().optional(),
  /** Of the learning rate after the warm-up: down to nothing, or as it is. */
  schedule: z.enum(['cosine', 'constant']).default('cosine'),
  /** Decay per step of the moving average of the weights, which is what is measured and kept; 0 keeps the weights themselves. */
  averaging: z.number().min(0).lt(1).default(0.98),
  /** How far the random views of the images go. */
  augment: z.enum(['none', 'light', 'standard', 'strong']).default('standard'),
  /** Images that have no upright are turned by any angle. */
  orientation: z.enum(['upright', 'any']).default('upright'),
}

export const jobParameters = {
  scan: z.object({
    paths: z.array(z.string()).min(1),
    bundle,
    /** Output folder; a folder of the application's own when absent (screening from the interface). */
    out: z.string().optional(),
    /** Share of untouched scans that may be flagged. */
    alpha: z.number().gt(0).lt(1).default(0.05),
    provider: providerSchema.default('auto'),
    resume: z.boolean().default(false),
    /** With `resume`: files that could not be screened are tried again. */
    retryFailed: z.boolean().default(false),
    /** No event per result: thousands of them are read in pages instead. */
    quiet: z.boolean().default(false),
    /** Write a heatmap picture per file. */
    heatmaps: z.boolean().default(true),
    /** Write a DICOM secondary capture per file: scan, purified scan, heatmap and verdict, in the study of the scan. */
    captures: z.boolean().default(false),
  }),
  attack: z.object({
    bundle,
    /** Folder of class folders, a folder of any files with `labels`, or an .npz. */
    data: z.string(),
    /** CSV of labels, for folders that are not sorted by class. */
    labels: z.string().optional(),
    classNames,
    /** Of a MedMNIST archive. */
    part: z.enum(['train', 'val', 'test']).default('test'),
    /** One finding of a model that answers several independent ones, by its class name. */
    finding: z.string().optional(),
    /** By the name in the registry of attacks. */
    attack: attackNameSchema,
    /** The attack's first when absent. */
    norm: normSchema.optional(),
    /** What the attacker knows: the classifier alone, the purifier in front of it too, or the answers of both only. */
    threat: z.enum(['oblivious', 'adaptive', 'blackbox']).default('oblivious'),
    /** In the norm, in units of [0, 1]. Minimum-norm attacks do without. */
    epsilon: z.number().positive().optional(),
    /** The attack's own options, by name. */
    options: z.record(z.string(), z.number()).default({}),
    steps: z.number().int().positive().optional(),
    /** Step size; the attack's own default when absent. */
    stepSize: z.number().positive().optional(),
    randomStart: z.boolean().default(true),
    restarts: z.number().int().positive().optional(),
    limit: z.number().int().positive().optional(),
    /** Most images per call of ONNX Runtime. */
    batch: z.number().int().positive().default(32),
    seed,
    out: z.string(),
    /** Pictures written beside the .npz. */
    pictures: z.enum(['png', 'png16', 'dicom', 'none']).default('png'),
    provider: providerSchema.default('auto'),
  }),
  audit: z.object({
    bundle,
    /** Folder of class folders, a folder of any files with `labels`, or an .npz. */
    data: z.string(),
    /** CSV of labels, for folders that are not sorted by class. */
    labels: z.string().optional(),
    classNames,
    /** Of a MedMNIST archive. */
    part: z.enum(['train', 'val', 'test']).default('test'),
    /** How thorough: fills in what is not said of attacks, eps, threat and limit. */
    preset: z.enum(['quick', 'standard', 'full']).default('standard'),
    /** By the names in the registry of attacks. */
    attacks: z.array(attackNameSchema).min(1).optional(),
    eps: z.array(z.number().positive()).min(1).optional(),
    norm: normSchema.default('linf'),
    /** Radii for attacks that know only the other norm; the ball around the one asked for when absent. */
    epsOther: z.array(z.number().positive()).min(1).optional(),
    threat: z.array(threatSchema).min(1).optional(),
    limit: z.number().int().positive().optional(),
    seed,
    alpha: z.number().gt(0).lt(1).default(0.05),
    /** One finding of a model that answers several independent ones, by its name. */
    finding: z.string().optional(),
    /** Simple filters that are judged beside the purifier. */
    baselines: z.array(z.enum(['median', 'jpeg', 'bits'])).default(['median', 'jpeg', 'bits']),
    /** Bundles whose purifiers are judged as further defences. */
    compare: z.array(bundle).default([]),
    /** Bundle whose classifier transfer attacks are made on. */
    source: bundle.optional(),
    /** Options by attack. */
    options: z.record(z.string(), z.record(z.string(), z.number())).default({}),
    /** Folder of an earlier audit of the same classifier and images, whose attacked images are judged anew where they are what is asked for. */
    attacked: z.string().optional(),
    /** Extra runs that look for masked gradients. */
    checks: z.boolean().default(true),
    /** Keep the adversarial images. */
    keep: z.boolean().default(true),
    /** Most images per call of ONNX Runtime. */
    batch: z.number().int().positive().default(32),
    provider: providerSchema.default('auto'),
    /** A folder of the application's own when absent. */
    out: z.string().optional(),
    resume: z.boolean().default(false),
  }),
  'check-data': z.object({
    /** Folder of class folders, a folder of any files with `labels`, or an .npz. */
    data: z.string(),
    /** CSV of labels, for folders that are not sorted by class. */
    labels: z.string().optional(),
    classNames,
    /** Labelled images that are kept for the test; rows of `labels` whose `split` is test when absent. */
    test: z.string().optional(),
    /** CSV of labels for `test`. */
    testLabels: z.string().optional(),
    /** The data is meant for a purifier of this bundle: its classes, input size and modality. */
    bundle: bundle.optional(),
    /** The data is meant for this bundle's classifier to learn on from, in its own classes or others; in place of `bundle`. */
    from: bundle.optional(),
    /** Width and height that the model will see; the bundle's when absent. */
    size: z.number().int().min(32).max(512).optional(),
    seed,
  }),
  'train-classifier': z.object({
    /** Folder of class folders, a folder of any files with `labels`, or an .npz. */
    data: z.string(),
    /** CSV of labels, for folders that are not sorted by class. */
    labels: z.string().optional(),
    classNames,
    out: z.string(),
    /** Short name that the bundle goes by; the folder's name when absent. */
    id,
    name: z.string().optional(),
    /** Of a bundle that is learned on from: its own when absent. */
    modality: z.string().default(''),
    bodyPart: z.string().default(''),
    /** A bundle whose classifier learns on; size, channels and network are then its own. From scratch when absent. */
    from: bundle.optional(),
    /** Layers of it that keep their weights: a number of them from the input on, names separated by commas, or all but the last. */
    freeze: z.string().optional(),
    size: z.number().int().min(32).max(512).default(128),
    channels: z.union([z.literal(1), z.literal(3)]).optional(),
    /** Channels after the stem. */
    width: z.number().int().min(4).max(128).default(16),
    /** Residual blocks at each of four resolutions. */
    blocks: z.number().int().min(1).max(4).default(1),
    /** Shows the network the image without its local mean too. */
    localContrast: z.boolean().default(false),
    /** What the head sees of each feature. */
    pooling: z.enum(['mean', 'mean-max']).default('mean'),
    ...learning,
    epochs: z.number().int().positive().default(20),
    batch: z.number().int().positive().default(16),
    learningRate: z.number().positive().default(2e-3),
    weightDecay: z.number().nonnegative().default(0.02),
    labelSmoothing: z.number().min(0).max(0.5).default(0.05),
    /** Images are mixed in pairs with shares drawn from Beta(mixup, mixup); 0 mixes none. */
    mixup: z.number().min(0).max(4).default(0),
    /** How much more the images of rare classes count: not at all, by the square root of the ratio, by the ratio. */
    classWeights: z.enum(['none', 'root', 'balanced']).default('none'),
    /** ε of the attacks on the network as it learns, for half of the images; 0 is ordinary training. */
    adversarialEpsilon: z.number().min(0).max(0.5).default(0),
    adversarialSteps: z.number().int().positive().default(3),
    /** Share of the patients that is not learned from: measured on after each epoch, and calibrated on later. */
    validationShare: z.number().gt(0).lt(0.5).default(0.2),
    /** Labelled images that no choice is made on; accuracy on them is reported at the end. Rows of `labels` whose `split` is test when absent. */
    test: z.string().optional(),
    /** CSV of labels for `test`. */
    testLabels: z.string().optional(),
    /** A Markdown file on where the data comes from and under which licence, for the model card. */
    about: z.string().optional(),
    seed,
    resume: z.boolean().default(false),
    finish,
    provider: providerSchema.default('auto'),
  }),
  'train-purifier': z.object({
    bundle,
    /** Like the classifier's. */
    data: z.string(),
    labels: z.string().optional(),
    classNames,
    /** A new bundle of this classifier with the purifier; into the bundle itself when absent. */
    out: z.string().optional(),
    /** Of the new bundle; its folder's name, and the old bundle's name, when absent. */
    id,
    name: z.string().optional(),
    loss: z.enum(['siamese', 'hgd', 'dae']).default('siamese'),
    /**
     * Where learning begins: `scratch`, at random; `bundle`, with the bundle's own purifier; id or folder of another bundle,
     * with that one's. Its width and depth then hold.
     */
    from: z.string().min(1).default('scratch'),
    width: z.number().int().min(4).max(128).default(24),
    /** Convolutions at the bottleneck. */
    depth: z.number().int().min(1).max(8).default(2),
    ...learning,
    epochs: z.number().int().positive().default(8),
    batch: z.number().int().positive().default(8),
    learningRate: z.number().positive().default(1e-3),
    /** Largest ε of the attacks made on the fly. */
    epsilon: epsilon.default(8 / 255),
    attackSteps: z.number().int().positive().default(3),
    /** Share of images with noise in place of an attack. */
    noisyShare: z.number().min(0).max(1).default(0.15),
    /** Share of batches attacked by somebody who knows the purifier, as it is then, too. */
    adaptiveShare: z.number().min(0).max(1).default(0),
    /** Largest ε of those attacks, and their steps. */
    adaptiveEpsilon: epsilon.default(4 / 255),
    adaptiveSteps: z.number().int().positive().default(5),
    /** Share of the patients that is not learned from; the classifier's own when absent, which is what calibration needs. */
    validationShare: z.number().gt(0).lt(0.5).optional(),
    test: z.string().optional(),
    testLabels: z.string().optional(),
    seed,
    resume: z.boolean().default(false),
    finish,
    provider: providerSchema.default('auto'),
  }),
  calibrate: z.object({
    bundle,
    /** Folder of untouched scans, or a file. */
    data: z.string(),
    /** A copy of the bundle that has the calibration; into the bundle itself when absent. */
    out: z.string().optional(),
    /** Of the copy; its folder's name, and the bundle's name, when absent. */
    id,
    name: z.string().optional(),
    /** Keep the scores that the bundle's detector looks at, and set their thresholds alone. */
    keepScores: z.boolean().default(false),
    seed,
    provider: providerSchema.default('auto'),
  }),
  devices: z.object({
    /** Check anew what is remembered. */
    again: z.boolean().default(false),
    /** Also check on this bundle's classifier, or on this ONNX file. */
    bundle: bundle.optional(),
    model: z.string().optional(),
  }),
} as const

export type JobParameters = { [K in keyof typeof jobParameters]: z.output<(typeof jobParameters)[K]> }
export type JobParametersInput = { [K in keyof typeof jobParameters]: z.input<(typeof jobParameters)[K]> }

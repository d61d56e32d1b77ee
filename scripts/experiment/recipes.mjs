/** Data and settings of the experiment: what was chosen on the validation parts, one record per kind of scan. */
import { join } from 'node:path'

/** Where everything is made, from the project's folder. */
export const home = join('.cache', 'experiment')

const images = join('..', 'shared', 'data', 'images')

export const seeds = [1, 2, 3]
/** In the order of training: who begins with another comes after it. */
export const losses = ['hgd', 'dae', 'siamese', 'adaptive']

/** What is held against all purifiers at once, by an attacker who knows the classifier. */
export const obliviousAttacks = 'fgsm,pgd,deepfool,cw,spsa,autoattack'
/** What is held against each of `knownOnes` by an attacker who knows it. Square, in AutoAttack, asks for answers only; SPSA takes hours of each purifier and adds nothing to it. */
export const adaptiveAttacks = 'fgsm,pgd,deepfool,cw,autoattack'
export const knownOnes = ['siamese-1', 'dae-1', 'hgd-1', 'adaptive-1']

/** What is held against all purifiers at once on all test images; the other attacks would take days there. */
export const wholeSplit = { attacks: 'fgsm,pgd,deepfool,autoattack', eps: '2/255,4/255,8/255', limit: '1000000' }

export const modalities = [
  {
    id: 'chest-xray',
    name: 'Chest X-ray, children, pneumonia',
    modality: 'DX',
    bodyPart: 'CHEST',
    data: join(images, 'chest_xray'),
    about: 'docs/data/chest-xray.md',
    classifier: ['--size', '128', '--width', '16', '--epochs', '16', '--augment', 'standard', '--class-weights', 'root', '--seed', '1'],
    purifierEpochs: 8,
    adaptive: { epochs: 30, depth: 5 },
    teacher: 'brain-mri',
  },
  {
    id: 'brain-mri',
    name: 'Brain MRI, kinds of tumour',
    modality: 'MR',
    bodyPart: 'BRAIN',
    data: join(images, 'brain_mri'),
    about: 'docs/data/brain-mri.md',
    classifier: ['--size', '128', '--width', '20', '--epochs', '30', '--augment', 'standard', '--averaging', '0.99', '--seed', '1'],
    purifierEpochs: 16,
    further: [{ epochs: 16, augment: 'standard', from: 'hgd' }],
    trainedFurther: ['siamese'],
    adaptive: { epochs: 30 },
  },
  {
    id: 'skin',
    name: 'Dermoscopy, three kinds of lesion',
    modality: 'XC',
    bodyPart: 'SKIN',
    data: join(images, 'skin_lesion'),
    about: 'docs/data/skin.md',
    classifier: ['--size', '128', '--width', '24', '--epochs', '30', '--augment', 'standard', '--orientation', 'any', '--class-weights', 'balanced', '--averaging', '0.99', '--seed', '1'],
    purifierEpochs: 24,
    further: [{ epochs: 12 }, { epochs: 8, eps: '12/255', attackSteps: 2 }],
    trainedFurther: ['siamese'],
    adaptive: { epochs: 24 },
    orientation: 'any',
  },
  {
    id: 'retina',
    name: 'Fundus, diabetic retinopathy',
    modality: 'OP',
    bodyPart: 'EYE',
    data: join(images, 'retina_fundus'),
    about: 'docs/data/retina.md',
    classifier: ['--size', '192', '--width', '12', '--epochs', '80', '--batch', '8', '--augment', 'strong', '--orientation', 'any', '--local-contrast', '--pooling', 'mean-max', '--class-weights', 'root', '--averaging', '0.99', '--seed', '1'],
    purifierEpochs: 60,
    further: [{ epochs: 60, augment: 'strong' }],
    trainedFurther: ['siamese'],
    adaptive: { epochs: 30, share: '0.6', eps: '4/255', from: 'siamese' },
    orientation: 'any',
    teacher: 'skin',
  },
]

/** One for each training that follows on another of the same purifier. */
const foldersBefore = ['first', 'second']

/** Trainings that follow on the first. */
const furtherOf = ({ further = [], trainedFurther = [] }, loss) => (trainedFurther.includes(loss) ? further : [])

/** Folders of a purifier after each of its trainings. */
function foldersOf(modality, loss, seed) {
  const name = `${loss}-${seed}`
  return [...foldersBefore.slice(0, furtherOf(modality, loss).length).map((before) => join(before, name)), name]
}

/**
 * Trainings that make one purifier, each with its folder below the modality's. The same for all four but for the passes over
 * the data, for what those with a teacher begin with (its purifier of the same loss and seed, after its first training), and for further trainings,
 * each of which begins with what the one before came to or with the modality's own of another loss. `adaptive` is
 * a Siamese purifier that most of the attacks know; it begins from scratch, or with the modality's own of another loss
 * after its first training.
 */
export function purifierTrainings(modality, loss, seed) {
  const { id, purifierEpochs, adaptive, teacher, orientation = 'upright' } = modality
  const knowing = loss === 'adaptive'
  const training = (begin, { epochs, eps = '10/255', attackSteps = 4, augment = 'light' }) => [
    ...['--loss', knowing ? 'siamese' : loss, ...begin, '--batch', '8', '--learning-rate', '0.001', '--eps', eps, '--attack-steps', String(attackSteps)],
    ...['--augment', augment, '--orientation', orientation, '--epochs', String(epochs)],
    ...(knowing ? ['--adaptive-share', adaptive.share ?? '0.8', '--adaptive-eps', adaptive.eps ?? '8/255', '--adaptive-steps', '4'] : []),
    ...['--seed', String(seed)],
  ]
  const from = (taught, folder) => ['--from', join(home, taught, folder)]
  const begun = () => {
    const afterFirst = (other, itsLoss) => from(other.id, foldersOf(other, itsLoss, seed)[0])
    if (knowing && adaptive.from) return afterFirst(modality, adaptive.from)
    if (knowing || !teacher) return ['--width', '24', '--depth', String((knowing && adaptive.depth) || 2)]
    return afterFirst(modalities.find((other) => other.id === teacher), loss)
  }
  const folders = foldersOf(modality, loss, seed)
  const passes = [{ epochs: knowing ? adaptive.epochs : purifierEpochs }, ...furtherOf(modality, loss)]
  const goesOn = (stage) => from(id, passes[stage].from ? foldersOf(modality, passes[stage].from, seed).at(-1) : folders[stage - 1])
  return folders.map((folder, stage) => ({ folder, flags: training(stage === 0 ? begun() : goesOn(stage), passes[stage]) }))
}

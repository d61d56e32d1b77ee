/** What single pictures, and their mixture, have that a training would stumble over. */
import type { BundleManifest } from '../../shared/bundle'
import type { DataFinding, Giveaway } from '../../shared/training'
import { gather } from '../dataset/gather'
import { modalityWarning } from '../screening/applicability'
import { amount, finding, listed, percent } from './finding'
import { chanceError } from './giveaway'
import type { Traits } from './traits'

/** A model's input that is so many times larger than the picture shows pixels that nobody took. */
const enlarged = 1.5
/** A model sees the whole range that a file declares. Twelve bits in a file of sixteen use a sixteenth of it. */
const fullEnough = 0.1
/** Shares of the way from chance to certainty from which on a giveaway is worth a word. Tone may be a sign of disease. */
const telling = { file: 0.2, tone: 0.4 }
/** With fewer patients of a class, what tells them apart may be who they are. */
const fewPatients = 20
/** What a picture shows decides how far it can be compressed. */
const followsContent = new Set(['file size', 'bytes per pixel'])

export interface Wanted {
  /** Width and height that the model sees. */
  width: number
  height: number
  /** What the data is meant for, where that is known. */
  bundle?: Pick<BundleManifest, 'id' | 'name' | 'modality' | 'input'> | undefined
}

export type Shown = Traits & { name: string }

/** Values with how often they occur, the commonest first: `CR (120) and DX (3)`. */
function mixture(images: readonly Shown[], valueOf: (image: Shown) => string | undefined): { words: string; rare: Shown[]; kinds: number } {
  const byValue = gather(images, valueOf)
  const kinds = [...byValue].flatMap(([value, members]) => (value === undefined ? [] : [[value, members] as const])).sort(([, a], [, b]) => b.length - a.length)
  return { words: listed(kinds.slice(0, 5).map(([value, members]) => `${value} (${members.length.toLocaleString('en')})`)), rare: kinds.slice(1).flatMap(([, members]) => members), kinds: kinds.length }
}

/** `0.6 %`, `0.6 to 6.2 %`. */
function rangeOf(images: readonly Shown[]): string {
  const shares = images.map(({ rangeUsed }) => (100 * rangeUsed!).toFixed(1)).sort((a, b) => Number(a) - Number(b))
  return shares[0] === shares.at(-1) ? `${shares[0]} %` : `${shares[0]} to ${shares.at(-1)} %`
}

export function pictureFindings(images: readonly Shown[], { width, height, bundle }: Wanted): DataFinding[] {
  const names = (some: readonly Shown[]) => some.map(({ name }) => name)
  const found = (some: readonly Shown[], make: (count: number) => DataFinding): DataFinding[] => (some.length > 0 ? [make(some.length)] : [])
  const modalities = mixture(images, ({ image }) => image.modality)
  const bodyParts = mixture(images, ({ image }) => image.origin?.bodyPart?.toUpperCase())
  const greys = mixture(images, ({ image }) => (image.photometric === 'RGB' ? undefined : image.photometric))
  const other = bundle ? images.filter(({ image }) => modalityWarning({ ...image, samples: 1 }, bundle) !== undefined) : []
  const colour = images.filter(({ image }) => image.samples === 3)
  const grey = images.filter(({ image }) => image.samples === 1)
  const small = images.filter(({ image }) => image.width * enlarged < width || image.height * enlarged < height)
  const blank = images.filter((image) => image.blank)
  const narrow = images.filter((image) => !image.blank && image.rangeUsed !== undefined && image.rangeUsed < fullEnough)
  const several = images.filter(({ image }) => image.frames > 1)
  return [
    ...found(blank, (n) => finding('warning', 'blank', n, `${amount(n, 'picture is', 'pictures are')} of one colour all over; remove ${n === 1 ? 'it' : 'them'}.`, names(blank))),
    ...found(narrow, (n) =>
      finding(
        'warning',
        'narrow-range',
        n,
        `${amount(n, 'picture uses', 'pictures use')} only ${rangeOf(narrow)} of the range of values that ${n === 1 ? 'its file declares' : 'their files declare'}, so that the model would see hardly any contrast; save ${n === 1 ? 'it' : 'them'} with as many bits as the values take, or spread the values.`,
        names(narrow),
      ),
    ),
    ...found(other, (n) => finding('warning', 'other-modality', n, `${amount(n, 'image is', 'images are')} of another modality than ${bundle!.name} was made for (${bundle!.modality}); use images of its own kind.`, names(other))),
    ...(modalities.kinds > 1 ? [finding('warning', 'mixed-modalities', modalities.rare.length, `The images are of different modalities, ${modalities.words}; train on one, or make sure that each class has all of them.`, names(modalities.rare))] : []),
    ...(bodyParts.kinds > 1 ? [finding('warning', 'mixed-body-parts', bodyParts.rare.length, `The files name different body parts, ${bodyParts.words}; train on one, or make sure that each class has all of them.`, names(bodyParts.rare))] : []),
    ...(greys.kinds > 1 ? [finding('note', 'mixed-photometric', greys.rare.length, `Some files store bright as small values and some as large ones, ${greys.words}; Assay turns them, but look whether the files tell the truth.`, names(greys.rare))] : []),
    ...colourFindings(colour, grey, names, bundle),
    ...found(small, (n) =>
      finding(
        n > 0.1 * images.length ? 'warning' : 'note',
        'upsampled',
        n,
        `${amount(n, 'image is', 'images are')} much smaller than the ${width} × ${height} that the model sees, and would be enlarged; use the originals, or a smaller size.`,
        small.map(({ name, image }) => `${name} (${image.width} × ${image.height})`),
      ),
    ),
    ...found(several, (n) => finding('note', 'several-frames', n, `${amount(n, 'file has', 'files have')} several frames, of which one is used; export the frames as files of their own to learn from all.`, names(several))),
  ]
}

function colourFindings(colour: readonly Shown[], grey: readonly Shown[], names: (some: readonly Shown[]) => string[], bundle: Wanted['bundle']): DataFinding[] {
  if (bundle?.input.channels === 1 && colour.length > 0)
    return [finding('warning', 'colour', colour.length, `${amount(colour.length, 'picture is', 'pictures are')} in colour and ${bundle.name} was made for grey ones; colour would be lost.`, names(colour))]
  if (bundle?.input.channels === 3 && grey.length > 0)
    return [finding('warning', 'colour', grey.length, `${amount(grey.length, 'picture is', 'pictures are')} grey and ${bundle.name} was made for colour; use pictures in colour.`, names(grey))]
  if (colour.length === 0 || grey.length === 0) return []
  const rare = colour.length < grey.length ? colour : grey
  return [finding('warning', 'colour', rare.length, `${amount(colour.length, 'picture is', 'pictures are')} in colour and ${grey.length.toLocaleString('en')} grey; bring all to one kind, and say with --channels which the model sees.`, names(rare))]
}

const features = ({ features: all }: Giveaway): string => (all.length > 0 ? `: ${listed(all.slice(0, 4).map(({ name, balancedAccuracy }) => `${name} (${percent(balancedAccuracy)} alone)`))}` : '')

/** @param total training images @param patients those of them of each class */
export function giveawayFindings(file: Giveaway | null, tone: Giveaway | null, total: number, patients: readonly number[]): DataFinding[] {
  const error = chanceError(patients)
  const fewest = Math.min(...patients)
  const few = fewest < fewPatients
  const doubt = few ? ` With ${amount(fewest, 'patient')} in a class that may be chance.` : ''
  const tells = ({ chance }: Giveaway, balancedAccuracy: number, share: number): boolean => balancedAccuracy > chance + Math.max(share * (1 - chance), 3 * error)
  const against = ({ balancedAccuracy, chance }: Giveaway) => `with a balanced accuracy of ${percent(balancedAccuracy)} (chance ${percent(chance)})`
  const findings: DataFinding[] = []
  if (file && tells(file, file.balancedAccuracy, telling.file)) {
    const others = file.features.some(({ name, balancedAccuracy }) => !followsContent.has(name) && tells(file, balancedAccuracy, telling.file))
    const advice = others
      ? 'A network can learn that instead of the disease; bring all classes to one source, size and format.'
      : 'That can follow from what the pictures show, or from how they were saved; make sure that all classes were saved in the same way.'
    findings.push(finding(others && !few ? 'warning' : 'note', 'giveaway', total, `File and header alone tell the class ${against(file)}${features(file)}. ${advice}${doubt}`))
  }
  if (tone && tells(tone, tone.balancedAccuracy, telling.tone))
    findings.push(
      finding(few ? 'note' : 'warning', 'giveaway-tone', total, `Brightness and border alone tell the class ${against(tone)}${features(tone)}. Look whether that is the disease or the device; cut borders, or mix sources.${doubt}`),
    )
  return findings
}

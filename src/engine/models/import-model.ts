/**
 * Somebody else's ONNX classifier becomes a bundle. What the person says of it (classes, size, layout,
 * kind of output) is held against the model by running it once, so that a mistake is found here and not in a report.
 */
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { bundleIdPattern } from '../../shared/bundle'
import type { Intensity, ModelInput } from '../../shared/bundle'
import type { InspectedModel, ModelSettings } from '../../shared/models'
import { researchUseOnly } from '../../shared/notice'
import { classifierInput, logProbabilities } from '../bundle/classifier'
import type { ClassifierSpec } from '../bundle/classifier'
import { createImageSession } from '../bundle/image-session'
import { manifestName } from '../bundle/manifest'
import { refuseStrangers, writeBundle } from '../bundle/write'
import type { OnnxModel } from '../onnx/model'
import { writeModel } from '../onnx/writer'
import { Random } from '../tensor/random'
import { toNumbers } from '../tensor/tensor'
import { normalisationOf, withAdaptedInput } from './adapted-input'
import { dimension, imageInput, outputLooksLike, outputOf, readForeignModel } from './foreign-model'
import type { Layout, OutputKind } from './foreign-model'
import { rangeOf } from './input-scaling'
import { inspectModel } from './inspect'

export interface ImportOptions {
  out: string
  classes: string[]
  size: { height: number; width: number }
  /** Found out from the model where absent. */
  channels?: 1 | 3
  layout?: Layout
  output?: OutputKind
  /** One number, or one for each channel in the model's order; of values in [0, 1]. With both absent, what the model's first operators say. */
  mean?: number[]
  std?: number[]
  /** From the smallest to the largest value that the file's bits can store where absent. */
  intensity?: Intensity
  /** Of the model; images come as RGB. */
  channelOrder?: ModelSettings['channelOrder']
  /** The model takes dark for light. */
  inverted?: boolean
  id: string
  name: string
  modality: string
  bodyPart: string
}

export interface Imported {
  bundle: string
  id: string
  input: ModelInput
  layout: Layout
  output: OutputKind
  /** What the model answered to grey noise, by class. */
  answer: Record<string, number>
  inputGradient: InspectedModel['inputGradient']
  warnings: string[]
}

const imagesTried = 2

/** [channels, layout] that the declared shape allows for this size. */
function layoutOf(model: OnnxModel, { size, channels, layout }: Pick<ImportOptions, 'size' | 'channels' | 'layout'>): { channels: 1 | 3; layout: Layout } {
  const input = imageInput(model)
  const fits = (index: number, value: number): boolean => (dimension(input, index) ?? value) === value
  const candidates = (['nchw', 'nhwc'] as const).flatMap((order) =>
    ([1, 3] as const).map((count) => ({ channels: count, layout: order })).filter((candidate) => {
      const [c, h, w] = candidate.layout === 'nchw' ? [1, 2, 3] : [3, 1, 2]
      return fits(c!, candidate.channels) && fits(h!, size.height) && fits(w!, size.width)
    }),
  )
  const asked = candidates.filter((each) => (channels === undefined || each.channels === channels) && (layout === undefined || each.layout === layout))
  if (asked.length === 1) return asked[0]!
  const told = `The model's input ${input.name} is [${(input.shape ?? []).join(', ')}]`
  if (asked.length === 0)
    throw new AssayError('invalid-arguments', `${told}, which does not fit ${size.height} × ${size.width}${channels ? ` with ${channels} channels` : ''}${layout ? ` in ${layout} order` : ''}; check size, channels and layout.`, { input: input.name })
  throw new AssayError('invalid-arguments', `${told}, which leaves open what channels (1 or 3) and layout (nchw or nhwc) are; give them.`, { input: input.name })
}

const perChannel = (values: number[], channels: number, what: string): number[] => {
  if (values.length === 1) return Array.from({ length: channels }, () => values[0]!)
  if (values.length === channels) return values
  throw new AssayError('invalid-arguments', `${what}: give one number, or one for each of the ${channels} channels.`)
}

/**
 * Runs the model on noise.
 * @param claimed undefined where nobody said what the outputs are
 * @returns probabilities of the first image, and what the outputs were taken for
 * @throws AssayError where its answers do not fit
 */
async function tried(bytes: Uint8Array, spec: Omit<ClassifierSpec, 'classifier'>, layout: Layout, claimed: OutputKind | undefined, named: OutputKind): Promise<{ probabilities: number[]; batches: boolean; seen: OutputKind; output: OutputKind }> {
  const session = await createImageSession(bytes, { provider: 'cpu' })
  const specOf = (output: OutputKind): ClassifierSpec => ({ ...spec, classifier: { file: 'classifier.onnx', sha256: '', output, layout } })
  try {
    const { channels, height, width } = spec.input
    const random = new Random('import')
    const seen: number[][] = []
    const answer = async (count: number) => {
      const x = Float32Array.from({ length: count * channels * height * width }, () => 0.4 + 0.2 * random.next())
      const output = (await session.run({ [session.inputNames[0]!]: classifierInput(x, specOf(named)) }))[session.outputNames[0]!]!
      const numbers = toNumbers(output)
      const columns = numbers.length / (output.shape[0] || 1)
      for (let start = 0; start < numbers.length; start += columns) seen.push(numbers.slice(start, start + columns))
      return output
    }
    const first = await answer(1)
    // Answers that do not fit the classes are refused here.
    logProbabilities(first, specOf(claimed ?? named))
    const batches = await answer(imagesTried).then(
      (output) => logProbabilities(output, specOf(claimed ?? named)).length === imagesTried,
      () => false,
    )
    const looks = outputLooksLike(seen)
    const output = claimed ?? (named === 'logits' && looks === 'softmax' ? looks : named)
    return { probabilities: logProbabilities(first, specOf(output))[0]!.map(Math.exp), batches, seen: looks, output }
  } finally {
    await session.release()
  }
}

/** What speaks against taking the outputs for this, one sentence; undefined where nothing does. @param named by the file's last operator @param seen in the numbers */
function doubtOf(output: OutputKind, claimed: boolean, named: OutputKind, seen: OutputKind): string | undefined {
  if (output !== named && (named !== 'logits' || seen === 'logits')) return `The model seems to end with ${named}, and ${output} was given: check what its outputs are.`
  if (named !== 'logits') return undefined
  if (seen === 'softmax' && output === 'logits') return 'The outputs lie between 0 and 1 and sum to 1, as those of a softmax do, and logits was given: check what its outputs are.'
  if (seen === 'softmax' && !claimed) return 'The outputs lie between 0 and 1 and sum to 1: they are taken for the probabilities of a softmax.'
  if (seen === 'sigmoid' && output === 'softmax') return 'The outputs lie between 0 and 1 without summing to 1, and softmax was given: check what its outputs are.'
  if (seen === 'sigmoid' && !claimed) return 'The outputs lie between 0 and 1: they are taken for logits, and may be sigmoids. Say which they are.'
  return undefined
}

/** What would be refused as a manifest that nobody has written yet. @throws AssayError `invalid-arguments` */
function refuseImpossible({ id, classes, std = [] }: Pick<ImportOptions, 'id' | 'classes' | 'std'>): void {
  if (!bundleIdPattern.test(id)) throw new AssayError('invalid-arguments', `${id} cannot be the id of a bundle; give small letters, digits and hyphens, beginning with a letter or digit.`, { id })
  const twice = classes.find((each, i) => classes.indexOf(each) < i)
  if (twice !== undefined) throw new AssayError('invalid-arguments', `The class ${twice} is named twice; give each class a name of its own.`)
  if (std.some((value) => !(value > 0))) throw new AssayError('invalid-arguments', 'std: pixels are divided by these numbers; give numbers above 0.')
}

/** @throws AssayError `file-*`, `onnx-invalid`, `invalid-arguments`, `bundle-invalid`, `output-not-writable`, `disk-full` */
export async function importModel(path: string, options: ImportOptions): Promise<Imported> {
  const { out, classes, size, id, name, modality, bodyPart } = options
  refuseImpossible(options)
  if (await stat(join(out, manifestName)).catch(() => null))
    throw new AssayError('output-not-writable', `${out} already holds a bundle; choose another folder.`, { path: out })
  await refuseStrangers(out)
  const { model, bytes: original } = await readForeignModel(path)
  const { channels, layout } = layoutOf(model, options)
  const turning = { channelOrder: options.channelOrder ?? 'rgb', inverted: options.inverted ?? false }
  if (turning.channelOrder === 'bgr' && channels === 1) throw new AssayError('invalid-arguments', 'A model of one channel has no order of colours; leave the channel order at RGB.')
  const range = options.mean === undefined && options.std === undefined ? rangeOf(model) : undefined
  const { mean = [0], std = [1] } = range ?? options
  const input: ModelInput = {
    width: size.width,
    height: size.height,
    channels,
    ...normalisationOf({ mean: perChannel(mean, channels, 'mean'), std: perChannel(std, channels, 'std') }, turning),
    intensity: options.intensity ?? { kind: 'declared-range' },
  }
  const adapted = withAdaptedInput(model, turning, layout)
  const bytes = adapted === model ? original : writeModel(adapted)
  const named = outputOf(model)
  const { probabilities, batches, seen, output } = await tried(bytes, { id, classes, input }, layout, options.output, named)
  const inspected = inspectModel(adapted, size)
  const { inputGradient } = inspected
  const doubt = doubtOf(output, options.output !== undefined, named, seen)
  const atOnce = dimension(imageInput(model), 0)
  const warnings = [
    ...(doubt === undefined ? [] : [doubt]),
    ...(range === undefined ? [] : [range.known ? range.hint : `${range.hint} Give mean and standard deviation where it takes others.`]),
    ...(atOnce === 1 || !batches ? ['The model takes one image at a time; screening with it is slower.'] : atOnce !== undefined ? [`The model takes ${atOnce} images at a time, no fewer; screening single ones with it is slower.`] : []),
    ...inspected.warnings.map(({ message }) => message),
    ...(inputGradient.possible ? [] : [`White-box attacks are not possible: ${inputGradient.error.message}`]),
  ]
  await writeBundle(
    out,
    { id, name, description: 'Imported classifier, without a purifier.', modality, bodyPart, classes, input, classifier: { output, layout }, training: { imported: { file: basename(path), ...turning } } },
    { classifier: bytes, card: card({ ...options, mean, std }, path, { channels, layout, output, warnings }) },
  ).catch((error: unknown) => {
    throw toAssayError(error)
  })
  return {
    bundle: resolve(out),
    id,
    input,
    layout,
    output,
    answer: Object.fromEntries(classes.map((label, i) => [label, probabilities[i]!])),
    inputGradient,
    warnings,
  }
}

const card = ({ name, classes, size, mean, std, channelOrder, inverted }: ImportOptions & { mean: number[]; std: number[] }, path: string, found: { channels: number; layout: string; output: string; warnings: readonly string[] }): string => `# ${name}

Imported from \`${basename(path)}\`. **${researchUseOnly}**

| | |
| --- | --- |
| classes | ${classes.join(', ')} |
| input | ${size.height} × ${size.width}, ${found.channels} channels, ${found.layout} |
| normalisation of [0, 1] | mean ${mean.join(', ')}; standard deviation ${std.join(', ')} |
| output | ${found.output} |
${channelOrder === 'bgr' ? '| colours | BGR: nodes that turn them round were put in front of the model |\n' : ''}${inverted ? '| grey | dark for light: a node that turns it round was put in front of the model |\n' : ''}
Who trained it, on what, and under which licence is not known to Assay: add it here. There is no purifier and no calibration yet: \`assay train purifier\` makes both.
${found.warnings.length > 0 ? `\n## Noticed at the import\n\n${found.warnings.map((warning) => `- ${warning}\n`).join('')}` : ''}`

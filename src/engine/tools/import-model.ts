/**
 * `assay import`: somebody else's ONNX classifier becomes a bundle. What the person says of it (classes, size, layout,
 * kind of output) is held against the model by running it once, so that a mistake is found here and not in a report.
 */
import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import type { BundleManifest, ModelInput } from '../../shared/bundle'
import { classifierInput, logProbabilities } from '../bundle/classifier'
import { readModelFile } from '../bundle/model-file'
import { manifestName } from '../bundle/manifest'
import { writeBundle } from '../bundle/write'
import { withoutFinalActivation } from '../onnx/final-activation'
import type { OnnxModel } from '../onnx/model'
import { readModel } from '../onnx/reader'
import { writeModel } from '../onnx/writer'
import { createSession } from '../runtime/session'
import { Random } from '../tensor/random'
import { inspectModel } from './inspect'
import type { InputGradient } from './inspect'

export interface ImportOptions {
  out: string
  classes: string[]
  size: { height: number; width: number }
  /** Found out from the model where absent. */
  channels?: 1 | 3
  layout?: 'nchw' | 'nhwc'
  output?: BundleManifest['classifier']['output']
  /** One number, or one for each channel; of values in [0, 1]. */
  mean: number[]
  std: number[]
  id: string
  name: string
  modality: string
  bodyPart: string
}

export interface Imported {
  bundle: string
  id: string
  input: ModelInput
  layout: 'nchw' | 'nhwc'
  output: BundleManifest['classifier']['output']
  /** What the model answered to grey noise, by class. */
  answer: Record<string, number>
  inputGradient: InputGradient
  warnings: string[]
}

const imagesTried = 2

/** [channels, layout] that the declared shape allows for this size. */
function layoutOf(model: OnnxModel, { size, channels, layout }: Pick<ImportOptions, 'size' | 'channels' | 'layout'>): { channels: 1 | 3; layout: 'nchw' | 'nhwc' } {
  const { inputs } = model.graph
  const [input] = inputs
  if (!input || inputs.length > 1)
    throw new AssayError('onnx-invalid', `The model has ${inputs.length} inputs, where a classifier of images has one; export it with the image alone as input.`)
  if (!['float32', 'float16', 'float64'].includes(input.dtype))
    throw new AssayError('onnx-invalid', `The model's input ${input.name} takes ${input.dtype}, not floating-point numbers; export it with a float input.`, { input: input.name })
  if (input.shape && input.shape.length !== 4)
    throw new AssayError('onnx-invalid', `The model's input ${input.name} has ${input.shape.length} dimensions, where a batch of images has four; export it again.`, { input: input.name })
  const shape = input.shape ?? []
  const fits = (index: number, value: number): boolean => typeof shape[index] !== 'number' || shape[index] <= 0 || shape[index] === value
  const candidates = (['nchw', 'nhwc'] as const).flatMap((order) =>
    ([1, 3] as const).map((count) => ({ channels: count, layout: order })).filter((candidate) => {
      const [c, h, w] = candidate.layout === 'nchw' ? [1, 2, 3] : [3, 1, 2]
      return fits(c!, candidate.channels) && fits(h!, size.height) && fits(w!, size.width)
    }),
  )
  const asked = candidates.filter((each) => (channels === undefined || each.channels === channels) && (layout === undefined || each.layout === layout))
  if (asked.length === 1) return asked[0]!
  const told = `The model's input ${input.name} is [${shape.join(', ')}]`
  if (asked.length === 0)
    throw new AssayError('invalid-arguments', `${told}, which does not fit ${size.height} × ${size.width}${channels ? ` with ${channels} channels` : ''}${layout ? ` in ${layout} order` : ''}; check --size, --channels and --layout.`, { input: input.name })
  throw new AssayError('invalid-arguments', `${told}, which leaves open what --channels (1 or 3) and --layout (nchw or nhwc) are; give them.`, { input: input.name })
}

/** Softmax or sigmoid where the model ends with one, else logits. */
function outputOf(model: OnnxModel): BundleManifest['classifier']['output'] {
  const [output] = model.graph.outputs
  const stripped = withoutFinalActivation(model)
  if (stripped === model || !output) return 'logits'
  const behind = stripped.graph.outputs[0]!.name
  const activation = model.graph.nodes.find(({ inputs, op }) => inputs.includes(behind) && ['Softmax', 'Sigmoid', 'LogSoftmax'].includes(op))
  // The logarithm of a softmax serves as logits: adding a constant to all changes no answer.
  return activation?.op === 'Softmax' ? 'softmax' : activation?.op === 'Sigmoid' ? 'sigmoid' : 'logits'
}

const perChannel = (values: number[], channels: number, flag: string): number[] => {
  if (values.length === 1) return Array.from({ length: channels }, () => values[0]!)
  if (values.length === channels) return values
  throw new AssayError('invalid-arguments', `${flag}: give one number, or one for each of the ${channels} channels.`)
}

/** The file as it is where it holds all its weights, else written anew in one piece. */
async function inOnePiece(path: string, model: OnnxModel): Promise<Uint8Array> {
  const bytes = await readFile(path)
  try {
    readModel(bytes)
    return bytes
  } catch {
    return writeModel(model)
  }
}

/** Runs the model on noise. @returns probabilities of the first image @throws AssayError where its answers do not fit */
async function tried(bytes: Uint8Array, spec: Pick<BundleManifest, 'id' | 'classes' | 'input' | 'classifier'>): Promise<{ probabilities: number[]; batches: boolean }> {
  const session = await createSession(bytes, { provider: 'cpu' })
  try {
    const { channels, height, width } = spec.input
    const random = new Random('import')
    const answer = async (count: number) => {
      const x = Float32Array.from({ length: count * channels * height * width }, () => 0.4 + 0.2 * random.next())
      return logProbabilities((await session.run({ [session.inputNames[0]!]: classifierInput(x, spec) }))[session.outputNames[0]!]!, spec)
    }
    const [first] = await answer(1)
    const batches = await answer(imagesTried).then(
      (rows) => rows.length === imagesTried,
      () => false,
    )
    return { probabilities: first!.map(Math.exp), batches }
  } finally {
    await session.release()
  }
}

/** @throws AssayError `file-*`, `onnx-invalid`, `invalid-arguments`, `bundle-invalid`, `output-not-writable`, `disk-full` */
export async function importModel(path: string, options: ImportOptions): Promise<Imported> {
  const { out, classes, size, id, name, modality, bodyPart } = options
  if (await stat(join(out, manifestName)).catch(() => null))
    throw new AssayError('output-not-writable', `${out} already holds a bundle; choose another folder.`, { path: out })
  const model = await readModelFile(path)
  const { channels, layout } = layoutOf(model, options)
  const output = options.output ?? outputOf(model)
  const input: ModelInput = {
    width: size.width,
    height: size.height,
    channels,
    mean: perChannel(options.mean, channels, '--mean'),
    std: perChannel(options.std, channels, '--std'),
    intensity: { kind: 'declared-range' },
  }
  const bytes = await inOnePiece(path, model)
  const { probabilities, batches } = await tried(bytes, { id, classes, input, classifier: { file: 'classifier.onnx', sha256: '', output, layout } })
  const { inputGradient } = inspectModel(model)
  await writeBundle(
    out,
    { id, name, description: 'Imported classifier, without a purifier.', modality, bodyPart, classes, input, classifier: { output, layout }, training: { imported: { file: basename(path) } } },
    { classifier: bytes, card: card(options, path, { channels, layout, output }) },
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
    warnings: [
      ...(options.output !== undefined && options.output !== outputOf(model) ? [`The model seems to end with ${outputOf(model)}, and ${options.output} was given: check --output.`] : []),
      ...(batches ? [] : ['The model takes one image at a time; screening with it is slower.']),
      ...(inputGradient.possible ? inputGradient.warnings.map(({ message }) => message) : [`White-box attacks are not possible: ${inputGradient.error.message}`]),
    ],
  }
}

const card = ({ name, classes, size, mean, std }: ImportOptions, path: string, found: { channels: number; layout: string; output: string }): string => `# ${name}

Imported from \`${basename(path)}\`. **Research use only. Not for diagnosis.**

| | |
| --- | --- |
| classes | ${classes.join(', ')} |
| input | ${size.height} × ${size.width}, ${found.channels} channels, ${found.layout} |
| normalisation of [0, 1] | mean ${mean.join(', ')}; standard deviation ${std.join(', ')} |
| output | ${found.output} |

Who trained it, on what, and under which licence is not known to Assay: add it here. There is no purifier and no calibration yet: \`assay train purifier\` makes both.
`

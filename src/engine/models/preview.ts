/**
 * A foreign model tried on a few images, with one way of making them into its input at a time: whoever asks compares
 * several ways. The images are decoded once, and the model is loaded once.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { AssayError, serializeError, toAssayError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { mostTrialImages, spread } from '../../shared/models'
import type { ModelSettings, PreviewedImage, TrialImage } from '../../shared/models'
import { answerOf, classifierInput, logProbabilities } from '../bundle/classifier'
import type { ClassifierSpec } from '../bundle/classifier'
import { createImageSession } from '../bundle/image-session'
import { walkImages } from '../dataset/walk'
import { encodePng, interleavePlanes, quantize } from '../image/encode'
import { readImage } from '../image/files'
import { toModelInput } from '../image/model-input'
import type { ByteStore } from '../jobs/definition'
import type { Session } from '../runtime/session'
import { adaptedImage } from './adapted-input'
import { readForeignModel } from './foreign-model'

type Seen = { input: Float32Array; thumbnail: string } | { error: SerializedError }

/** The settings as a bundle's manifest would have them, before the input is turned round. */
function specOf(id: string, { classes, width, height, channels, layout, output, mean, std, intensity }: ModelSettings): ClassifierSpec {
  const each = (values: readonly number[]): number[] => (values.length === channels ? [...values] : Array.from({ length: channels }, () => values[0]!))
  return { id, classes, input: { width, height, channels, mean: each(mean), std: each(std), intensity }, classifier: { file: 'classifier.onnx', sha256: '', output, layout } }
}

/** A few images of what was handed over, the same number of every folder. @throws AssayError `file-*`, `data-set-invalid` where there are none */
export async function trialImages(paths: readonly string[]): Promise<TrialImage[]> {
  const all: string[] = []
  for (const path of paths) {
    const entry = await stat(path).catch((error: unknown) => {
      throw toAssayError(error)
    })
    if (entry.isDirectory()) for await (const image of walkImages(path)) all.push(image)
    else all.push(path)
  }
  if (all.length === 0) throw new AssayError('data-set-invalid', 'There are no images in what was chosen; choose image files, or a folder with one subfolder per class.')
  return spread(all, mostTrialImages).map((path) => ({ path, folder: basename(dirname(path)) }))
}

export class Preview {
  private loaded: { key: string; session: Session } | null = null
  /** Decoded images by path, all for the same size, channels and intensity. */
  private seen: { key: string; images: Map<string, Seen> } = { key: '', images: new Map() }

  constructor(private readonly bytes: ByteStore) {}

  /** @throws AssayError `file-*`, `onnx-invalid`, `bundle-invalid` where the outputs do not fit the classes, `runtime-failed` */
  async answers(path: string, settings: ModelSettings, images: readonly string[]): Promise<PreviewedImage[]> {
    const session = await this.sessionOf(path)
    const spec = specOf(basename(path), settings)
    const answers: PreviewedImage[] = []
    for (const image of images) {
      const seen = await this.see(image, spec)
      if ('error' in seen) {
        answers.push({ path: image, thumbnail: null, answer: null, error: seen.error })
        continue
      }
      // One at a time: many foreign models take no batches.
      const feed = { [session.inputNames[0]!]: classifierInput(adaptedImage(seen.input, settings), spec) }
      const [logP] = logProbabilities((await session.run(feed))[session.outputNames[0]!]!, spec)
      answers.push({ path: image, thumbnail: seen.thumbnail, answer: answerOf(logP!, spec.classes) })
    }
    return answers
  }

  async release(): Promise<void> {
    this.seen = { key: '', images: new Map() }
    const { loaded } = this
    this.loaded = null
    await loaded?.session.release()
  }

  private async sessionOf(path: string): Promise<Session> {
    const { mtimeMs, size } = await stat(path).catch((error: unknown) => {
      throw toAssayError(error)
    })
    const key = `${path} ${mtimeMs} ${size}`
    if (this.loaded?.key !== key) {
      await this.release()
      this.loaded = { key, session: await createImageSession((await readForeignModel(path)).bytes, { provider: 'cpu' }) }
    }
    return this.loaded!.session
  }

  private async see(path: string, { input }: ClassifierSpec): Promise<Seen> {
    const { width, height, channels, intensity } = input
    const key = JSON.stringify([width, height, channels, intensity])
    if (this.seen.key !== key) this.seen = { key, images: new Map() }
    const known = this.seen.images.get(path)
    if (known) return known
    let seen: Seen
    try {
      const planes = toModelInput(await readImage(path), input)
      const png = encodePng({ width, height, samples: channels, data: quantize(interleavePlanes(planes, channels), 8) })
      seen = { input: planes, thumbnail: this.bytes.put({ bytes: png, mediaType: 'image/png' }) }
    } catch (error) {
      seen = { error: serializeError(error) }
    }
    this.seen.images.set(path, seen)
    return seen
  }
}

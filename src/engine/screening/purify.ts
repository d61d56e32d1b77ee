/**
 * The purifier of a bundle, asked: once for what a classifier is given in place of the image, twice where scores look at
 * what a second pass does.
 */
import { AssayError } from '../../shared/errors'
import type { BundleManifest } from '../../shared/bundle'
import type { Session } from '../runtime/session'
import { float32 } from '../tensor/tensor'
import type { Evidence, Need } from './scores/score'

/** Name of a purifier's second output, its bottleneck. Purifiers without it lack the score that looks at it. */
export const embeddingOutput = 'embedding'

interface Pass {
  image: Float32Array
  /** One row of this length per image; of no length where the purifier has no such output. */
  embedding: Float32Array
}

async function pass(manifest: BundleManifest, purifier: Session, x: Float32Array): Promise<Pass> {
  const { channels, height, width } = manifest.input
  const outputs = await purifier.run({ [purifier.inputNames[0] ?? 'x']: float32([x.length / (channels * height * width), channels, height, width], x) })
  const output = outputs[purifier.outputNames[0] ?? '']
  if (!output) throw new AssayError('runtime-failed', 'A model of the bundle has no output; make the bundle again.')
  if (output.dtype !== 'float32' || output.data.length !== x.length)
    throw new AssayError('bundle-invalid', `The purifier of ${manifest.id} answers with another size than it was given; train it again.`, { bundle: manifest.id })
  const image = output.data as Float32Array
  if (!image.every(Number.isFinite))
    throw new AssayError('runtime-failed', `The purifier of ${manifest.id} answered with something that is not a number; try the provider cpu.`, { bundle: manifest.id })
  return { image, embedding: (outputs[embeddingOutput]?.data as Float32Array | undefined) ?? new Float32Array() }
}

/** The purified images, as many as were given. @throws AssayError runtime-failed, bundle-invalid */
export const purify = async (manifest: BundleManifest, purifier: Session, x: Float32Array): Promise<Float32Array> => (await pass(manifest, purifier, x)).image

export interface Passes {
  /** [count, channels, height, width]. */
  purified: Float32Array
  /** What the passes say of one image, by its place in the batch. */
  of(image: number): Omit<Evidence, 'logBefore' | 'logAfter'>
}

/**
 * The images purified, with all that scores of that need look at.
 * @throws AssayError runtime-failed; bundle-invalid, also where a score needs an output that the purifier lacks
 */
export async function purifierPasses(manifest: BundleManifest, purifier: Session, x: Float32Array, need: Need | undefined): Promise<Passes> {
  if (need === 'embedding' && !purifier.outputNames.includes(embeddingOutput))
    throw new AssayError('bundle-invalid', `The detector of ${manifest.id} looks at an output that its purifier lacks; calibrate it again.`, { bundle: manifest.id })
  const count = (x.length / (manifest.input.channels * manifest.input.height * manifest.input.width)) | 0
  const row = (values: Float32Array, image: number): Float32Array => values.slice((image * values.length) / count, ((image + 1) * values.length) / count)
  const first = await pass(manifest, purifier, x)
  const second = need && (await pass(manifest, purifier, first.image))
  return {
    purified: first.image,
    of: (image) => ({
      input: row(x, image),
      purified: row(first.image, image),
      ...(second && { again: row(second.image, image) }),
      ...(second && need === 'embedding' && { embedding: row(first.embedding, image), embeddingPurified: row(second.embedding, image) }),
    }),
  }
}

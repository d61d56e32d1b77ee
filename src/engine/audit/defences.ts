/**
 * What stands before the classifier: the bundle's purifier, the purifiers of other bundles, and the simple filters that a
 * purifier has to be better than.
 */
import type { BundleManifest } from '../../shared/bundle'
import type { Defence } from '../../shared/audit'
import { AssayError } from '../../shared/errors'
import type { ProviderChoice } from '../../shared/types'
import { createImageSession } from '../bundle/image-session'
import type { LoadedBundle } from '../bundle/load'
import { interleavePlanes, quantize } from '../image/encode'
import { median3 } from '../image/filter'
import { encodeJpeg } from '../image/jpeg/encode'
import { decodeJpeg } from '../image/jpeg/libjpeg-turbo'
import type { Session } from '../runtime/session'
import { purifierPasses, purify } from '../screening/purify'
import type { Passes } from '../screening/purify'
import type { Need } from '../screening/scores/score'

const jpegQuality = 75
const squeezedBits = 5

type Input = BundleManifest['input']
/** Images in, as many images out, [count, channels, height, width] in [0, 1]. */
type Filter = (x: Float32Array, input: Input) => Promise<Float32Array>

const planewise = (x: Float32Array, size: number, filter: (plane: Float32Array) => Float32Array): Float32Array => {
  const out = new Float32Array(x.length)
  for (let start = 0; start < x.length; start += size) out.set(filter(x.subarray(start, start + size)), start)
  return out
}

async function throughJpeg(x: Float32Array, { channels, height, width }: Input): Promise<Float32Array> {
  const size = channels * height * width
  const out = new Float32Array(x.length)
  for (let start = 0; start < x.length; start += size) {
    const data = quantize(interleavePlanes(x.subarray(start, start + size), channels), 8)
    const decoded = await decodeJpeg(await encodeJpeg({ width, height, samples: channels, data }, jpegQuality))
    if (!decoded || decoded.pixels.length < size) throw new AssayError('internal', 'A JPEG that Assay wrote could not be read again; this is a defect of Assay.')
    for (let i = 0; i < size; i++) out[start + (i % channels) * height * width + Math.floor(i / channels)] = decoded.pixels[i]! / 255
  }
  return out
}

const levels = 2 ** squeezedBits - 1

const filters: Record<'none' | 'median' | 'jpeg' | 'bits', Filter> = {
  none: async (x) => x,
  median: async (x, { height, width }) => planewise(x, height * width, (plane) => median3(plane, width, height)),
  jpeg: throughJpeg,
  bits: async (x) => x.map((v) => Math.round(v * levels) / levels),
}

export interface Defences {
  readonly names: readonly Defence[]
  /** Images as the classifier is given them behind a defence. */
  apply(defence: Defence, x: Float32Array): Promise<Float32Array>
  /** What the bundle's own purifier makes of images, with all that scores of that need look at; undefined without one. */
  passes(x: Float32Array, need: Need | undefined): Promise<Passes> | undefined
  release(): Promise<void>
}

/** A bundle to compare with by its id, with some of its purifier's hash where another one has that id. */
export function comparedName({ manifest }: LoadedBundle, compare: readonly LoadedBundle[]): Defence {
  const { id, purifier } = manifest
  const namesakes = compare.filter((other) => other.manifest.id === id)
  return namesakes.length > 1 ? `bundle:${id}-${purifier!.sha256.slice(0, 6)}` : `bundle:${id}`
}

/** Names in the order of the columns. */
export const defenceNames = (bundle: LoadedBundle, baselines: readonly ('median' | 'jpeg' | 'bits')[], compare: readonly LoadedBundle[]): Defence[] => [
  'none',
  ...(bundle.purifier ? (['purifier'] as const) : []),
  ...baselines,
  ...compare.map((other) => comparedName(other, compare)),
]

/** @throws AssayError `invalid-arguments` for a bundle that has no purifier, one for other images, or stands there twice */
export function assertComparable(bundle: LoadedBundle, compare: readonly LoadedBundle[]): void {
  const { width, height, channels } = bundle.manifest.input
  for (const { manifest, purifier } of compare) {
    if (!purifier) throw new AssayError('invalid-arguments', `The bundle ${manifest.id} has no purifier to compare with; leave it out.`, { bundle: manifest.id })
    const other = manifest.input
    if (other.width !== width || other.height !== height || other.channels !== channels)
      throw new AssayError('invalid-arguments', `The purifier of ${manifest.id} is for images of ${other.width} × ${other.height} × ${other.channels}, not ${width} × ${height} × ${channels}; leave it out.`, { bundle: manifest.id })
    if (compare.filter((twin) => twin.manifest.id === manifest.id && twin.manifest.purifier?.sha256 === manifest.purifier?.sha256).length > 1)
      throw new AssayError('invalid-arguments', `The purifier of ${manifest.id} is named twice to compare with; name it once.`, { bundle: manifest.id })
  }
}

export async function openDefences(bundle: LoadedBundle, names: readonly Defence[], compare: readonly LoadedBundle[], provider: ProviderChoice): Promise<Defences> {
  const purifiers = new Map<Defence, { manifest: BundleManifest; session: Session }>()
  const release = async (): Promise<void> => {
    for (const { session } of purifiers.values()) await session.release()
  }
  try {
    for (const name of names) {
      const owner = name === 'purifier' ? bundle : compare.find((other) => name === comparedName(other, compare))
      if (owner?.purifier) purifiers.set(name, { manifest: owner.manifest, session: await createImageSession(owner.purifier, { provider }) })
    }
  } catch (error) {
    await release()
    throw error
  }
  return {
    names,
    async apply(defence, x) {
      const purifier = purifiers.get(defence)
      if (purifier) return purify(purifier.manifest, purifier.session, x)
      return filters[defence as keyof typeof filters](x, bundle.manifest.input)
    },
    passes(x, need) {
      const own = purifiers.get('purifier')
      return own && purifierPasses(own.manifest, own.session, x, need)
    },
    release,
  }
}

/**
 * What is done of the chunk under way, where a chunk takes long: an attack by answers may take minutes for each image.
 * `unfinished.npz` holds the first images of one chunk of one run, and goes when the chunk is whole.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { AttackResult } from '../attacks/attack'
import { writeFileAtomic } from '../bundle/atomic'
import { decodeNpz, encodeNpz } from '../tensor/npz'
import { float32, tensor } from '../tensor/tensor'

export const unfinishedFile = 'unfinished.npz'

/** Attacked images of a chunk, from its first on. */
export interface Part extends AttackResult {
  count: number
  seconds: number
}

const aboutSchema = z.object({ run: z.string(), chunk: z.number(), images: z.array(z.number()), seconds: z.number(), queries: z.array(z.number()).nullable(), brokenBy: z.array(z.string()).nullable() })

export const nothingDone: Part = { adversarial: new Float32Array(0), count: 0, seconds: 0 }

/** Both, one after the other; what only one of them counts is left out. */
export function joined(first: Part, more: Part): Part {
  if (first.count === 0) return more
  const adversarial = new Float32Array(first.adversarial.length + more.adversarial.length)
  adversarial.set(first.adversarial)
  adversarial.set(more.adversarial, first.adversarial.length)
  return {
    adversarial,
    count: first.count + more.count,
    seconds: first.seconds + more.seconds,
    ...(first.queries && more.queries ? { queries: Int32Array.from([...first.queries, ...more.queries]) } : {}),
    ...(first.brokenBy && more.brokenBy ? { brokenBy: [...first.brokenBy, ...more.brokenBy] } : {}),
  }
}

/** Some of the images, or all in another order. @param from the images as they lie, @param to those wanted, as they are to lie */
export function picked({ adversarial, queries, brokenBy, seconds }: Part, from: readonly number[], to: readonly number[]): Part {
  const places = to.map((image) => from.indexOf(image))
  const pixels = adversarial.length / from.length
  const moved = new Float32Array(to.length * pixels)
  places.forEach((place, i) => moved.set(adversarial.subarray(place * pixels, (place + 1) * pixels), i * pixels))
  return { adversarial: moved, count: to.length, seconds, ...(queries ? { queries: Int32Array.from(places, (place) => queries[place]!) } : {}), ...(brokenBy ? { brokenBy: places.map((place) => brokenBy[place]!) } : {}) }
}

/** Best effort: without it a resumed audit begins the chunk anew, and a disk that is full is told of when the chunk is written. */
export async function keepUnfinished(folder: string, run: string, chunk: number, images: Int32Array, { adversarial, count, seconds, queries, brokenBy }: Part): Promise<void> {
  const about: z.infer<typeof aboutSchema> = { run, chunk, images: [...images.subarray(0, count)], seconds, queries: queries ? [...queries] : null, brokenBy: brokenBy ?? null }
  const text = new TextEncoder().encode(JSON.stringify(about))
  const bytes = encodeNpz({ x: float32([count, adversarial.length / count], adversarial), about: tensor('uint8', [text.length], text) }, { compress: true })
  await writeFileAtomic(join(folder, unfinishedFile), bytes).catch(() => undefined)
}

/** Nothing where there is none, or it is of other images or damaged. */
export async function readUnfinished(folder: string, run: string, chunk: number, images: Int32Array): Promise<Part> {
  try {
    const { x, about } = decodeNpz(await readFile(join(folder, unfinishedFile)))
    const { seconds, queries, brokenBy, ...of } = aboutSchema.parse(JSON.parse(new TextDecoder().decode(about!.data as Uint8Array)))
    const count = of.images.length
    if (of.run !== run || of.chunk !== chunk || count > images.length || of.images.some((image, i) => image !== images[i]) || x?.dtype !== 'float32' || x.shape[0] !== count) return nothingDone
    return { adversarial: x.data as Float32Array, count, seconds, ...(queries ? { queries: Int32Array.from(queries) } : {}), ...(brokenBy ? { brokenBy } : {}) }
  } catch {
    return nothingDone
  }
}

export const forgetUnfinished = (folder: string): Promise<void> => rm(join(folder, unfinishedFile), { force: true })

/** Which pictures are found to be the same, on phantoms and copies of them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { findAlike, type AlikeImage } from '../../../src/engine/data-check/alike'
import { lookOf, shrink } from '../../../src/engine/data-check/look'
import { quantize } from '../../../src/engine/image/encode'
import { encodeJpeg } from '../../../src/engine/image/jpeg/encode'
import { decodeImage } from '../../../src/engine/image/decode'
import { resize } from '../../../src/engine/image/resample'
import { makePhantom, phantomKinds } from '../../../src/engine/phantom/phantom'

const side = 96

interface Plane {
  values: Float32Array
  width: number
  height: number
}

const imageOf = ({ values, width, height }: Plane, digest: string, kind = 'training 0'): AlikeImage => ({ look: lookOf(shrink(values, 1, width, height)), digest, kind, blank: false })

/** Saved as a JPEG of this quality and read again. */
async function saved({ values, width, height }: Plane, quality: number): Promise<Plane> {
  const { pixels } = await decodeImage(await encodeJpeg({ width, height, samples: 1, data: quantize(values, 8) }, quality))
  return { values: Float32Array.from(pixels.subarray(0, width * height), (v) => v / 255), width, height }
}

const mirrored = ({ values, width, height }: Plane): Plane => ({ width, height, values: values.map((_, i) => values[i - (i % width) + width - 1 - (i % width)]!) })
const shrunk = ({ values, width, height }: Plane, to: number): Plane => ({ values: resize(values, width, height, to, to), width: to, height: to })

const people: Plane[] = []
const known: AlikeImage[] = []
beforeAll(() => {
  // The same kinds of person, with and without opacities: as alike as different patients are.
  for (let i = 0; i < 32; i++) {
    const { pixels, width, height } = makePhantom({ seed: `alike/${i}`, width: side, height: side, kind: phantomKinds[i % 2]! })
    people.push({ values: pixels, width, height })
    known.push(imageOf(people[i]!, String(i)))
  }
})

describe('pictures of different people', () => {
  it('are not called the same', async () => {
    expect((await findAlike(known)).pairs).toEqual([])
  })
})

describe('a copy of a picture', () => {
  const copies: [string, (plane: Plane) => Plane | Promise<Plane>, boolean][] = [
    ['saved as JPEG of quality 75', (plane) => saved(plane, 75), false],
    ['saved as JPEG of quality 30', (plane) => saved(plane, 30), false],
    ['at half its size', (plane) => shrunk(plane, side / 2), false],
    ['brighter, with less contrast', (plane) => ({ ...plane, values: plane.values.map((v) => 0.8 * v + 0.15) }), false],
    ['with another gamma', (plane) => ({ ...plane, values: plane.values.map((v) => v ** 0.8) }), false],
    ['squeezed', ({ values, width, height }) => ({ values: resize(values, width, height, 80, 70), width: 80, height: 70 }), false],
    ['mirrored', mirrored, true],
    ['mirrored, shrunk and saved as JPEG', (plane) => saved(shrunk(mirrored(plane), 80), 60), true],
  ]

  it.each(copies)('%s is found among others', async (_, copy, isMirrored) => {
    const images = [...known]
    for (const i of [3, 20]) images.push(imageOf(await copy(people[i]!), `copy of ${i}`))
    expect((await findAlike(images)).pairs).toEqual([
      { a: 3, b: 32, exact: false, mirrored: isMirrored },
      { a: 20, b: 33, exact: false, mirrored: isMirrored },
    ])
  })

  it('is found in a set of two pictures, where there is no mean to take off', async () => {
    const images = [imageOf(people[0]!, 'a'), imageOf(await saved(people[0]!, 50), 'b'), imageOf(people[1]!, 'c')]
    expect((await findAlike(images)).pairs).toEqual([{ a: 0, b: 1, exact: false, mirrored: false }])
  })

  it('pixel by pixel is told from a near one, and each part and class is compared with each', async () => {
    const at = (kind: string) => imageOf(people[0]!, 'same', kind)
    const images = [at('training 0'), at('training 0'), at('test 0'), at('test 0'), at('training 1'), imageOf(people[1]!, 'other')]
    const { pairs } = await findAlike(images)
    expect(pairs.every(({ exact }) => exact)).toBe(true)
    expect(pairs.map(({ a, b }) => `${a}${b}`).sort()).toEqual(['01', '02', '03', '04', '23', '24'])
  })
})

it('pictures of one colour are compared pixel by pixel alone', async () => {
  const grey = (v: number): AlikeImage => ({ ...imageOf({ values: new Float32Array(side * side).fill(v), width: side, height: side }, String(v)), blank: true })
  expect((await findAlike([grey(0.1), grey(0.2), grey(0.2)])).pairs).toEqual([{ a: 1, b: 2, exact: true, mirrored: false }])
})

it('stops when it is cancelled', async () => {
  const stop = new AbortController()
  const look = imageOf(people[0]!, '').look
  const many = Array.from({ length: 6000 }, (_, i): AlikeImage => ({ look: { ...look, hash: look.hash.map((v) => v ^ Math.imul(i + 1, 0x9e3779b1)) }, digest: String(i), kind: '', blank: false }))
  setTimeout(() => stop.abort(), 5)
  await expect(findAlike(many, stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
})

// Were the list copied for each, this would not end within the time that a test has.
it('goes through very many copies of one picture', async () => {
  const { look } = imageOf(people[0]!, '')
  const many = Array.from({ length: 60_000 }, (): AlikeImage => ({ look, digest: 'same', kind: 'training 0', blank: false }))
  expect((await findAlike(many)).pairs).toHaveLength(59_999)
})

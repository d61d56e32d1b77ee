/**
 * Every compressed syntax against a decoder that others wrote: on pictures of the test's own, compressed by dcmjs-codecs
 * and read as whole files of two frames, and on the collection's files.
 */
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../../src/engine/image/decode'
import { decode, encode, type Family } from '../codecs/dcmjs-codecs'
import { decodeWithJxlOxide } from '../codecs/jxl-oxide'
import { bytesOf, describePhantom, kinds, phantom, titleOf, type Kind } from '../codecs/phantoms'
import { collection, folder, present, readStoredFile } from './collection'
import { compressedFile, evenLength, sequence } from './encapsulate'
import { decodeBySecond } from './second-decoder'

interface Coding {
  name: string
  syntax: string
  family: Family
  parameters: object
  /** Grey levels that the decoded picture may be from the original; of pictures of 8 bits. Not given: none. */
  loss?: number
  takes?: (kind: Kind) => boolean
  /** Grey levels that two decoders may be apart, where the standard leaves the rounding to them. */
  tolerance?: number
}
const grey = ({ samples }: Kind) => samples === 1
const eightBits = ({ bitsAllocated }: Kind) => bitsAllocated === 8
const greyOrEightBits = (kind: Kind) => grey(kind) || eightBits(kind)

const codings: Coding[] = [
  { name: 'RLE', syntax: '5', family: 'Rle', parameters: {} },
  { name: 'JPEG baseline', syntax: '4.50', family: 'Jpeg', parameters: { lossy: true, quality: 95 }, loss: 12, takes: (kind) => eightBits(kind) && grey(kind) },
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (predictor): Coding => ({
      name: `JPEG lossless, predictor ${predictor}`,
      syntax: predictor === 1 ? '4.70' : '4.57',
      family: 'Jpeg',
      parameters: { lossy: false, predictor },
      // The encoder cuts signed samples of fewer bits short.
      takes: ({ bitsAllocated, bitsStored, signed }) => !signed || bitsAllocated === bitsStored,
    }),
  ),
  { name: 'JPEG-LS', syntax: '4.80', family: 'JpegLs', parameters: { lossy: false } },
  { name: 'JPEG-LS near 3', syntax: '4.81', family: 'JpegLs', parameters: { lossy: true, allowedLossyError: 3 }, loss: 3, takes: ({ signed }) => !signed },
  { name: 'JPEG 2000', syntax: '4.90', family: 'Jpeg2000', parameters: { lossy: false }, takes: greyOrEightBits },
  { name: 'JPEG 2000 without colour transform', syntax: '4.90', family: 'Jpeg2000', parameters: { lossy: false, allowMct: 0 }, takes: greyOrEightBits },
  { name: 'JPEG 2000 lossy', syntax: '4.91', family: 'Jpeg2000', parameters: { lossy: true, rate: 5 }, loss: 40, takes: eightBits },
  { name: 'HTJ2K', syntax: '4.201', family: 'HtJpeg2000', parameters: { lossy: false }, takes: greyOrEightBits },
  { name: 'HTJ2K RPCL', syntax: '4.202', family: 'HtJpeg2000', parameters: { lossy: false, progressionOrder: 2 }, takes: greyOrEightBits },
  { name: 'HTJ2K lossy', syntax: '4.203', family: 'HtJpeg2000', parameters: { lossy: true }, loss: 5, takes: eightBits, tolerance: 1 },
  { name: 'JPEG XL', syntax: '4.110', family: 'JpegXl', parameters: { lossy: false } },
  { name: 'JPEG XL lossy', syntax: '4.112', family: 'JpegXl', parameters: { lossy: true }, loss: 80, takes: eightBits },
]

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let largest = 0
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

describe.each(codings)('$name', ({ syntax, family, parameters, loss, takes, tolerance }) => {
  test.each(kinds.filter((kind) => takes?.(kind) ?? true).map((kind) => [titleOf(kind), kind] as const))('%s: two frames', async (_, kind) => {
    const d = describePhantom(kind)
    const originals = [phantom(d), phantom(d, 1)]
    const frames = await Promise.all(originals.map((original) => encode(family, bytesOf(original), d, parameters)))
    const pixels = { rows: d.rows, columns: d.columns, samples: d.samples, photometric: d.photometric, allocated: d.bitsAllocated, stored: d.bitsStored, signed: d.signed, frames: '2', planar: 0 }
    const image = await openImage(compressedFile(`1.2.840.10008.1.2.${syntax}`, pixels, sequence(frames.map(evenLength))), 'x.dcm')
    const ours = await image.stored()
    expect(ours).toMatchObject({ width: d.columns, height: d.rows, frames: 2, samples: d.samples })

    const all = originals.flatMap((original) => [...original])
    expect(ours.pixels.length).toBe(all.length)
    expect(largestDifference(ours.pixels, all)).toBeLessThanOrEqual(loss ?? 0)

    const theirs: number[] = []
    for (const frame of frames) {
      const bytes = new Uint8Array(await decode(family, frame, d))
      theirs.push(...(d.bitsAllocated === 8 ? bytes : d.signed ? new Int16Array(bytes.buffer) : new Uint16Array(bytes.buffer)))
    }
    expect(largestDifference(ours.pixels, theirs)).toBeLessThanOrEqual(tolerance ?? 0)

    // jxl-oxide's package cannot write grey that comes from XYB.
    if (family === 'JpegXl' && (loss === undefined || d.samples === 3)) {
      const { data } = decodeWithJxlOxide(frames[0]!)
      const oxide = d.signed ? Int16Array.from(data) : data
      expect(largestDifference(ours.pixels, oxide)).toBeLessThanOrEqual(loss === undefined ? 0 : 1)
    }
  })
})

/** Files that one of the two does not decode; reference.test.ts says why. */
const unlike = new Set([
  'fo-dicom__genFile.dcm',
  'pydicom__JPEG2000-embedded-sequence-delimiter.dcm',
  'pydicom__UN_sequence.dcm',
  'pydicom-data__liver_nonbyte_aligned_rle.dcm',
  'dcmjs__sample-op.dcm', // jpeg-lossless-decoder-js errs; Assay has DCMTK's pixels
])
if (!present) console.log(`SKIPPED: ${folder} is not here, so decoders are compared on the test's own pictures only.`)
describe.skipIf(!present)('files of the collection', () => {
  // The largest, and those without lossless siblings, are compared in reference.test.ts.
  const small = collection.filter(({ file, syntax, bytes }) => /^(5|4\.)/.test(syntax) && bytes < 300_000 && !unlike.has(file))
  test.each(small.map(({ file }) => file))('%s', async (file) => {
    const second = await decodeBySecond(file)
    if (!second) throw new Error('no second decoder')
    const ours = await readStoredFile(file, second.frames, 'frame')
    expect(ours.pixels.length).toBe(second.pixels.length)
    expect(largestDifference(ours.pixels, second.pixels)).toBeLessThanOrEqual(second.tolerance)
  })
})

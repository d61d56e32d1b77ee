/**
 * How fast compressed DICOM is decoded, syntax by syntax, and by DCMTK where it is installed and can.
 *
 * For each syntax the largest frames of ../shared/data/dicom (or, where that is absent, of a picture that the benchmark
 * compresses itself) are repeated in a file of several million pixels, which both read. Assay's time is reading the file,
 * finding its frames and decoding all of them, in this process, on one thread. DCMTK's is that of its program, which also
 * writes the result, less that of the same program on a file of one small frame. Both take turns, and the fastest of
 * their rounds counts, since other work on the machine only ever adds.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pixelElement } from '../src/engine/image/dicom/data-set'
import { frameReader, readItems } from '../src/engine/image/dicom/fragments'
import type { PixelDescription } from '../src/engine/image/dicom/pixel-description'
import { openDicom } from '../src/engine/image/dicom/read'
import { transferSyntaxes } from '../src/engine/image/dicom/transfer-syntaxes'
import { encode, type Family } from '../test/engine/image/codecs/dcmjs-codecs'
import { bytesOf, describePhantom, phantom } from '../test/engine/image/codecs/phantoms'
import { collection, folder, load, present } from '../test/engine/image/dicom/collection'
import { compressedFile, evenLength, offsetsOf, sequence } from '../test/engine/image/dicom/encapsulate'

const prefix = '1.2.840.10008.1.2.'
const framesPerSyntax = 2
const rounds = 5
const pixelsPerFile = 8_000_000

const programs: [syntaxes: RegExp, command: string[]][] = [
  [/^4\.(5\d|70)$/, ['dcmdjpeg', '+cn']],
  [/^4\.8[01]$/, ['dcmdjpls']],
  [/^5$/, ['dcmdrle']],
]

interface Sample {
  syntax: string
  description: PixelDescription
  frame: Uint8Array
}

export default async function run(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  try {
    if (!present) console.log(`SKIPPED: ${folder} is not here; a picture of 512 × 512 is compressed instead`)
    const withDcmtk = spawnSync('dcmdjpeg', ['--version']).status === 0
    if (!withDcmtk) console.log('SKIPPED: DCMTK is not installed, so that there are no ratios')
    console.log(`${'transfer syntax, picture'.padEnd(66)} images/s  Mpixel/s${withDcmtk ? '   DCMTK images/s   Assay : DCMTK' : ''}`)
    for (const sample of present ? await fromCollection() : await fromPhantoms()) await measure(sample, withDcmtk, work)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function write(path: string, { syntax, description: d, frame }: Sample, frames: number): void {
  const fragments = Array<Uint8Array>(frames).fill(evenLength(frame))
  const offsets = offsetsOf(fragments, fragments.map((_, i) => i))
  const pixels = { rows: d.rows, columns: d.columns, samples: d.samples, photometric: d.photometric, allocated: d.bitsAllocated, stored: d.bitsStored, highBit: d.highBit, signed: d.signed }
  writeFileSync(path, compressedFile(prefix + syntax, { ...pixels, frames: String(frames), ...(d.samples === 3 && { planar: 0 }) }, sequence(fragments, offsets)))
}

async function secondsOfAssay(path: string): Promise<number> {
  const begin = performance.now()
  const { description, frame } = await openDicom(readFileSync(path), path)
  for (let i = 0; i < description.frames; i++) await frame(i)
  return (performance.now() - begin) / 1000
}

function secondsOf([program, ...options]: string[], path: string, output: string): number {
  const begin = performance.now()
  execFileSync(program!, [...options, path, output], { stdio: 'ignore' })
  return (performance.now() - begin) / 1000
}

async function measure(sample: Sample, withDcmtk: boolean, work: string): Promise<void> {
  const { syntax, description: d } = sample
  const [many, one, output] = ['many.dcm', 'one.dcm', 'out.dcm'].map((file) => join(work, file)) as [string, string, string]
  const pixels = d.rows * d.columns
  const frames = Math.max(2, Math.ceil(pixelsPerFile / pixels))
  write(many, sample, frames)
  write(one, sample, 1)
  const command = withDcmtk ? programs.find(([syntaxes]) => syntaxes.test(syntax))?.[1] : undefined
  const ours: number[] = []
  const theirs: number[] = []
  const starts: number[] = []
  await secondsOfAssay(one)
  for (let round = 0; round < rounds; round++) {
    ours.push(await secondsOfAssay(many))
    if (!command) continue
    theirs.push(secondsOf(command, many, output))
    starts.push(secondsOf(command, one, output))
  }
  const ourRate = frames / Math.min(...ours)
  const title = `${transferSyntaxes[prefix + syntax]!.name.replace(/, Non-Hierarchical/, '').slice(0, 40)}, ${d.columns} × ${d.rows}${d.samples === 3 ? ' colour' : ''}, ${d.bitsStored} bits`
  // One frame is in both of DCMTK's times.
  const theirRate = command ? (frames - 1) / (Math.min(...theirs) - Math.min(...starts)) : 0
  const compared = command ? `${theirRate.toFixed(1).padStart(17)} ${(ourRate / theirRate).toFixed(2).padStart(15)}` : ''
  console.log(`${title.padEnd(66)} ${ourRate.toFixed(1).padStart(8)} ${((ourRate * pixels) / 1e6).toFixed(1).padStart(9)}${compared}`)
}

/** The largest frames of each syntax. */
async function fromCollection(): Promise<Sample[]> {
  const samples: Sample[] = []
  const sorted = [...collection].filter(({ syntax }) => /^(5|8\.1|4\.\d+)$/.test(syntax)).sort((a, b) => Number(a.syntax) - Number(b.syntax) || b.framePixels - a.framePixels)
  for (const { file, syntax } of sorted) {
    if (samples.filter((sample) => sample.syntax === syntax).length === framesPerSyntax) continue
    try {
      const { description, dataSet, bytes, frame } = await openDicom(load(file), file)
      await frame(0)
      const at = pixelElement(dataSet)!.element.dataOffset
      const { startsFrame } = transferSyntaxes[prefix + syntax]!
      samples.push({ syntax, description, frame: frameReader(bytes, readItems(bytes, at, bytes.length, file), { frames: description.frames, startsFrame, name: file })(0) })
    } catch {
      // What cannot be decoded takes no time.
    }
  }
  return samples
}

async function fromPhantoms(): Promise<Sample[]> {
  const grey = describePhantom({ bitsAllocated: 16, bitsStored: 12, samples: 1, signed: false }, 512, 512)
  const narrow = describePhantom({ bitsAllocated: 8, bitsStored: 8, samples: 1, signed: false }, 512, 512)
  const codings: [string, Family, object, PixelDescription][] = [
    ['4.50', 'Jpeg', { lossy: true }, narrow],
    ['4.70', 'Jpeg', { lossy: false }, grey],
    ['4.80', 'JpegLs', { lossy: false }, grey],
    ['4.90', 'Jpeg2000', { lossy: false }, grey],
    ['4.110', 'JpegXl', { lossy: false }, grey],
    ['4.201', 'HtJpeg2000', { lossy: false }, grey],
    ['5', 'Rle', {}, grey],
  ]
  return Promise.all(codings.map(async ([syntax, family, parameters, description]) => ({ syntax, description, frame: await encode(family, bytesOf(phantom(description)), description, parameters) })))
}

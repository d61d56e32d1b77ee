/**
 * Whole files to mutate: small pictures of every kind, NIfTI volumes, DICOM in every transfer syntax that there is an
 * encoder for, and the reference files where they are on this machine.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import dcmjsCodecs from 'dcmjs-codecs'
import { writeDicom } from '../../src/engine/image/dicom/write'
import { haveShared, sharedData } from '../support/shared-data'
import { smallPictures } from './small-pictures'

export interface Seed {
  name: string
  bytes: Uint8Array
}

const side = { width: 40, height: 24 }
const ramp = Array.from({ length: side.width * side.height }, (_, i) => ((i % side.width) * 6 + Math.floor(i / side.width) * 9) % 256)

const base = { kind: 'secondary-capture', modality: 'OT', ...side, seed: 'fuzz', windows: [{ center: 500, width: 900 }], spacing: { row: 0.5, column: 0.5 } } as const
const grey8 = (): Uint8Array => writeDicom({ ...base, pixels: Uint8Array.from(ramp) })
const grey16 = (): Uint8Array => writeDicom({ ...base, pixels: Uint16Array.from(ramp, (v) => v * 16), bitsStored: 12, rescale: { slope: 2, intercept: -1024, type: 'HU' } })
const signed16 = (): Uint8Array => writeDicom({ ...base, pixels: Int16Array.from(ramp, (v) => v * 100 - 9000), rescale: { slope: 1, intercept: 0 } })
const colour = (): Uint8Array => writeDicom({ ...base, samples: 3, photometric: 'RGB', pixels: Uint8Array.from({ length: ramp.length * 3 }, (_, i) => (ramp[Math.floor(i / 3)]! * (1 + (i % 3))) % 256) })

const compressedSyntaxes = {
  implicit: '1.2.840.10008.1.2',
  'big-endian': '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  'jpeg-baseline': '1.2.840.10008.1.2.4.50',
  'jpeg-lossless': '1.2.840.10008.1.2.4.70',
  'jpeg-ls': '1.2.840.10008.1.2.4.80',
  'jpeg-ls-near': '1.2.840.10008.1.2.4.81',
  'jpeg-2000-lossless': '1.2.840.10008.1.2.4.90',
  'jpeg-2000': '1.2.840.10008.1.2.4.91',
  'jpeg-xl-lossless': '1.2.840.10008.1.2.4.110',
  'jpeg-xl': '1.2.840.10008.1.2.4.112',
  'htj2k-lossless': '1.2.840.10008.1.2.4.201',
  'htj2k-rpcl': '1.2.840.10008.1.2.4.202',
  htj2k: '1.2.840.10008.1.2.4.203',
} as const

interface Codecs {
  NativeCodecs: { initializeAsync(options?: object): Promise<void> }
  Transcoder: new (bytes: ArrayBuffer) => { transcode(syntax: string, parameters?: object): void; getDicomPart10(): ArrayBuffer }
}

async function dicomSeeds(): Promise<Seed[]> {
  const { NativeCodecs, Transcoder } = dcmjsCodecs as unknown as Codecs
  await NativeCodecs.initializeAsync()
  const kinds = { grey8: grey8(), grey16: grey16(), signed16: signed16(), colour: colour() }
  const seeds: Seed[] = Object.entries(kinds).map(([name, bytes]) => ({ name: `explicit-${name}.dcm`, bytes }))
  for (const [syntax, uid] of Object.entries(compressedSyntaxes))
    for (const [kind, bytes] of Object.entries(kinds)) {
      // Baseline JPEG takes 8 bits, and nobody needs every kind in every syntax.
      if (syntax === 'jpeg-baseline' && !['grey8', 'colour'].includes(kind)) continue
      try {
        const transcoder = new Transcoder(new Uint8Array(bytes).buffer)
        transcoder.transcode(uid)
        seeds.push({ name: `${syntax}-${kind}.dcm`, bytes: new Uint8Array(transcoder.getDicomPart10()) })
      } catch {
        // The encoder does not take this kind of pixels.
      }
    }
  seeds.push({ name: 'deflated.dcm', bytes: deflated(grey16()) })
  return seeds
}

/** The data set after group 0002 deflated, and the transfer syntax that says so. */
export function deflated(file: Uint8Array): Uint8Array {
  const text = Buffer.from(file).toString('latin1')
  const plain = '1.2.840.10008.1.2.1\0'
  const at = text.indexOf(plain)
  const groupLength = Buffer.from(file).readUInt32LE(140)
  const end = 144 + groupLength
  const uid = Buffer.from('1.2.840.10008.1.2.1.99')
  const meta = Buffer.concat([file.subarray(0, at), uid, file.subarray(at + plain.length, end)])
  meta.writeUInt16LE(uid.length, at - 2)
  meta.writeUInt32LE(groupLength + uid.length - plain.length, 140)
  return new Uint8Array(Buffer.concat([meta, deflateRawSync(file.subarray(end))]))
}

/** NIfTI-1 single files: 348 bytes of header, 4 of extension flag, then the voxels. */
export function nifti(shape: readonly number[], datatype: 2 | 4 | 16 | 512, bits: 8 | 16 | 32): Uint8Array {
  const voxels = shape.reduce((product, n) => product * n, 1)
  const file = Buffer.alloc(352 + (voxels * bits) / 8)
  file.writeInt32LE(348, 0)
  ;[shape.length, ...shape, 1, 1, 1, 1, 1, 1].slice(0, 8).forEach((n, i) => file.writeInt16LE(n, 40 + 2 * i))
  file.writeInt16LE(datatype, 70)
  file.writeInt16LE(bits, 72)
  for (let i = 0; i < 8; i++) file.writeFloatLE(1, 76 + 4 * i)
  file.writeFloatLE(352, 108)
  file.writeFloatLE(1, 112)
  file.write('n+1\0', 344, 'latin1')
  for (let i = 0; i < voxels; i++) {
    const at = 352 + (i * bits) / 8
    if (datatype === 16) file.writeFloatLE(Math.sin(i), at)
    else if (bits === 8) file[at] = i % 251
    else file.writeUInt16LE((i * 7) % 32768, at)
  }
  return new Uint8Array(file)
}

function niftiSeeds(): Seed[] {
  const volumes = { 'bytes.nii': nifti([12, 10, 6], 2, 8), 'shorts.nii': nifti([12, 10, 6], 4, 16), 'floats.nii': nifti([8, 6, 5, 2], 16, 32), 'words.nii': nifti([12, 10], 512, 16) }
  return [
    ...Object.entries(volumes).map(([name, bytes]) => ({ name, bytes })),
    ...Object.entries(volumes).map(([name, bytes]) => ({ name: `${name}.gz`, bytes: new Uint8Array(gzipSync(bytes)) })),
  ]
}

/** Larger ones cost the run more time than they show. */
const largestReference = 1.2 * 2 ** 20

function referenceSeeds(): Seed[] {
  if (!haveShared('dicom')) return []
  const folder = join(sharedData, 'dicom')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dcm'))
    .sort()
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }))
    .filter(({ bytes }) => bytes.length <= largestReference)
}

/** @param references with the files of ../shared/data/dicom, where they are */
export async function makeSeeds({ references }: { references: boolean }): Promise<Seed[]> {
  return [...smallPictures, ...niftiSeeds(), ...(await dicomSeeds()), ...(references ? referenceSeeds() : [])]
}

/**
 * The bytes of a NIfTI file, gzip taken off: a bounded look at the beginning first, and the rest never beyond what the
 * header accounts for.
 */
import { promisify } from 'node:util'
import { constants, gunzip, gunzipSync } from 'node:zlib'
import { AssayError } from '../../../shared/errors'
import { checkSize, corrupt, truncated } from '../errors'
import type { NiftiHeader } from './header'
import { niftiHeaderBytes, readNiftiHeader, recogniseNifti } from './header'
import { neededBytes, samplesOf } from './voxels'

const unzip = promisify(gunzip)

/** So much of the compressed file is unpacked to see what is inside, less where damage follows; it cannot become more than some four megabytes. */
const looks = [4096, 1024, 512, 256]
/** Bytes after the voxels that a file may have. */
const tolerated = 2 ** 20
const maximumBytes = 2 ** 30

export const isGzip = (bytes: Uint8Array): boolean => bytes.length > 10 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8

/** The first bytes of a file, unpacked where it is gzip; empty where that fails. */
export function beginning(bytes: Uint8Array): Uint8Array {
  if (!isGzip(bytes)) return bytes.subarray(0, niftiHeaderBytes)
  for (const look of looks)
    try {
      // Without the checksum at the end, which is looked at when all is unpacked.
      const start = bytes.subarray(0, Math.min(look, bytes.length - 8))
      return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: look * 1040 }).subarray(0, niftiHeaderBytes)
    } catch {
      continue
    }
  return new Uint8Array(0)
}

export const looksLikeNifti = (bytes: Uint8Array): boolean => recogniseNifti(beginning(bytes)) !== undefined

/** @throws AssayError `image-truncated`, `image-corrupt`, `image-too-large`, `image-unsupported` */
export async function openNifti(bytes: Uint8Array, name: string): Promise<{ header: NiftiHeader; bytes: Uint8Array; compressed: boolean }> {
  const header = readNiftiHeader(beginning(bytes), name)
  const { size, volumes, type } = header
  // Rows × columns × the rest, as pictures are counted elsewhere.
  checkSize(name, { width: size[0], height: size[1], frames: size[2] * volumes, samples: samplesOf(type) })
  const needed = neededBytes(header)
  if (needed > maximumBytes) throw new AssayError('image-too-large', `${name} declares ${Math.round(needed / 2 ** 20)} MiB of voxels, more than Assay takes at once; crop or split it.`, { path: name })
  const compressed = isGzip(bytes)
  const unpacked = compressed ? await unpack(bytes, needed, name) : bytes
  if (unpacked.length < needed) throw truncated(name, `it holds ${unpacked.length} of the ${needed} bytes that its ${size.join(' × ')} voxels${volumes > 1 ? ` in ${volumes} volumes` : ''} need`)
  return { header, bytes: unpacked, compressed }
}

async function unpack(bytes: Uint8Array, needed: number, name: string): Promise<Uint8Array> {
  // Deflate cannot pack more than 1032 to 1.
  if (bytes.length * 1032 < needed) throw truncated(name, 'its compressed data cannot hold as many voxels as its header says')
  try {
    return await unzip(bytes, { maxOutputLength: needed + tolerated })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'Z_BUF_ERROR') throw truncated(name, 'its compressed data stops early')
    if (code === 'ERR_BUFFER_TOO_LARGE') throw corrupt(name, 'it unpacks to more than its header accounts for')
    throw corrupt(name, 'its compressed data cannot be unpacked', {}, cause)
  }
}

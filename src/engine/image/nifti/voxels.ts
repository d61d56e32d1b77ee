/**
 * NIfTI voxels as typed arrays, in the file's order (i fastest), and slices cut out of them.
 */
import { hostIsLittleEndian, swap } from '../byte-order'
import type { StoredPixels } from '../decoded-image'
import { unsupported } from '../errors'
import type { NiftiHeader, NiftiType } from './header'
import { niftiTypeBytes } from './header'

export type Voxels = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array | BigUint64Array | BigInt64Array

const arrays = {
  uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array, int32: Int32Array, uint64: BigUint64Array, int64: BigInt64Array,
  float32: Float32Array, float64: Float64Array, rgb24: Uint8Array, rgba32: Uint8Array,
} as const satisfies Record<NiftiType, unknown>

/** Samples of one voxel. */
export const samplesOf = (type: NiftiType): 1 | 3 | 4 => (type === 'rgb24' ? 3 : type === 'rgba32' ? 4 : 1)

export const voxelCount = ({ size, volumes }: NiftiHeader): number => size[0] * size[1] * size[2] * volumes

/** Bytes of the whole file, unpacked. */
export const neededBytes = (header: NiftiHeader): number => header.offset + voxelCount(header) * niftiTypeBytes[header.type]

/** @param bytes the unpacked file, at least as long as `neededBytes`. A view where it can be one. */
export function voxelsOf(bytes: Uint8Array, header: NiftiHeader): Voxels {
  const { type, offset, littleEndian } = header
  const count = voxelCount(header) * samplesOf(type)
  const array = arrays[type]
  const unit = array.BYTES_PER_ELEMENT
  const turn = unit > 1 && littleEndian !== hostIsLittleEndian
  if (!turn && (bytes.byteOffset + offset) % unit === 0) return new array(bytes.buffer as ArrayBuffer, bytes.byteOffset + offset, count)
  const copy = Buffer.from(new Uint8Array(bytes.subarray(offset, offset + count * unit)).buffer)
  if (turn) swap(copy, unit)
  return new array(copy.buffer as ArrayBuffer, copy.byteOffset, count)
}

/** The array that pixels come in: signed bytes as Int16Array, whole numbers of 64 bits as 32, doubles as floats. */
export function pixelArray(type: NiftiType, length: number): StoredPixels {
  switch (type) {
    case 'uint8':
    case 'rgb24':
    case 'rgba32':
      return new Uint8Array(length)
    case 'int8':
    case 'int16':
      return new Int16Array(length)
    case 'uint16':
      return new Uint16Array(length)
    case 'uint32':
    case 'uint64':
      return new Uint32Array(length)
    case 'int32':
    case 'int64':
      return new Int32Array(length)
    case 'float32':
    case 'float64':
      return new Float32Array(length)
  }
}

/** Significant bits of the pixels that `pixelArray` holds. */
export const bitsOf = (type: NiftiType): number => (type === 'int8' ? 8 : pixelArray(type, 0).BYTES_PER_ELEMENT * 8)

export interface Cut {
  first: number
  columns: number
  rows: number
  columnStep: number
  rowStep: number
}

/**
 * One slice, [rows, columns, kept samples]; steps and the first voxel count voxels.
 * @throws AssayError `image-unsupported` for 64-bit numbers that 32 bits cannot hold
 */
export function cutSlice(voxels: Voxels, type: NiftiType, kept: 1 | 3, { first, columns, rows, columnStep, rowStep }: Cut, name: string): StoredPixels {
  const samples = samplesOf(type)
  const out = pixelArray(type, columns * rows * kept)
  const wide = type === 'int64' || type === 'uint64'
  let to = 0
  for (let row = 0; row < rows; row++)
    for (let column = 0, from = (first + row * rowStep) * samples; column < columns; column++, from += columnStep * samples)
      for (let sample = 0; sample < kept; sample++, to++) {
        const value = Number(voxels[from + sample]!)
        out[to] = value
        if (wide && out[to] !== value) throw tooWide(name)
      }
  return out
}

/** All voxels in stored order. @throws AssayError like cutSlice */
export function allVoxels(voxels: Voxels, type: NiftiType, name: string): StoredPixels {
  const out = pixelArray(type, voxels.length)
  if (voxels instanceof BigInt64Array || voxels instanceof BigUint64Array) {
    for (let i = 0; i < voxels.length; i++) {
      const value = Number(voxels[i]!)
      out[i] = value
      if (out[i] !== value) throw tooWide(name)
    }
  } else out.set(voxels)
  return out
}

const tooWide = (name: string) => unsupported(name, 'whole numbers of more than 32 bits')

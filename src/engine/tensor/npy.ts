/**
 * NumPy's .npy files, so that every array Assay writes can be opened in Python and the other way round.
 * Format: NEP 1 and `numpy.lib.format`, header versions 1.0, 2.0 and 3.0.
 */
import { AssayError } from '../../shared/errors'
import type { DType, Shape, Tensor } from './tensor'
import { bytesOf, bytesPerElement, fromBytes, sizeOf } from './tensor'

/** NumPy type codes without the byte-order mark. */
const dtypeOfCode: Record<string, DType> = {
  f4: 'float32',
  f8: 'float64',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  b1: 'bool',
}
const codeOfDType = Object.fromEntries(Object.entries(dtypeOfCode).map(([code, dtype]) => [dtype, code])) as Record<DType, string>

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY

const invalid = (name: string, why: string) =>
  new AssayError('data-set-invalid', `${name} cannot be read as a NumPy array: ${why}.`, { path: name })

/**
 * Reads one array. Fortran-ordered and big-endian arrays come out in C order, little endian.
 * The result may be a view into `bytes`.
 * @param name what to call the array in errors.
 * @throws AssayError `data-set-invalid`.
 */
export function decodeNpy(bytes: Uint8Array, name = 'The file'): Tensor {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) throw invalid(name, 'it does not begin like one')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]!
  if (version < 1 || version > 3) throw invalid(name, `its header version ${version} is not known`)
  const lengthBytes = version === 1 ? 2 : 4
  if (bytes.length < 8 + lengthBytes) throw invalid(name, 'it ends inside its header')
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const dataOffset = 8 + lengthBytes + headerLength
  if (dataOffset > bytes.length) throw invalid(name, 'it ends inside its header')
  const header = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(8 + lengthBytes, dataOffset))

  const { descr, fortranOrder, shape } = parseHeader(header, name)
  const order = descr[0]!
  const dtype = dtypeOfCode[descr.slice(1)]
  if (!dtype || !'<>|='.includes(order)) throw invalid(name, `arrays of type '${descr}' are not supported`)
  const width = bytesPerElement(dtype)
  const size = sizeOf(shape) * width
  if (!Number.isSafeInteger(size) || bytes.length - dataOffset < size)
    throw invalid(name, `its shape [${shape.join(', ')}] asks for ${size} bytes and ${bytes.length - dataOffset} are there`)
  let data = bytes.subarray(dataOffset, dataOffset + size)
  if (order === '>' && width > 1) data = byteSwapped(data, width)
  if (fortranOrder && shape.length > 1) data = toRowMajor(data, shape, width)
  return fromBytes(dtype, shape, data)
}

/** Writes one array with a version 1.0 header (2.0 where the shape is too long for it), C order, little endian. */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const code = codeOfDType[tensor.dtype]
  const order = bytesPerElement(tensor.dtype) === 1 ? '|' : '<'
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ')
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`
  const version = text.length + 64 < 65536 ? 1 : 2
  const prefix = version === 1 ? 10 : 12
  // NumPy aligns the data to 64 bytes and ends the header with a newline.
  const total = Math.ceil((prefix + text.length + 1) / 64) * 64
  const bytes = new Uint8Array(total + tensor.data.byteLength)
  bytes.set(magic)
  bytes[6] = version
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(8, total - prefix, true)
  else view.setUint32(8, total - prefix, true)
  bytes.set(new TextEncoder().encode(text.padEnd(total - prefix - 1) + '\n'), prefix)
  bytes.set(bytesOf(tensor.data), total)
  return bytes
}

/** The header is a Python dict literal with exactly these three keys, in any order. */
function parseHeader(header: string, name: string): { descr: string; fortranOrder: boolean; shape: Shape } {
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]{2,})['"]/.exec(header)?.[1]
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1]
  const dimensions = /['"]shape['"]\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1]
  if (descr === undefined) throw invalid(name, 'its element type is not a plain number type')
  if (order === undefined || dimensions === undefined) throw invalid(name, 'its header is damaged')
  const shape = dimensions
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map(Number)
  return { descr, fortranOrder: order === 'True', shape }
}

function byteSwapped(data: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i += width) for (let b = 0; b < width; b++) out[i + b] = data[i + width - 1 - b]!
  return out
}

/** Column-major elements put in row-major order. */
function toRowMajor(data: Uint8Array, shape: Shape, width: number): Uint8Array {
  const out = new Uint8Array(data.length)
  const count = sizeOf(shape)
  const strides: number[] = []
  for (let axis = 0, stride = 1; axis < shape.length; axis++) {
    strides.push(stride)
    stride *= shape[axis]!
  }
  const index = new Array<number>(shape.length).fill(0)
  for (let i = 0; i < count; i++) {
    let source = 0
    for (let axis = 0; axis < shape.length; axis++) source += index[axis]! * strides[axis]!
    for (let b = 0; b < width; b++) out[i * width + b] = data[source * width + b]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++
      if (index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
  return out
}

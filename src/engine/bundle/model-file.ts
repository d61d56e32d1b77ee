/**
 * An ONNX file with the weights that lie beside it.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { besideModel } from '../onnx/external-data'
import type { OnnxModel } from '../onnx/model'
import { readModel } from '../onnx/reader'

/** @throws AssayError `file-not-found`, `file-unreadable`, `file-empty`, `onnx-invalid` */
export async function readModelFile(path: string): Promise<OnnxModel> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    // Of a folder the system says no path.
    throw toAssayError(error.code === 'EISDIR' ? Object.assign(error, { path }) : error)
  })
  if (bytes.length === 0) throw new AssayError('file-empty', `${path} is empty; export the model again.`, { path })
  return readModel(bytes, besideModel(dirname(resolve(path))))
}

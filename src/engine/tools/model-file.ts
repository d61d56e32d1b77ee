/**
 * An ONNX file with the weights that lie beside it.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import type { OnnxModel } from '../onnx/model'
import { readModel } from '../onnx/reader'

/** Reads external data of the model's own folder; links may not lead out of it either. */
function externalReader(folder: string): (location: string) => Uint8Array {
  const read = new Map<string, Uint8Array>()
  return (location) => {
    const known = read.get(location)
    if (known) return known
    const path = resolve(folder, location)
    try {
      if (!realpathSync(path).startsWith(realpathSync(folder) + sep))
        throw new AssayError('onnx-invalid', `The model asks for weights outside its own folder (${location}); export it again with its weights beside it.`, { location })
      const bytes = readFileSync(path)
      read.set(location, bytes)
      return bytes
    } catch (error) {
      throw toAssayError(error)
    }
  }
}

/** @throws AssayError `file-not-found`, `file-unreadable`, `file-empty`, `onnx-invalid` */
export async function readModelFile(path: string): Promise<OnnxModel> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw toAssayError(error)
  })
  if (bytes.length === 0) throw new AssayError('file-empty', `${path} is empty; export the model again.`, { path })
  return readModel(bytes, { external: externalReader(dirname(resolve(path))) })
}

/**
 * Weights that an ONNX model keeps in files beside it (external data), read from the model's folder and nowhere else:
 * neither a path nor a symbolic link leads out of it.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import type { ReadOptions } from './tensor-reader'

/**
 * For `readModel`: files of a folder, each read once.
 * @param folder the folder in which the model file lies
 */
export function besideModel(folder: string): Required<ReadOptions> {
  const read = new Map<string, Uint8Array>()
  return {
    external: (location) => {
      let bytes = read.get(location)
      if (!bytes) read.set(location, (bytes = readInside(folder, location)))
      return bytes
    },
  }
}

/** @throws AssayError `onnx-invalid` for a place outside the folder, `file-not-found` where there is no such file. */
function readInside(folder: string, location: string): Uint8Array {
  try {
    const path = realpathSync(resolve(folder, location))
    if (!path.startsWith(realpathSync(folder) + sep))
      throw new AssayError('onnx-invalid', `The model asks for weights outside its own folder (${location}); export it again with its weights beside it.`, { location })
    return readFileSync(path)
  } catch (error) {
    throw toAssayError(error)
  }
}

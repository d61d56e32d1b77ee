/**
 * NumPy's .npz archives: a zip of .npy files, the exchange format for images (`x`) and labels (`y`).
 */
import type { Zippable } from 'fflate'
import { unzipSync, zipSync } from 'fflate'
import { AssayError } from '../../shared/errors'
import { decodeNpy, encodeNpy } from './npy'
import type { Tensor } from './tensor'

export type NamedTensors = Record<string, Tensor>

/** Larger archives do not fit in one piece of memory. Bytes, after unpacking. */
const maximumUnpacked = 8 * 2 ** 30

/**
 * Reads the arrays of an archive, stored or deflated, by name without `.npy`.
 * @param options.only names to read; the others are skipped without being unpacked.
 * @throws AssayError `file-empty`, `data-set-invalid`.
 */
export function decodeNpz(bytes: Uint8Array, name = 'The file', options: { only?: readonly string[] } = {}): NamedTensors {
  if (bytes.length === 0) throw new AssayError('file-empty', `${name} is empty; write or copy it again.`, { path: name })
  let unpacked = 0
  let entries: Record<string, Uint8Array>
  try {
    entries = unzipSync(bytes, {
      filter: (entry) => {
        if (entry.name.endsWith('/') || (options.only && !options.only.includes(arrayName(entry.name)))) return false
        unpacked += entry.originalSize
        if (unpacked > maximumUnpacked) throw new Error('it unpacks to more than 8 GiB')
        return true
      },
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AssayError('data-set-invalid', `${name} cannot be read as an .npz archive (${why}); write or copy it again.`, { path: name }, { cause })
  }
  return Object.fromEntries(
    Object.entries(entries).map(([entry, content]) => [arrayName(entry), decodeNpy(content, `${entry} in ${name}`)]),
  )
}

/** Packs arrays as `numpy.savez` does (stored), or as `numpy.savez_compressed` with `compress`. */
export function encodeNpz(arrays: NamedTensors, options: { compress?: boolean } = {}): Uint8Array {
  const entries: Zippable = {}
  // A fixed date keeps the bytes a function of the arrays alone.
  for (const [name, tensor] of Object.entries(arrays))
    entries[`${name}.npy`] = [encodeNpy(tensor), { level: options.compress ? 6 : 0, mtime: '1980-01-01T00:00:00' }]
  return zipSync(entries)
}

const arrayName = (entry: string): string => entry.replace(/\.npy$/, '')

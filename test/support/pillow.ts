/**
 * Pillow as the other opinion on pictures: a Python script writes or reads files in a folder of its own and hands back the
 * arrays that Pillow has for them. Tests that need it skip with a visible line where Python or Pillow is absent.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const python = ['/usr/bin/python3', 'python3', 'python'].find((candidate) => {
  try {
    execFileSync(candidate, ['-c', 'import PIL, numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})

/** True when Pillow and numpy can be used; says so on the console when not. */
export const havePillow = python !== undefined
if (!havePillow) console.log('SKIPPED: no Python with Pillow and numpy on this machine')

export interface Reference {
  name: string
  /** numpy's name of the type. */
  dtype: string
  shape: number[]
  /** The array's values in C order. */
  values: number[]
  /** The file that belongs to it. */
  file: Uint8Array
}

const prelude = `
import json, sys, numpy as np
from PIL import Image, ImageOps, ImageSequence
_made = []
def give(name, array):
    """array is what Pillow has for the file called name"""
    array = np.ascontiguousarray(array)
    if array.dtype == bool: array = array.astype('uint8')
    array = array.astype(array.dtype.newbyteorder('='))
    array.tofile(str(len(_made)) + '.raw')
    _made.append({'name': name, 'dtype': array.dtype.name, 'shape': list(array.shape)})
def read(name):
    """the file as Pillow reads it"""
    image = Image.open(name); image.load(); return image
`
const typed: Record<string, (buffer: ArrayBuffer) => ArrayLike<number>> = {
  uint8: (b) => new Uint8Array(b),
  int8: (b) => new Int8Array(b),
  uint16: (b) => new Uint16Array(b),
  int16: (b) => new Int16Array(b),
  int32: (b) => new Int32Array(b),
  uint32: (b) => new Uint32Array(b),
  float32: (b) => new Float32Array(b),
  float64: (b) => new Float64Array(b),
}

/** Runs a script in a temporary folder that holds `files`; what it hands to `give(name, array)` comes back, each with its file. */
export function pillow(script: string, files: Record<string, Uint8Array> = {}): Reference[] {
  const folder = mkdtempSync(join(tmpdir(), 'assay-pillow-'))
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    writeFileSync(join(folder, 'script.py'), `${prelude}\n${script}\njson.dump(_made, open('made.json', 'w'))\n`)
    execFileSync(python!, ['script.py'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    const made = JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as Omit<Reference, 'values' | 'file'>[]
    return made.map((reference, i) => {
      const raw = new Uint8Array(readFileSync(join(folder, `${i}.raw`))).buffer
      return { ...reference, values: Array.from(typed[reference.dtype]!(raw)), file: readFileSync(join(folder, reference.name)) }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The shipped samples: `index.json` in the samples folder lists them, with file names relative to that folder.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AssayError, toAssayError } from '../shared/errors'
import { sampleSchema } from '../shared/types'
import type { Sample } from '../shared/types'

const indexSchema = z.array(sampleSchema.omit({ path: true }).extend({ file: z.string() }))

/** No folder, no samples. @throws AssayError `data-set-invalid` when the index is there but damaged. */
export async function listSamples(folder: string): Promise<Sample[]> {
  const path = join(folder, 'index.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw toAssayError(error)
  }
  try {
    return indexSchema.parse(JSON.parse(text)).map(({ file, ...sample }) => ({ ...sample, path: join(folder, file) }))
  } catch (cause) {
    throw new AssayError('data-set-invalid', 'The list of samples is damaged; install Assay again.', { path }, { cause })
  }
}

/**
 * Finds the built decode worker. The build puts it into `out/main`, above the chunks that start it; sources that are run
 * as they are (tests, benches) find the same file from the repository's root. A packed application holds it beside its
 * archive, with all that it loads: a thread then depends on nothing but the file system.
 */
import { existsSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AssayError } from '../../../shared/errors'

const fileName = 'decode-worker.js'

/** The same file where installers put what lies beside an archive. */
const besideArchive = (path: string): string => path.replace(`${sep}app.asar${sep}`, `${sep}app.asar.unpacked${sep}`)

/** @throws AssayError `internal` where nothing was built */
export function decodeWorkerFile(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    for (const candidate of [join(folder, fileName), join(folder, 'out', 'main', fileName)].map(besideArchive)) if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) throw new AssayError('internal', `Assay is not built: ${fileName} is missing; run npm run build.`)
  }
}

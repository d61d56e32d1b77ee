/**
 * Files dropped on a browser page. A page cannot know where they lie on disk, so their bytes are kept in a private
 * temporary folder until the host ends; each batch of dropped files is a folder of its own.
 */
import { mkdir, open, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, extname, join } from 'node:path'
import type { UploadReply } from '../shared/bridge'
import { cutToBytes, longestName } from '../shared/names'
import { limitedBody } from './body'
import { HttpError } from './respond'
import { openTemporaryFolder } from './temporary-folder'

/** Larger than any single scan; whole-slide images are not what the models read. */
const fileLimit = 2 ** 30

export interface Uploads {
  readonly folder: string
  receive(request: IncomingMessage, query: URLSearchParams): Promise<UploadReply>
  /** Deletes everything that was uploaded. */
  remove(): void
}

const longestEnding = 20

/** Its ending, if it has one, says what a file is. */
function shortened(name: string): string {
  // What stands behind the last dot of a DICOM identifier is no ending, and may be long.
  const ending = extname(name).length > longestEnding ? '' : extname(name)
  return `${cutToBytes(name.slice(0, name.length - ending.length), longestName) || '_'}${ending}`
}

/**
 * A relative path that is safe on every platform, its folders kept. Null when nothing is left of it.
 * Windows forbids some characters, trailing dots, and names of devices.
 */
export function safeRelativePath(name: string): string | null {
  const parts = name
    .split(/[/\\]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => shortened(part).replace(/[\u0000-\u001f\u007f<>:"|?*]/g, '_').replace(/[. ]+$/, '_'))
    .map((part) => (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part) ? `_${part}` : part))
  return parts.length === 0 || parts.length > 24 ? null : parts.join('/')
}

/** Opens a file that did not exist: a second `a.png` of a batch becomes `a (2).png`. */
async function openNew(path: string): Promise<{ path: string; file: FileHandle }> {
  const extension = extname(path)
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path.slice(0, path.length - extension.length)} (${n})${extension}`
    try {
      return { path: candidate, file: await open(candidate, 'wx', 0o600) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || n === 1000) throw error
    }
  }
}

export function createUploads(parent?: string, limit: number = fileLimit): Uploads {
  const { path: folder, remove } = openTemporaryFolder('uploads', parent)

  return {
    folder,
    async receive(request, query) {
      const relative = safeRelativePath(query.get('name') ?? '')
      const batch = query.get('batch') ?? ''
      if (relative === null) throw new HttpError(400, 'The upload needs a file name.')
      if (!/^[A-Za-z0-9-]{1,64}$/.test(batch)) throw new HttpError(400, 'The upload needs a batch of letters, digits and hyphens.')
      const batchFolder = join(folder, batch)
      const wanted = join(batchFolder, ...relative.split('/'))
      await mkdir(dirname(wanted), { recursive: true, mode: 0o700 })
      const { path, file } = await openNew(wanted)
      try {
        for await (const chunk of limitedBody(request, limit)) await file.appendFile(chunk)
      } catch (error) {
        await file.close()
        await rm(path, { force: true })
        throw error
      }
      await file.close()
      return { path, folder: batchFolder }
    },
    remove,
  }
}

/**
 * Results dragged out of the window. The system's dragging takes a file that lies on disk, so the artifact is written
 * to a private temporary folder first. A page names artifacts by their handles, never a path.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nativeImage } from 'electron'
import type { WebContents } from 'electron'
import { openTemporaryFolder } from '../host/temporary-folder'
import { safeRelativePath } from '../host/uploads'
import type { EngineConnection } from '../shared/rpc'

/** Under the pointer while a file is dragged, in pixels. */
const iconSize = 48

export interface DragShelf {
  /** @throws AssayError when the artifact is no longer there */
  prepare(artifactId: string): Promise<void>
  /** Nothing happens for what was not prepared. */
  start(contents: WebContents, artifactId: string): void
  /** Deletes all files that were dragged. Programs have taken their copies by then. */
  remove(): void
}

export function dragShelf(client: Pick<EngineConnection, 'bytes'>, icon: string): DragShelf {
  let folder: ReturnType<typeof openTemporaryFolder> | undefined
  const ready = new Map<string, string>()
  let places = 0
  return {
    async prepare(artifactId) {
      if (ready.has(artifactId)) return
      const { bytes, fileName } = await client.bytes(artifactId)
      folder ??= openTemporaryFolder('drag')
      // A folder for each, so that two results of one name keep it.
      const place = join(folder.path, String(places++))
      const path = join(place, ...(safeRelativePath(fileName ?? '') ?? 'assay').split('/').slice(-1))
      await mkdir(place, { recursive: true, mode: 0o700 })
      await writeFile(path, bytes, { mode: 0o600 })
      ready.set(artifactId, path)
    },
    start(contents, artifactId) {
      const file = ready.get(artifactId)
      if (file === undefined) return
      contents.startDrag({ file, icon: nativeImage.createFromPath(icon).resize({ width: iconSize }) })
    },
    remove: () => folder?.remove(),
  }
}

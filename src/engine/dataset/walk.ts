/**
 * Which files of a folder are worth opening as images, always in the same order on every machine.
 *
 * Hidden files and files that cannot be pictures (notes, tables, models) are passed over inside folders; everything
 * else is tried, because DICOM files often have no ending at all.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toAssayError } from '../../shared/errors'

const notImages = new Set(
  ('csv tsv md txt json jsonl xml html htm pdf log yml yaml toml ini xlsx xls docx doc rtf zip gz tar 7z npy npz onnx pb pt pth h5 ' +
    'py js ts sh bat exe dll so db sqlite ipynb lock sha256 md5').split(' '),
)
const notImageNames = new Set(['dicomdir', 'thumbs.db', 'desktop.ini', 'license', 'readme', 'makefile'])

/** True where the name alone says that the file is no picture. */
export function obviouslyNotAnImage(name: string): boolean {
  const lower = name.toLowerCase()
  if (lower.startsWith('.') || notImageNames.has(lower)) return true
  if (lower.endsWith('.nii.gz')) return false
  const dot = lower.lastIndexOf('.')
  return dot > 0 && notImages.has(lower.slice(dot + 1))
}

/** Plain code-unit order: the same under every locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface FolderContent {
  /** Names of visible folders, sorted. */
  folders: string[]
  /** Names of files that may be images, sorted. */
  files: string[]
}

/** One level of a folder. Links to files are files; those to folders are not followed, so that a loop cannot trap the walk. @throws AssayError */
export async function readFolder(folder: string): Promise<FolderContent> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw toAssayError(error)
  })
  const visible = entries.filter((entry) => !entry.name.startsWith('.'))
  const links = visible.filter((e) => e.isSymbolicLink() && !obviouslyNotAnImage(e.name)).map((e) => e.name)
  const linked = await Promise.all(links.map(async (name) => stat(join(folder, name)).then((target) => target.isFile(), () => true)))
  const files = visible.filter((e) => e.isFile() && !obviouslyNotAnImage(e.name)).map((e) => e.name)
  return {
    folders: visible.filter((e) => e.isDirectory()).map((e) => e.name).sort(byName),
    // One that leads nowhere is listed, too: whoever opens it says so.
    files: [...files, ...links.filter((_, i) => linked[i])].sort(byName),
  }
}

/** Whether a folder is walked. */
export type Enters = (folder: string) => boolean | Promise<boolean>

/**
 * Paths of all files below `folder` that may be images: the files of a folder before those of its subfolders, each
 * level in code-unit order. A subfolder that cannot be read is handed to `onUnreadable`, or thrown when there is none.
 */
export async function* walkImages(folder: string, onUnreadable?: (folder: string, error: unknown) => void, enters: Enters = () => true): AsyncGenerator<string> {
  let content: FolderContent
  try {
    content = await readFolder(folder)
  } catch (error) {
    if (!onUnreadable) throw error
    onUnreadable(folder, error)
    return
  }
  for (const file of content.files) yield join(folder, file)
  for (const child of content.folders.map((name) => join(folder, name))) if (await enters(child)) yield* walkImages(child, onUnreadable, enters)
}

/**
 * All files under what was dropped, folders walked to their leaves (File and Directory Entries API, WICG).
 * Files that systems leave behind in folders are passed over.
 */
const systemFiles = /^(\.|Thumbs\.db$|desktop\.ini$)/i

export const isSystemFile = (name: string): boolean => systemFiles.test(name)

export interface NamedFile {
  file: File
  /** Path inside what was dropped, with `/`; the bare name for a single file. */
  relativePath: string
}

/** Entries have to be taken while the drop event is handled; walking them can come later. */
export function takeEntries(transfer: DataTransfer): { entries: FileSystemEntry[]; files: File[] } {
  const entries: FileSystemEntry[] = []
  const files: File[] = []
  for (const item of Array.from(transfer.items)) {
    if (item.kind !== 'file') continue
    const entry = item.webkitGetAsEntry()
    if (entry) entries.push(entry)
    else {
      const file = item.getAsFile()
      if (file) files.push(file)
    }
  }
  return { entries, files }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject))

/** `readEntries` hands out at most a hundred at a time and an empty list at the end. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}

export async function filesUnder(entries: readonly FileSystemEntry[]): Promise<NamedFile[]> {
  const found: NamedFile[] = []
  for (const entry of entries) {
    if (isSystemFile(entry.name)) continue
    if (entry.isFile) {
      found.push({ file: await fileOf(entry as FileSystemFileEntry), relativePath: entry.fullPath.replace(/^\//, '') })
    } else if (entry.isDirectory) {
      found.push(...(await filesUnder(await childrenOf(entry as FileSystemDirectoryEntry))))
    }
  }
  return found
}

/**
 * Names for pictures made of files, and for folders of classes: recognisable, legal on every file system, and never twice.
 */
import { basename, extname } from 'node:path'
import { cutToBytes, longestName } from '../../shared/names'

const reservedOnWindows = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** Gives everything within a folder a name of its own, compared without regard to case. */
export class UniqueNames {
  private readonly taken = new Set<string>()
  /** How far a stem's numbers were used up, so that thousands of equal names stay fast. */
  private readonly next = new Map<string, number>()

  /** Keeps a name from being given again. */
  reserve(name: string): void {
    this.taken.add(name.toLowerCase())
  }

  /** `chest.dcm` → `chest.png`, then `chest-2.png`. @param extension with its dot */
  give(path: string, extension: string): string {
    return this.named(basename(path, extname(path)), extension)
  }

  /** `left/right` → `left_right`: of what is no path, so that nothing in it leads elsewhere. */
  named(wanted: string, extension = ''): string {
    const clean = cutToBytes(wanted.replace(/[<>:"/\\|?*\u0000-\u001f\u007f]/g, '_'), longestName).replace(/^[. ]+|[. ]+$/g, '')
    const stem = clean === '' || reservedOnWindows.test(clean) ? `scan-${clean}` : clean
    const key = stem.toLowerCase()
    for (let n = this.next.get(key) ?? 1; ; n++) {
      const name = `${n === 1 ? stem : `${stem}-${n}`}${extension}`
      if (this.taken.has(name.toLowerCase())) continue
      this.next.set(key, n + 1)
      this.reserve(name)
      return name
    }
  }
}

/**
 * Append-only files of JSON lines that survive being cut off at any moment: what is there in whole lines counts, what
 * stands behind the last one is dropped when the file is opened again.
 */
import { open, readFile, stat, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { AssayError } from '../../shared/errors'
import { writeError } from './atomic'

const newline = 0x0a

export interface Lines<T> {
  lines: T[]
  /** Bytes that they take. */
  length: number
}

/**
 * Complete lines from the beginning, as far as they are intact.
 * @param parse throws where a line is not one of these
 */
export function intactLines<T>(bytes: Uint8Array, parse: (value: unknown) => T): Lines<T> & { ends: number[] } {
  const decoder = new TextDecoder()
  const lines: T[] = []
  const ends: number[] = []
  let start = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    try {
      lines.push(parse(JSON.parse(decoder.decode(bytes.subarray(start, end)))))
    } catch {
      break
    }
    start = end + 1
    ends.push(start)
  }
  return { lines, length: start, ends }
}

/** All lines so far; one that is still being written is left out. Empty where there is no file. */
export async function readLines<T>(path: string, parse: (value: unknown) => T): Promise<T[]> {
  const bytes = await readFile(path).catch(() => null)
  return bytes === null ? [] : intactLines(bytes, parse).lines
}

/**
 * A file of lines that others append to, read again and again at the cost of what is new. Complete lines alone count.
 * @param parse of a line's text; where it throws, that line and what follows count as not there
 */
export class GrowingLines<T> {
  private lines: T[] = []
  private length = 0
  /** The file that was read: another one under the same name is read from its beginning. A number that is free again is soon given to the next file, so that its birth counts, too. */
  private file = { ino: 0, birthtimeMs: 0 }
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly path: string,
    private readonly parse: (text: string) => T,
  ) {}

  /** All lines so far; the list grows in place, and is another list where the file was begun anew. Empty where there is no file. */
  read(): Promise<readonly T[]> {
    const turn = this.turn.then(() => this.more())
    this.turn = turn.catch(() => undefined)
    return turn
  }

  private async more(): Promise<readonly T[]> {
    const { size, ino, birthtimeMs } = (await stat(this.path).catch(() => null)) ?? { size: 0, ino: 0, birthtimeMs: 0 }
    if (size < this.length || ino !== this.file.ino || birthtimeMs !== this.file.birthtimeMs) {
      this.lines = []
      this.length = 0
      this.file = { ino, birthtimeMs }
    }
    if (size === this.length) return this.lines
    const file = await open(this.path)
    try {
      const bytes = new Uint8Array(size - this.length)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.length)
      const decoder = new TextDecoder()
      let start = 0
      for (let end = bytes.indexOf(newline); end >= 0 && end < bytesRead; end = bytes.indexOf(newline, start)) {
        try {
          this.lines.push(this.parse(decoder.decode(bytes.subarray(start, end))))
        } catch {
          break
        }
        start = end + 1
      }
      this.length += start
    } finally {
      await file.close()
    }
    return this.lines
  }
}

export interface LineLog<T> {
  /** Lines that were there already. */
  readonly earlier: readonly T[]
  /** Appends lines in one write and makes them durable. @throws AssayError disk-full, output-not-writable; that also where somebody else has written meanwhile */
  append(lines: readonly T[]): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a file for appending after its last intact line.
 * @param isEnd lines behind the last for which it holds are dropped too: they belong to something that was not finished
 * @param owner what to name when somebody else writes into the file, too
 */
export async function openLines<T>(path: string, owner: string, parse: (value: unknown) => T, isEnd: (line: T) => boolean = () => true): Promise<LineLog<T>> {
  let file: FileHandle
  const bytes = (await readFile(path).catch(() => null)) ?? new Uint8Array()
  const { lines, ends } = intactLines(bytes, parse)
  const kept = lines.findLastIndex(isEnd) + 1
  let size = kept === 0 ? 0 : ends[kept - 1]!
  try {
    if (size < bytes.length) await truncate(path, size)
    file = await open(path, 'a')
  } catch (error) {
    throw writeError(error, path)
  }
  return {
    earlier: lines.slice(0, kept),
    async append(more) {
      const text = Buffer.from(more.map((line) => `${JSON.stringify(line)}\n`).join(''))
      try {
        if ((await file.stat()).size !== size)
          throw new AssayError('output-not-writable', `Another run writes into ${owner}, too; wait for it to end, or choose another folder.`, { path: owner })
        await file.appendFile(text)
        await file.datasync()
        size += text.length
      } catch (error) {
        throw writeError(error, path)
      }
    },
    close: () => file.close(),
  }
}

/**
 * Checks the chain line by line and says where it was touched. Each line is also judged by itself, so that one changed
 * record does not make all behind it look wrong.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import type { HistoryCheck, HistoryProblem } from '../../shared/history'
import { readHead } from './book'
import type { HistoryHead } from './book'
import type { HistoryFiles } from './places'
import { hashOf, noHash, parseRecord } from './record'

const mostProblems = 50
/** Lines between two moments in which others get their turn. */
const breath = 500

const numbers = (from: number, to: number): string => (from === to ? `Record ${from} is` : `Records ${from} to ${to} are`)

class Check {
  readonly problems: HistoryProblem[] = []
  problemCount = 0
  records = 0
  line = 0
  last: HistoryHead = { seq: 0, hash: noHash }
  /** Of the record that the noted end speaks of. */
  atNoted: string | null = null

  constructor(private readonly noted: HistoryHead | null) {}

  private say(kind: HistoryProblem['kind'], message: string, line: number | null = this.line): void {
    this.problemCount++
    if (this.problems.length < mostProblems) this.problems.push({ line, kind, message })
  }

  take(text: string): void {
    this.line++
    const record = parseRecord(text)
    if (!record) {
      this.say('damaged', `Line ${this.line} is no record: it was damaged or overwritten.`)
      // Its neighbours are judged without it.
      this.last = { seq: this.last.seq + 1, hash: '' }
      return
    }
    this.records++
    const { seq, prev, hash } = record
    if (hashOf(text) !== hash) this.say('changed', `Line ${this.line} (record ${seq}) was changed: its text no longer fits its hash.`)
    if (seq > this.last.seq + 1) this.say('missing', `${numbers(this.last.seq + 1, seq - 1)} missing before line ${this.line}.`)
    else if (seq <= this.last.seq) this.say('inserted', `Line ${this.line} says that it is record ${seq}, which came before: it was inserted or moved.`)
    else if (this.last.hash !== '' && prev !== this.last.hash) {
      const before = this.line === 1 ? 'the beginning' : `line ${this.line - 1}`
      this.say('replaced', `Line ${this.line} (record ${seq}) does not follow ${before}: one of the two was replaced.`)
    }
    this.last = { seq, hash }
    if (seq === this.noted?.seq) this.atNoted = hash
  }

  end(): void {
    const { noted, last } = this
    if (!noted) {
      if (this.line > 0) this.say('head', 'The note of the last record (history.head.json) is gone, so that nobody can tell whether records at the end are missing.', null)
    } else if (noted.seq > last.seq) this.say('missing', `${numbers(last.seq + 1, noted.seq)} missing at the end.`, null)
    else if (this.atNoted !== noted.hash && noted.seq > 0) this.say('replaced', `Record ${noted.seq} is not the one that was noted when it was written: it was replaced.`, null)
  }
}

export async function verifyHistory(files: HistoryFiles): Promise<HistoryCheck> {
  const noted = await readHead(files)
  const check = new Check(noted)
  let rest = ''
  if ((await stat(files.records).catch(() => null))?.isFile())
    for await (const piece of createReadStream(files.records, { encoding: 'utf8', highWaterMark: 2 ** 18 })) {
      const lines = (rest + (piece as string)).split('\n')
      rest = lines.pop()!
      for (const [i, line] of lines.entries()) {
        check.take(line)
        if (i % breath === breath - 1) await breathe()
      }
    }
  check.end()
  const { problems, problemCount, records, last } = check
  return { intact: problemCount === 0, records, head: records > 0 && last.hash !== '' ? last.hash : null, problems, problemCount, unfinished: rest !== '' }
}

/**
 * Tables as hospitals have them: CSV by RFC 4180 with commas, or with the semicolons or tabs that Excel writes, in UTF-8,
 * UTF-16 ("Unicode text"), or the Windows code page that Excel writes where it is asked for plain CSV.
 */
import { readFile } from 'node:fs/promises'
import { CsvError, parse } from 'csv-parse/sync'
import { AssayError, toAssayError } from '../../shared/errors'

/** What parts the fields: what the first line has most of. */
function delimiterOf(text: string): string {
  const counts = new Map([',', ';', '\t'].map((delimiter) => [delimiter, 0]))
  let quoted = false
  for (const c of text) {
    if (c === '"') quoted = !quoted
    else if (quoted) continue
    else if (c === '\n' || c === '\r') break
    else if (counts.has(c)) counts.set(c, counts.get(c)! + 1)
  }
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0]
}

/** Rows of a table; empty lines are left out. @throws CsvError for quotes that do not end, or not where a field does */
export function parseCsv(text: string): string[][] {
  // Excel takes the delimiter from a line of its own above the header, and some programs write it.
  const [, named, table] = /^\ufeff?[\r\n]*(?:sep=([,;\t])\r?\n)?([^]*)$/i.exec(text)!
  const options = { delimiter: named ?? delimiterOf(table!), recordDelimiter: ['\r\n', '\n', '\r'], relaxColumnCount: true, skipEmptyLines: true }
  try {
    return parse(table!, options)
  } catch (error) {
    // Inches in a name that is not quoted. Where names are, pardon would join rows from one lost quote to the next.
    if (error instanceof CsvError && error.code === 'INVALID_OPENING_QUOTE') return parse(table!, { ...options, relaxQuotes: true })
    throw error
  }
}

/** 0x80 to 0x9f of Windows-1252, for which Node 20's decoder gives the control characters of Latin-1. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** A byte order mark decides; what is no UTF-8 without one is Windows-1252, in which every byte is a letter. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes).replace(/[\x80-\x9f]/g, (c) => windows1252[c.charCodeAt(0) - 0x80]!)
  }
}

/** @throws AssayError `file-not-found` and the like; `data-set-invalid` where the file is no table */
export async function readCsv(path: string): Promise<string[][]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw toAssayError(error)
  })
  try {
    return parseCsv(decode(bytes))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row = Number(error.records) + 1
    throw new AssayError('data-set-invalid', `Row ${row} of ${path} has a quote (") that does not end where its field does; correct it, or save the table as CSV again.`, { path, row })
  }
}

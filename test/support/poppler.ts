/** Poppler, a second reader of PDFs. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const havePoppler = spawnSync('pdftotext', ['-v']).status === 0 || spawnSync('pdftotext', ['-v']).status === 99

if (!havePoppler) process.stderr.write('SKIPPED: what pdftotext reads in PDFs (poppler-utils is not installed)\n')

function withFile<T>(pdf: Uint8Array, work: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'assay-pdf-'))
  try {
    const path = join(folder, 'file.pdf')
    writeFileSync(path, pdf)
    return work(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Text of each page, in the order of its lines. */
export const pdfPages = (pdf: Uint8Array): string[] => withFile(pdf, (path) => execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1))

/** What pdfinfo says, by its labels. */
export const pdfInfo = (pdf: Uint8Array): Record<string, string> =>
  withFile(pdf, (path) => Object.fromEntries(execFileSync('pdfinfo', ['-isodates', path], { encoding: 'utf8' }).trim().split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])))

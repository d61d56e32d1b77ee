/** A scan of many files on paper: what was screened with what, the counts, what is suspicious, what could not be read. */
import { dirname, relative, sep } from 'node:path'
import { alphaText } from '../../shared/percent'
import { suspiciousOf } from '../../shared/suspicious'
import type { ScanCounts, ScanResult } from '../../shared/types'
import { doubtsOf, unfamiliarSentence } from '../../shared/unfamiliar'
import type { Block, RowGroup } from './document'
import { pdfOf } from './pdf/document'
import { counted, numberText, percent } from './text'

export interface BatchReport {
  results: readonly ScanResult[]
  counts: ScanCounts
  bundle: { id: string; classifierSha256: string; purifierSha256: string }
  alpha: number
  provider: string
  /** ISO 8601. */
  started: string
  /** What was left out, in words; empty when nothing was. */
  filter: string
  author: string
  note: string
}

/** Rows of a table at most: paper is for the summary, the CSV file for all. */
const mostRows = 400

const moreThan = (count: number): string => (count > mostRows ? ` The first ${mostRows} of ${count.toLocaleString('en-US')}; the CSV file has all.` : '')

const isIn = (folder: string, path: string): boolean => path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)

/** The deepest folder that all files lie in; of files on several drives, a drive. Empty where there are no files. */
function folderOf(results: readonly ScanResult[]): string {
  let folder = results[0] ? dirname(results[0].path) : ''
  for (const { path } of results) while (!isIn(folder, path) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** Behind the names of files whose verdict is not to be relied on. */
const mark = ' *'

const answersOf = ({ score, pValue, before, after }: ScanResult): RowGroup['rows'][number] => [
  { text: pValue === null ? '' : numberText(pValue) },
  { text: score === null ? '' : score.toFixed(2) },
  { text: before?.label ?? '' },
  { text: after?.label ?? '', ...(before?.label !== after?.label && { tone: 'strong' as const }) },
]

const oddsOf = (result: ScanResult, folder: string): RowGroup => ({
  name: `${relative(folder, result.path)}${doubtsOf(result).length > 0 ? mark : ''}`,
  rows: [answersOf(result)],
})

/** What the paper must not leave out: a verdict on another kind of scan says nothing, whatever it says. */
function doubted(results: readonly ScanResult[]): Block[] {
  const files = results.filter((result) => doubtsOf(result).length > 0).length
  if (files === 0) return []
  const warnings = new Map<string, number>()
  for (const { warning } of results) if (warning) warnings.set(warning, (warnings.get(warning) ?? 0) + 1)
  const [commonest, ...others] = [...warnings].sort((a, b) => b[1] - a[1])
  const unfamiliar = results.filter((result) => result.unfamiliar).length
  const text = [
    `${counted(files, 'verdict')} not to be relied on, a finding or none; marked${mark} where they are listed.`,
    ...(commonest ? [`${commonest[0]} (${counted(commonest[1], 'file')})`] : []),
    ...(others.length > 0 ? [`${counted(others.length, 'kind')} of warning more, which the CSV file names.`] : []),
    ...(unfamiliar > 0 ? [`${unfamiliarSentence} (${counted(unfamiliar, 'file')})`] : []),
  ]
  return [{ kind: 'notice', tone: 'alarm', text: text.join(' ') }]
}

function suspicious(results: readonly ScanResult[], folder: string): Block[] {
  const found = suspiciousOf(results)
  if (found.length === 0) return []
  return [
    { kind: 'heading', level: 1, text: 'Suspicious', id: 'suspicious' },
    {
      kind: 'table',
      caption: `Least usual first. In bold: the classifier answers otherwise once the scan is purified.${moreThan(found.length)}`,
      columns: [{ title: 'File', align: 'left', weight: 4 }, { title: 'p-value', align: 'right', weight: 1 }, { title: 'Score', align: 'right', weight: 1 }, { title: 'Before', align: 'left', weight: 1.6 }, { title: 'After', align: 'left', weight: 1.6 }],
      groups: found.slice(0, mostRows).map((result) => oddsOf(result, folder)),
    },
  ]
}

function unreadable(results: readonly ScanResult[], folder: string): Block[] {
  const failed = results.filter(({ status }) => status === 'error')
  if (failed.length === 0) return []
  return [
    { kind: 'heading', level: 1, text: 'Not screened', id: 'not-screened' },
    {
      kind: 'table',
      caption: `Files that could not be read.${moreThan(failed.length)}`,
      columns: [{ title: 'File', align: 'left', weight: 3 }, { title: 'Code', align: 'left', weight: 2 }, { title: 'Why', align: 'left', weight: 5 }],
      groups: failed.slice(0, mostRows).map(({ path, error }) => {
        const name = relative(folder, path)
        return { name, rows: [[{ text: error?.code ?? '' }, { text: (error?.message ?? '').replaceAll(path, name) }]] }
      }),
    },
  ]
}

function changed(results: readonly ScanResult[]): number {
  return results.filter(({ before, after }) => before && after && before.label !== after.label).length
}

export function batchPdf({ results, counts, bundle, alpha, provider, started, filter, author, note }: BatchReport): Promise<Uint8Array> {
  const read = counts.total - counts.error
  const folder = folderOf(results)
  return pdfOf({
    title: `Batch of ${counted(counts.total, 'file')}`,
    subject: `${counts.suspicious} suspicious of ${read} screened`,
    author,
    date: started,
    foot: note,
    blocks: [
      { kind: 'notice', text: note, tone: 'plain' },
      ...(filter === '' ? [] : [{ kind: 'notice' as const, text: `Not all files of the batch: ${filter}.`, tone: 'plain' as const }]),
      ...doubted(results),
      {
        kind: 'facts',
        items: [
          { term: 'Screened', value: counted(read, 'file') },
          { term: 'Suspicious', value: read === 0 ? '0' : `${counts.suspicious.toLocaleString('en-US')} (${percent(counts.suspicious / read)})` },
          { term: 'Nothing found', value: counts.clean.toLocaleString('en-US') },
          { term: 'Answer changes', value: changed(results).toLocaleString('en-US') },
          { term: 'Not screened', value: counts.error.toLocaleString('en-US') },
          { term: 'Threshold', value: `flagged at p ≤ α = ${alpha}` },
          { term: 'Bundle', value: bundle.id },
          { term: 'Computed on', value: provider },
        ],
      },
      {
        kind: 'facts',
        wide: true,
        items: [
          // The names of many scanners' files are the same in every folder, so they are told from here on.
          ...(folder === '' ? [] : [{ term: 'Files in', value: folder }]),
          { term: 'Classifier, SHA-256', value: bundle.classifierSha256 },
          { term: 'Purifier, SHA-256', value: bundle.purifierSha256 },
        ],
      },
      { kind: 'paragraph', tone: 'quiet', text: `At α = ${alpha}, about ${alphaText(alpha)} of untouched scans are flagged too. A file without a finding is not certified as authentic.` },
      ...suspicious(results, folder),
      ...unreadable(results, folder),
    ],
  })
}

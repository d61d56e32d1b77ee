/**
 * `assay history`: what was screened on this machine, and whether the record of it is as it was written.
 */
import { rm, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command } from 'commander'
import { enginePlaces } from '../../engine/places'
import { AssayError, toAssayError } from '../../shared/errors'
import { historyFilterSchema } from '../../shared/history'
import type { HistoryCheck, HistoryRecord } from '../../shared/history'
import { doubtsOf } from '../../shared/unfamiliar'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { usageError } from '../terminal'
import { parameters, path } from '../values'

/** Records listed for a person; all of them are in an export. */
const listed = 20

const line = ({ time, status, pValue, bundle, before, after, file, sha256, error, ...doubted }: HistoryRecord): string =>
  [
    time.slice(0, 19).replace('T', ' '),
    status.padEnd(10),
    `p ${pValue === null ? '?' : Number(pValue.toPrecision(2))}`.padEnd(8),
    bundle.id,
    error ?? `${before ?? '?'} → ${after ?? '?'}`,
    file.path ?? `sha256 ${sha256?.slice(0, 16) ?? 'unread'}`,
    ...doubtsOf(doubted),
  ].join('  ')

function verdictOf({ intact, records, head, problems, problemCount, unfinished }: HistoryCheck): string[] {
  return [
    ...problems.map(({ message }) => message),
    ...(problemCount > problems.length ? [`… and ${problemCount - problems.length} more`] : []),
    ...(unfinished ? ['The last line was cut off while it was being written; the next scan drops it.'] : []),
    intact ? `intact: ${records} records` : `not intact: ${problemCount} ${problemCount === 1 ? 'place' : 'places'}, ${records} records`,
    ...(head === null ? [] : [`last hash ${head}`]),
  ]
}

/** A whole new file, or none. @throws AssayError output-not-writable; the system's own error where the disk is full */
async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw new AssayError('output-not-writable', `${file} is there already; choose another name.`, { path: file })
    // It was not there before, so it is ours; a piece of an export must not pass for one.
    await rm(file, { force: true }).catch(() => {})
    if (toAssayError(error).code === 'disk-full') throw error
    throw new AssayError('output-not-writable', `${file} cannot be written; choose another folder or change its permissions.`, { path: file }, { cause: error })
  }
}

interface Options {
  verify?: boolean
  export?: string
}

export function addHistory(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('history')
    .description('what was screened on this machine, with which models and to what result; check that the record is unchanged')
    .option('--verify', 'check the chain of records, and say which was changed or is missing')
    .option('--export <file>', 'write the records as .csv or .json', path)
    .option('--search <text>', 'words in bundle, answers, verdict, warning or hashes, or the whole path of a file')
    .option('--from <day>', 'from this day on, as 2026-01-31 (UTC)')
    .option('--to <day>', 'up to and with this day')
    .option('--bundle <id>', 'screened with this bundle')
    .addHelpText('after', '\nExit code 1 where --verify finds that the record was touched.\n\nExamples:\n  assay history --verify\n  assay history --from 2026-01-01 --export history.csv')
  perform(command, environment, async ({ verify, export: file, ...options }: Options & { search?: string }) => {
    const { HistoryDesk } = await import('../../engine/history/desk')
    const desk = new HistoryDesk(enginePlaces().dataFolder)
    const { search, ...rest } = options
    const filter = parameters(historyFilterSchema, { ...rest, ...(search !== undefined && { text: search }) }, { text: '--search' })
    const format = file === undefined ? null : extname(file).toLowerCase()
    if (format !== null && format !== '.csv' && format !== '.json') throw usageError('--export: give a file that ends in .csv or .json.')
    const check = verify ? await desk.verify() : null
    const records = await desk.find(filter)
    if (file !== undefined) await save(file, (await desk.export(format === '.csv' ? 'csv' : 'json', filter)).text)
    const shown = records.slice(-listed)
    const none = Object.keys(options).length > 0 ? 'No record fits.' : 'Nothing was screened yet.'
    return {
      exitCode: check && !check.intact ? 1 : 0,
      json: { ...(check && { check }), ...(file !== undefined ? { export: file, records: records.length } : check ? {} : { records }) },
      lines: [
        ...(file !== undefined ? [`${records.length} records written to ${file}`] : []),
        ...(check ? verdictOf(check) : []),
        ...(file === undefined && !check ? [...(records.length > listed ? [`… ${records.length - listed} earlier records`] : []), ...shown.map(line), ...(records.length === 0 ? [none] : [])] : []),
      ],
    }
  })
}

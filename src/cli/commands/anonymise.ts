/**
 * `assay anonymise`: copies of DICOM files without what tells of a person.
 */
import type { Command } from 'commander'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { countdown } from '../progress'
import { printUnreadable } from '../terminal'
import { path } from '../values'

/** Warnings printed for a person; all of them are in the JSON. */
const listed = 20

export function addAnonymise(program: Command, environment: CliEnvironment): void {
  const { terminal } = environment
  const command = program
    .command('anonymise')
    .description('copy DICOM files without what tells of a person (DICOM PS3.15, Basic Application Confidentiality Profile); pixels stay as they are')
    .argument('<file or folder...>', 'DICOM files, or folders of them')
    .requiredOption('--out <folder>', 'where the copies go, named 000001.dcm and so on', path)
    .option('--seed <text>', 'the same text makes the same new UIDs and patient identifiers in every run; keep it to yourself (default: random)')
    .option('--mapping <file>', 'write a CSV file that says which copy was made of which file', path)
    .addHelpText('after', '\nPixels are not changed: text that is burnt into them stays. Copies that may show some are named.\n\nExample:\n  assay anonymise study/ --out shareable')
  perform(command, environment, async (paths: string[], { out, seed, mapping }: { out: string; seed?: string; mapping?: string }) => {
    const { anonymise } = await import('../../engine/tools/anonymise')
    const progress = countdown(terminal, 'Anonymising')
    const { written, warnings, errors } = await anonymise(paths.map(path), { out, ...(seed !== undefined && { seed }), ...(mapping !== undefined && { mapping }) }, progress.show)
    progress.end()
    for (const { path, error } of errors) printUnreadable(terminal, { path, ...error })
    return {
      exitCode: errors.length > 0 ? 3 : 0,
      json: {
        out,
        ...(mapping !== undefined && { mapping }),
        files: written,
        warnings,
        errors: errors.map(({ path, error }) => ({ path, ...error })),
        counts: { total: written.length + errors.length, anonymised: written.length, error: errors.length },
      },
      lines: [
        ...warnings.slice(0, listed).map(({ message }) => `warning  ${message}`),
        ...(warnings.length > listed ? [`… and ${warnings.length - listed} more whose pixels may show text`] : []),
        `${written.length} of ${written.length + errors.length} files anonymised into ${out}`,
      ],
    }
  })
}

/**
 * `assay convert`: decoded scans for other programs.
 */
import { Option } from 'commander'
import type { Command } from 'commander'
import type { ConversionFormat } from '../../engine/tools/convert'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { countdown } from '../progress'
import { printUnreadable } from '../terminal'
import { path } from '../values'

export function addConvert(program: Command, environment: CliEnvironment): void {
  const { terminal } = environment
  const command = program
    .command('convert')
    .description('decode images into .npz or PNG')
    .argument('<file or folder...>', 'images (DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP), or folders of them')
    .requiredOption('--out <folder>', 'where the files go; nothing that is there already is overwritten', path)
    .addOption(new Option('--format <format>', 'npz: stored values as `pixels`, [frames, rows, columns, samples]; png: as seen through the default window').choices(['npz', 'png']).default('npz'))
    .addHelpText('after', '\nValues are those of the file: all bits of each cell, before palettes, colour conversion, rescale and windows. Signed pixels\nof fewer bits than their cell may need their sign extended (bits stored are among the tags).\n\nExample:\n  assay convert study.dcm --out decoded --format npz')
  perform(command, environment, async (paths: string[], { out, format }: { out: string; format: ConversionFormat }) => {
    const { convert } = await import('../../engine/tools/convert')
    const progress = countdown(terminal, 'Converting')
    const files = await convert(paths.map(path), out, format, progress.show)
    progress.end()
    const failed = files.filter(({ error }) => error !== undefined)
    for (const { path, error } of failed) printUnreadable(terminal, { path, ...error! })
    return {
      exitCode: failed.length > 0 ? 3 : 0,
      json: { out, files, counts: { total: files.length, converted: files.length - failed.length, error: failed.length } },
      lines: [`${files.length - failed.length} of ${files.length} files converted into ${out}`],
    }
  })
}

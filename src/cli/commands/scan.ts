/**
 * `assay scan`: files and folders in, a verdict for each out.
 */
import type { Command } from 'commander'
import { researchUseOnly } from '../../shared/notice'
import { alphaText } from '../../shared/percent'
import { suspiciousOf } from '../../shared/suspicious'
import type { ScanReport, ScanResult } from '../../shared/types'
import { doubtsOf } from '../../shared/unfamiliar'
import type { CliEnvironment } from '../environment'
import { bundle, number, path } from '../values'
import { whereItRan } from '../where-it-ran'
import { addJob } from './job-command'

/** Suspicious files listed for a person; all of them are in the results. */
const listed = 50

const line = (result: ScanResult): string => {
  const { path, pValue, before, after } = result
  return `suspicious  p ${pValue === null ? '?' : Number(pValue.toPrecision(2))}  ${path}  ${before?.label ?? '?'} → ${after?.label ?? '?'}${doubtsOf(result).length > 0 ? '  (not to be relied on)' : ''}`
}

export function summary({ bundle, provider, alpha, files, counts, ...ran }: ScanReport): string[] {
  const suspicious = suspiciousOf(files)
  const unfamiliar = files.filter((file) => file.unfamiliar).length
  const warnings = files.flatMap(({ warning }) => warning ?? [])
  return [
    ...suspicious.slice(0, listed).map(line),
    ...(suspicious.length > listed ? [`… and ${suspicious.length - listed} more suspicious files`] : []),
    `${counts.total} ${counts.total === 1 ? 'file' : 'files'}: ${counts.clean} clean, ${counts.suspicious} suspicious, ${counts.error} unreadable (bundle ${bundle}, ${provider}; at alpha ${alpha} about ${alphaText(alpha)} of untouched scans are flagged too)`,
    ...(unfamiliar > 0 ? [`${unfamiliar} of them look unlike the images that the model was calibrated on; their verdicts are not to be relied on`] : []),
    ...(warnings.length > 0 ? [`${warnings.length} of them carry a warning, which results.csv names (${new Set(warnings).size > 1 ? 'for example: ' : ''}${warnings[0]!}); their verdicts are not to be relied on`] : []),
    ...whereItRan(ran),
    researchUseOnly,
  ]
}

export function addScan(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('scan')
    .description('screen images for tampering, and show what the classifier says before and after purifying')
    .argument('<file or folder...>', 'images (DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP), or folders of them')
    .requiredOption('--bundle <id or folder>', 'the model bundle', bundle)
    .requiredOption('--out <folder>', 'results.jsonl, results.csv and heatmaps/ go here', path)
    .option('--alpha <share>', 'share of untouched scans that may be flagged (default 0.05)', number)
    .option('--resume', 'go on where a run into the same folder was cut off')
    .option('--retry-failed', 'with --resume: try again what could not be read')
    .option('--no-heatmaps', 'write no pictures')
    .option('--captures', 'write a DICOM secondary capture per file into captures/, in the study of the scan')
    .addHelpText('after', '\nExamples:\n  assay scan study.dcm --bundle chest-xray --out results\n  assay scan archive/ --bundle chest-xray --out results --resume --json > report.json')
  addJob<ScanReport>(command, environment, {
    kind: 'scan',
    parametersOf: (options, operands) => ({ ...options, paths: operands.map(path) }),
    summary,
  })
}

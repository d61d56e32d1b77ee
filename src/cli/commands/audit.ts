/**
 * `assay audit`: how well a classifier, its purifier and its detector hold against attacks.
 */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { CallInput } from '../../shared/contract'
import type { AuditReport } from '../../shared/audit'
import { jobParameters } from '../../shared/job-parameters'
import { providerNames } from '../../shared/types'
import { auditLines, planLines } from '../audit-table'
import { assertGiven, perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { runJob } from '../run-job'
import { bundle, fraction, number, parameters, path } from '../values'
import { evaluationData, evaluationOptions } from './data-options'

/** @param before what the option was given already: the one that is written last would count alone */
const list = (text: string, before?: unknown): string[] => {
  if (before !== undefined) throw new InvalidArgumentError('It is given twice; give all values at once, separated by commas.')
  const parts = text.split(',').map((part) => part.trim())
  if (parts.includes('')) throw new InvalidArgumentError('Give names separated by commas.')
  return parts
}
const fractions = (text: string, before?: unknown): number[] => list(text, before).map(fraction)
const names = (text: string, before?: unknown): string[] => (text === 'none' && before === undefined ? [] : list(text, before))

/** `pgd.steps=100`, any number of them. */
function option(text: string, before: Record<string, Record<string, number>> = {}): Record<string, Record<string, number>> {
  const match = /^([a-z0-9-]+)\.([A-Za-z0-9]+)=(.+)$/.exec(text)
  if (!match) throw new InvalidArgumentError('Give <attack>.<option>=<number>, for example pgd.steps=100.')
  const [, attack, name, value] = match as unknown as [string, string, string, string]
  return { ...before, [attack]: { ...before[attack], [name]: fraction(value) } }
}

const flags = { epsOther: '--eps-other', attacks: '--attacks', baselines: '--baselines' }

export function addAudit(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('audit')
    .description('attack a classifier with and without its purifier, and report what holds: worst case, detection, signs of masked gradients')
    .requiredOption('--bundle <id or folder>', 'the bundle that is audited', bundle)
    .requiredOption(...evaluationData)
    .option('--out <folder>', 'job.json, results.jsonl, results.csv, audit.json, the reports and the adversarial images go here (required without --plan)', path)
    .option('--attacks <a,b,…>', 'by name, for example fgsm,pgd,deepfool,cw,spsa,square,autoattack', list)
    .option('--eps <a,b,…>', 'strengths, as 1/255,2/255 or decimals', fractions)
    .option('--norm <norm>', 'linf (default) or l2')
    .option('--eps-other <a,b,…>', 'strengths of attacks that know only the other norm (default: the ball around --eps)', fractions)
    .option('--threat <a,b,…>', 'oblivious (knows the classifier), adaptive (knows the purifier too), blackbox (asks for answers only), transfer (see --source)', list)
    .option('--preset <name>', 'quick, standard (default) or full: fills in what is not said')
    .option('--baselines <a,b,…>', 'simple filters beside the purifier: median, jpeg, bits (default all), or none', names)
    .option('--compare <a,b,…>', "bundles whose purifiers are judged beside this one's", (text: string, before?: unknown) => list(text, before).map(bundle))
    .option('--source <id or folder>', 'bundle whose classifier transfer attacks are made on', bundle)
    .option('--attacked <folder>', 'take attacked images from an earlier audit of the same classifier and images, where they were attacked as is asked here', path)
    .option('--option <attack.name=value>', 'an option of an attack, for example pgd.steps=100; may be repeated', option)
    .option('--alpha <share>', 'share of untouched images that may be flagged (default 0.05)', number)
    .option('--no-checks', 'leave out the extra runs that look for masked gradients')
    .option('--no-keep', 'write no adversarial images')
    .option('--plan', 'only say what would be done and how long it would take')
    .option('--resume', 'go on where an audit in the same folder was cut off')
    .option('--provider <name>', `where the models run: ${providerNames.join(', ')}`)
    .addHelpText('after', '\nExample:\n  assay audit --bundle chest-xray --data test/ --attacks fgsm,pgd --eps 1/255,2/255,4/255 --threat oblivious,adaptive --out audit')
  evaluationOptions(command)
  perform(command, environment, async ({ plan, option: options, ...given }: Record<string, unknown>) => {
    const asked = parameters(jobParameters.audit, { ...given, ...(options === undefined ? {} : { options }) }, flags)
    if (plan) {
      const engine = environment.openEngine()
      try {
        const planned = await engine.call('audit.plan', asked)
        return { exitCode: 0, json: planned, lines: planLines(planned) }
      } finally {
        await engine.stop()
      }
    }
    // An audit nobody can find again is of no use, and --resume needs the folder.
    assertGiven(command, ['--out'])
    const { result, exitCode } = await runJob(environment, { kind: 'audit', parameters: asked } as CallInput<'jobs.start'>)
    return { exitCode, json: result, lines: auditLines(result as AuditReport) }
  })
}

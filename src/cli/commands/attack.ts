/**
 * `assay attack`: adversarial images made from clean ones, for testing a classifier or a defence.
 */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { AttackDescription, AuditWarning } from '../../shared/audit'
import { calls } from '../../shared/contract'
import type { CallInput } from '../../shared/contract'
import { jobParameters } from '../../shared/job-parameters'
import { researchUseOnly } from '../../shared/notice'
import { providerNames } from '../../shared/types'
import { assertGiven, perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { runJob } from '../run-job'
import { bundle, fraction, number, parameters, path } from '../values'
import { evaluationData, evaluationOptions } from './data-options'

/** `steps=100`, any number of them. */
function option(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [name, value, ...rest] = text.split('=')
  if (!name || value === undefined || rest.length) throw new InvalidArgumentError('Give <option>=<number>, for example steps=100.')
  return { ...before, [name]: fraction(value) }
}

const listed = calls['attacks.list'].input
/** Without --list. */
const needed = ['--bundle', '--data', '--attack', '--out']
const norms = { linf: 'L∞', l2: 'L2' }
const accesses = { gradients: 'uses gradients', queries: 'asks for answers only', none: 'asks the model nothing' }

const lines = (attack: AttackDescription): string[] => [
  `${attack.name}: ${attack.title}`,
  `  ${[attack.norms.map((norm) => norms[norm]).join(' and '), accesses[attack.access], ...(attack.minimumNorm ? ['looks for the smallest change, --eps not needed'] : []), ...(attack.random ? ['random'] : [])].join('; ')}`,
  `  ${attack.reference}`,
  ...attack.parameters.map(({ name, label, standard, minimum, maximum }) => `  --option ${name}=${Number(standard.toPrecision(4))}  ${label}, ${minimum} to ${maximum}`),
  '',
]

export function addAttack(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('attack')
    .description("make adversarial images against a bundle's classifier, with or without its purifier, as .npz and as pictures")
    .option('--list', 'name all attacks with their options, the defaults at --eps (4/255 when absent) in --norm, and stop')
    .option('--bundle <id or folder>', 'the bundle whose classifier is attacked', bundle)
    .option(...evaluationData)
    .option('--attack <name>', 'one of the attacks that "assay attack --list" names')
    .option('--eps <fraction>', 'largest change, as 4/255 or a decimal: per pixel in L∞, of the whole image in L2; minimum-norm attacks do without', fraction)
    .option('--out <folder>', 'where the images go', path)
    .option('--norm <norm>', "linf or l2 (default: the attack's first)")
    .option('--threat <model>', 'oblivious (knows the classifier), adaptive (knows the purifier too) or blackbox (asks both for answers only)')
    .option('--option <name=value>', 'an option of the attack, for example searches=5; may be repeated', option)
    .option('--steps <n>', 'iterations', number)
    .option('--step-size <fraction>', 'step per iteration, as 1/255 or a decimal', fraction)
    .option('--no-random-start', 'begin at the image itself')
    .option('--restarts <n>', 'runs from different starts, the worst per image kept', number)
    .option('--pictures <format>', 'pictures beside the .npz: png, png16, dicom or none')
    .option('--provider <name>', `where the models run: ${providerNames.join(', ')}`)
    .addHelpText(
      'after',
      '\nExamples:\n  assay attack --bundle chest-xray --data test/ --attack pgd --eps 4/255 --out attacked\n  assay attack --bundle chest-xray --data test/ --attack cw --option searches=5 --out attacked\n  assay attack --list --eps 2/255',
    )
  evaluationOptions(command)
  perform(command, environment, async ({ list, eps, option: options, ...given }: Record<string, unknown>) => {
    if (list === true) {
      const engine = environment.openEngine()
      try {
        const attacks = await engine.call('attacks.list', parameters(listed, { norm: given['norm'], epsilon: eps }, { epsilon: '--eps' }))
        return { exitCode: 0, json: { attacks }, lines: attacks.flatMap(lines).slice(0, -1) }
      } finally {
        await engine.stop()
      }
    }
    assertGiven(command, needed)
    const asked = parameters(jobParameters.attack, { ...given, epsilon: eps, ...(options === undefined ? {} : { options }) }, { epsilon: '--eps' })
    const { result, exitCode } = await runJob(environment, { kind: 'attack', parameters: asked } as CallInput<'jobs.start'>)
    const { warnings = [] } = result as { warnings?: AuditWarning[] }
    return { exitCode, json: result, lines: [...facts(result as object), ...warnings.map(({ code, message }) => `warning  [${code}] ${message}`), researchUseOnly] }
  })
}

/**
 * `assay gradcheck`: the gradient that attacks would use, held against finite differences.
 */
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { CheckedDirection, Gradcheck } from '../../engine/tools/gradcheck'
import type { ProviderChoice } from '../../shared/types'
import { providerNames } from '../../shared/types'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { countdown } from '../progress'
import { number, path, size } from '../values'

function provider(text: string): ProviderChoice {
  const known = providerNames.find((name) => name === text)
  if (!known) throw new InvalidArgumentError(`Choose one of ${providerNames.join(', ')}.`)
  return known
}

const reasons = { kink: 'the model has a kink there', rounding: 'the differences drown in rounding', flat: 'the answer does not change' }

const line = ({ kind, analytic, numeric, relativeError, outcome, why }: CheckedDirection): string =>
  `  ${kind.padEnd(20)} analytic ${analytic.toPrecision(6).padStart(13)}  numeric ${numeric.toPrecision(6).padStart(13)}  ` +
  (outcome === 'inconclusive' ? `not measurable: ${reasons[why ?? 'rounding']}` : `error ${relativeError.toExponential(1)}${outcome === 'failed' ? '  FAILED' : ''}`)

const described = (name: string, { name: own, shape }: { name: string; shape: number[] }): string => `${name} ${own} [${shape.join(', ')}]`

const conclusions: Record<Gradcheck['outcome'], string> = {
  passed: 'The gradient agrees with finite differences.',
  failed: 'The gradient does NOT agree with finite differences; do not trust white-box attacks on this model.',
  inconclusive: 'Nothing can be said: too little could be measured. Try another --seed, or another range with --low and --high.',
}

const inSingle: Record<Gradcheck['singlePrecision']['outcome'], string> = { passed: '', rounding: ', where rounding decides', failed: '  FAILED' }

function lines(check: Gradcheck): string[] {
  const { largestDifference, outcome } = check.singlePrecision
  return [
    `${check.path}: ${described('input', check.input)}, ${described('output', check.output)}, on ${check.provider}`,
    'In double precision, against central differences:',
    ...check.directions.map(line),
    `  error of the whole gradient, estimated from the random directions: ${check.estimatedError.toExponential(1)}`,
    `In single precision, against double: largest difference ${largestDifference.toExponential(1)} of the largest value${inSingle[outcome]}`,
    ...check.warnings,
    check.outcome === 'failed' && !check.directions.some((direction) => direction.outcome === 'failed')
      ? `The rules are right, but ${check.provider} computes another gradient; try --provider cpu, and do not trust white-box attacks on this one.`
      : conclusions[check.outcome],
  ]
}

const exitCodes = { passed: 0, failed: 1, inconclusive: 3 } as const satisfies Record<Gradcheck['outcome'], number>

export function addGradcheck(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('gradcheck')
    .description("a model's analytic gradient against finite differences; exit code 1 where they disagree, 3 where nothing can be said")
    .argument('<model.onnx>', 'a classifier with one image input')
    .option('--size <rows x columns>', 'where the model leaves its size open, for example 224x224', size)
    .option('--low <value>', 'smallest value of the random input (default: 0)', number)
    .option('--high <value>', 'largest value of the random input; give 255 for models that take 0 to 255 (default: 1, or 255 where the input is bytes)', number)
    .option('--seed <n>', 'of the random input and directions', number, 0)
    .option('--provider <name>', `where the model runs: ${providerNames.join(', ')}`, provider, 'cpu')
    .addHelpText('after', '\nThe model is computed in double precision for this, which takes seconds for small models and minutes for large ones.\n\nExample:\n  assay gradcheck vendor-model.onnx --size 224x224')
  perform(command, environment, async (file: string, options: { size?: { height: number; width: number }; low?: number; high?: number; seed: number; provider: ProviderChoice }) => {
    const { gradcheck } = await import('../../engine/tools/gradcheck')
    const progress = countdown(environment.terminal, 'Checking the gradient')
    const check = await gradcheck(path(file), options, progress.show)
    progress.end()
    return { exitCode: exitCodes[check.outcome], json: check, lines: lines(check) }
  })
}

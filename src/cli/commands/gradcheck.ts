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

const line = ({ kind, analytic, numeric, relativeError, outcome, why }: CheckedDirection): string =>
  `  ${kind.padEnd(20)} analytic ${analytic.toPrecision(6).padStart(13)}  numeric ${numeric.toPrecision(6).padStart(13)}  relative error ${relativeError.toExponential(1)}${outcome === 'passed' ? '' : outcome === 'failed' ? '  FAILED' : `  not measurable (${why})`}`

const described = (name: string, { name: own, shape }: { name: string; shape: number[] }): string => `${name} ${own} [${shape.join(', ')}]`

function lines(check: Gradcheck): string[] {
  return [
    `${check.path}: ${described('input', check.input)}, ${described('output', check.output)}, on ${check.provider}`,
    ...check.directions.map(line),
    ...check.warnings.map((warning) => `  ${warning}`),
    check.passed ? 'The gradient agrees with finite differences.' : 'The gradient does NOT agree with finite differences; do not trust white-box attacks on this model.',
  ]
}

export function addGradcheck(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('gradcheck')
    .description("a model's analytic gradient against finite differences; exit code 1 where they disagree")
    .argument('<model.onnx>', 'a classifier with one image input')
    .option('--size <rows x columns>', 'where the model leaves its size open, for example 224x224', size)
    .option('--low <value>', 'smallest value of the random input', number, 0)
    .option('--high <value>', 'largest value of the random input (255 for models that take bytes)', number, 1)
    .option('--seed <n>', 'of the random input and directions', number, 0)
    .option('--provider <name>', `where the model runs: ${providerNames.join(', ')}`, provider, 'cpu')
    .addHelpText('after', '\nExample:\n  assay gradcheck vendor-model.onnx --size 224x224')
  perform(command, environment, async (file: string, options: { size?: { height: number; width: number }; low: number; high: number; seed: number; provider: ProviderChoice }) => {
    const { gradcheck } = await import('../../engine/tools/gradcheck')
    const progress = countdown(environment.terminal, 'Checking the gradient')
    const check = await gradcheck(path(file), options, progress.show)
    progress.end()
    return { exitCode: check.passed ? 0 : 1, json: check, lines: lines(check) }
  })
}

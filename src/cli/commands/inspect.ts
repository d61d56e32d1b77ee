/**
 * `assay inspect`: what a bundle or an ONNX model is made of.
 */
import type { Command } from 'commander'
import { enginePlaces } from '../../engine/places'
import type { InspectedModel } from '../../shared/models'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'
import { facts } from '../facts'
import { bundle } from '../values'

const shape = ({ name, dtype, shape }: InspectedModel['inputs'][number]): string => `${name} ${dtype} [${shape?.join(', ') ?? 'unknown'}]`

function* described(name: string, model: InspectedModel): Generator<string> {
  yield ''
  yield `${name}: ${model.parameters} parameters, ${Object.entries(model.opsets).map(([domain, version]) => `${domain} ${version}`).join(', ')}`
  yield `  inputs   ${model.inputs.map(shape).join('; ')}`
  yield `  outputs  ${model.outputs.map(shape).join('; ')}`
  yield `  gradient ${model.inputGradient.possible ? 'can be built' : model.inputGradient.error.message}`
  for (const { message } of model.warnings) yield `  warning  ${message}`
  for (const { operator, domain, count, differentiable } of model.operators)
    yield `  ${String(count).padStart(5)} × ${domain === '' ? operator : `${domain}.${operator}`}${differentiable ? '' : '  (not differentiable)'}`
}

export function addInspect(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('inspect')
    .description('inputs, outputs and operators of a model, and which of them can be differentiated')
    .argument('<bundle or model.onnx>', 'a bundle by id, folder or zip, or an ONNX file')
    .addHelpText('after', '\nExample:\n  assay inspect vendor-model.onnx')
  perform(command, environment, async (name: string) => {
    const { inspect } = await import('../../engine/models/inspect')
    const inspection = await inspect(bundle(name), enginePlaces().bundleFolders)
    const head = inspection.bundle ? facts(inspection.bundle) : [inspection.path]
    return { exitCode: 0, json: inspection, lines: [...head, ...Object.entries(inspection.models).flatMap(([part, model]) => [...described(part, model)])] }
  })
}

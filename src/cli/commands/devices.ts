/**
 * `assay devices`: where models can run on this machine.
 */
import type { Command } from 'commander'
import type { Device, DeviceReport } from '../../shared/types'
import type { CliEnvironment } from '../environment'
import { usageError } from '../terminal'
import { bundle, path } from '../values'
import { addJob } from './job-command'

const shown = (difference: number | null | undefined): string => (typeof difference === 'number' ? difference.toExponential(1) : 'not a number')

const states: Record<Device['state'], string> = {
  reference: 'the reference',
  agrees: 'agrees with the CPU',
  disagrees: 'REFUSED',
  failed: 'does not work',
  absent: 'not tried',
}

function line({ provider, state, reason, forward, backward, milliseconds, onCpu = [] }: Device): string {
  const differences = forward === undefined ? '' : ` (largest difference ${shown(forward)} forward, ${shown(backward)} backward)`
  const left = onCpu.length > 0 ? `; on the CPU all the same: ${onCpu.join(', ')}` : ''
  const time = milliseconds === undefined ? '' : `, ${milliseconds.toFixed(1)} ms per step`
  return `${provider.padEnd(8)} ${states[state]}${differences}${time}${reason === undefined ? '' : `: ${reason}`}${left}`
}

const autoLine = (file: string, provider: string, onCpu: readonly string[]): string => `auto takes ${provider} for ${file}${onCpu.length > 0 ? `, which leaves ${onCpu.join(', ')} to the CPU` : ''}`

export function deviceLines({ machine, checkedAt, devices, auto, model }: DeviceReport): string[] {
  return [
    machine,
    ...devices.map(line),
    `auto takes ${auto}. Checked ${new Date(checkedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC; --again checks anew.`,
    ...(model ? ['', `${model.name}, forward and backward:`, ...model.devices.map(line), ...model.auto.map(({ file, provider, onCpu }) => autoLine(file, provider, onCpu))] : []),
  ]
}

export function addDevices(program: Command, environment: CliEnvironment): void {
  const command = program
    .command('devices')
    .description('execution providers on this machine, checked against the CPU on a forward-and-backward graph, and their speed')
    .option('--again', 'check anew instead of telling what is remembered, and forget what is remembered of models')
    .option('--bundle <id or folder>', "also try the bundle's classifier with its gradient", bundle)
    .option('--model <model.onnx>', 'the same for a classifier that is no bundle', path)
    .addHelpText('after', '\nExample:\n  assay devices --bundle chest-xray')
  addJob<DeviceReport>(command, environment, {
    kind: 'devices',
    parametersOf: (options) => {
      if (options['bundle'] !== undefined && options['model'] !== undefined) throw usageError('Give --bundle or --model, not both.')
      return options
    },
    summary: deviceLines,
    provider: false,
  })
}

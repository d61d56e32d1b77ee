/**
 * `assay devices`: where models can run on this machine.
 */
import type { Command } from 'commander'
import type { Device } from '../../engine/tools/devices'
import { perform } from '../environment'
import type { CliEnvironment } from '../environment'

function line({ provider, works, reason, agrees, maximumDifference = 0, milliseconds = 0 }: Device): string {
  if (!works) return `${provider.padEnd(8)} does not work: ${reason}`
  const check = provider === 'cpu' ? 'the reference' : `${agrees ? 'agrees' : 'DISAGREES'} with the CPU (largest difference ${maximumDifference.toExponential(1)})`
  return `${provider.padEnd(8)} ${milliseconds.toFixed(1)} ms per run, ${check}`
}

export function addDevices(program: Command, environment: CliEnvironment): void {
  const command = program.command('devices').description('execution providers on this machine, checked against the CPU, and their speed')
  perform(command, environment, async () => {
    const { checkDevices } = await import('../../engine/tools/devices')
    const devices = await checkDevices()
    return { exitCode: 0, json: { devices }, lines: devices.map(line) }
  })
}

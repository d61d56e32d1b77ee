/** Providers and what their check came to, in words. */
import type { Device, DeviceReport, ProviderChoice } from '../../shared/types'

const names: Record<ProviderChoice, string> = {
  auto: 'Automatic',
  cpu: 'Processor (CPU)',
  webgpu: 'Graphics (WebGPU)',
  dml: 'Graphics (DirectML)',
  coreml: 'Core ML',
  cuda: 'Graphics (CUDA)',
}

export const providerName = (provider: ProviderChoice): string => names[provider]

/** For the button: "auto (cpu)" once it is known what that comes to. */
export const choiceInShort = (choice: ProviderChoice, report: DeviceReport | null): string => (choice === 'auto' && report ? `auto (${report.auto})` : choice)

const states: Record<Device['state'], string> = {
  reference: 'Reference',
  agrees: 'Agrees',
  disagrees: 'Refused',
  failed: 'Does not work',
  absent: 'Not there',
}

export const stateInWords = ({ state }: Device): string => states[state]

/** Differences are shares of the largest value; null stands for one that is no number. */
export function differenceInWords(difference: number | null | undefined): string {
  if (difference === undefined) return '–'
  if (difference === null) return 'no number'
  return difference === 0 ? '0' : difference.toExponential(1)
}

export const timeInWords = (milliseconds: number | undefined): string => (milliseconds === undefined ? '–' : `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`)

/** What else there is to say: the reason, and what runs on the CPU all the same. */
export function remarkOn({ reason, onCpu = [] }: Device): string {
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
  return [...(reason === undefined ? [] : [sentence(reason)]), ...(onCpu.length > 0 ? [`Left to the processor: ${onCpu.join(', ')}.`] : [])].join(' ')
}

/** Whether it may be chosen. What was not checked yet may: the engine says so when it does not work. */
export const canChoose = (device: Device | undefined): boolean => device === undefined || device.state === 'agrees' || device.state === 'reference'

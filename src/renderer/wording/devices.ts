/** Providers and what their check came to, in words. */
import type { Device, DeviceReport, ProviderChoice } from '../../shared/types'
import { figure, t } from '../language'

export const providerName = (provider: ProviderChoice): string => t(`devices.name.${provider}`)

/** For the button: "auto (cpu)" once it is known what that comes to. */
export const choiceInShort = (choice: ProviderChoice, report: DeviceReport | null): string => (choice === 'auto' && report ? `auto (${report.auto})` : choice)

export const stateInWords = ({ state }: Device): string => t(`devices.is.${state}`)

/** Differences are shares of the largest value; null stands for one that is no number. */
export function differenceInWords(difference: number | null | undefined): string {
  if (difference === undefined) return '–'
  if (difference === null) return t('devices.noNumber')
  return difference === 0 ? '0' : figure(difference.toExponential(1))
}

export const timeInWords = (milliseconds: number | undefined): string => (milliseconds === undefined ? '–' : `${milliseconds < 10 ? figure(milliseconds.toFixed(1)) : Math.round(milliseconds)} ms`)

/** What else there is to say: the reason, and what runs on the CPU all the same. */
export function remarkOn({ reason, onCpu = [] }: Device): string {
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
  return [...(reason === undefined ? [] : [sentence(reason)]), ...(onCpu.length > 0 ? [t('devices.leftToCpu', { operators: onCpu.join(', ') })] : [])].join(' ')
}

/** Whether it may be chosen. What was not checked yet may: the engine says so when it does not work. */
export const canChoose = (device: Device | undefined): boolean => device === undefined || device.state === 'agrees' || device.state === 'reference'

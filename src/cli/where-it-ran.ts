/** Lines on where a job did not run and why, for a person. What the machine never had is left to --json. */
import type { Fallback } from '../shared/types'

interface Ran {
  fallbacks?: readonly Fallback[]
  onCpu?: readonly string[]
}

export const whereItRan = ({ fallbacks = [], onCpu = [] }: Ran): string[] => [
  ...fallbacks.filter(({ absent }) => !absent).map(({ provider, reason }) => `not on ${provider}: ${reason}`),
  ...(onCpu.length > 0 ? [`on the CPU all the same: ${onCpu.join(', ')}`] : []),
]

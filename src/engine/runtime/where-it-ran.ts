/** Where work of several sessions ran, for its record: providers, those that were refused, operators left to the CPU. */
import type { Fallback } from '../../shared/types'
import type { Session } from './session'

export interface RanOn {
  /** Names, joined by commas where there are several. */
  provider: string
  fallbacks?: Fallback[]
  onCpu?: string[]
}

export class WhereItRan {
  private readonly providers = new Set<string>()
  private readonly fallbacks = new Map<string, Fallback>()
  private readonly onCpu = new Set<string>()

  note({ provider, fallbacks, onCpu = [] }: Pick<Session, 'provider' | 'fallbacks' | 'onCpu'>): void {
    this.providers.add(provider)
    for (const fallback of fallbacks) this.fallbacks.set(fallback.provider, fallback)
    for (const operator of onCpu) this.onCpu.add(operator)
  }

  report(): RanOn {
    return {
      provider: [...this.providers].join(', '),
      ...(this.fallbacks.size > 0 && { fallbacks: [...this.fallbacks.values()] }),
      ...(this.onCpu.size > 0 && { onCpu: [...this.onCpu] }),
    }
  }
}

/**
 * What `auto` means: the fastest provider that agrees with the CPU. Providers are checked once per machine, and those
 * that hold up are tried on each model once; both are remembered. A machine that has the CPU alone measures nothing.
 */
import { toAssayError } from '../../shared/errors'
import type { Device, Provider } from '../../shared/types'
import { knownAbsent, presentProviders } from '../runtime/providers'
import type { AutoChoice, AutoChooser } from '../runtime/session'
import { checkDevices, inNumbers } from './check'
import type { CheckOptions } from './check'
import { modelTolerance, worst } from './difference'
import { measure } from './measure'
import type { Measure, Measured } from './measure'
import type { ProviderMemory, RememberedMachine, RememberedModel } from './memory'
import { madeUpFeeds } from './model-feeds'
import { modelKey } from './model-key'

/** Not worth trying on a model when the probe takes this many times longer than on the CPU. */
const muchSlower = 2

const running = (process_: number): boolean => {
  try {
    process.kill(process_, 0)
    return true
  } catch {
    return false
  }
}

/** In milliseconds. After this, a process that has the number of one that was trying is another one. */
const longestTry = 5 * 60_000

/** Providers that hold up on this machine, and why the others do not. */
function sorted(devices: readonly Device[], candidates: readonly Provider[]): { usable: Provider[]; refused: AutoChoice['refused'] } {
  const cpu = devices.find(({ state }) => state === 'reference')?.milliseconds ?? Infinity
  const usable: Provider[] = []
  const refused: { provider: Provider; reason: string }[] = []
  for (const provider of candidates) {
    const device = devices.find((each) => each.provider === provider)
    if (provider === 'cpu') continue
    if (device?.state !== 'agrees') refused.push({ provider, reason: device?.reason ?? 'it was not checked' })
    else if (device.milliseconds === undefined) refused.push({ provider, reason: device.reason ?? 'it has no time' })
    else if (device.milliseconds > muchSlower * cpu) refused.push({ provider, reason: `it is slower than the CPU here (${device.milliseconds.toFixed(0)} ms against ${cpu.toFixed(0)} ms)` })
    else usable.push(provider)
  }
  return { usable, refused }
}

/** Why a provider's answers on a model are refused, or undefined where they may pass. */
function disagreement(cpu: Measured, { outputs }: Measured): string | undefined {
  const { largest, beyond } = worst(cpu.outputs, outputs, Object.keys(cpu.outputs), modelTolerance.difference)
  return beyond > modelTolerance.share ? `on this model ${(100 * beyond).toFixed(0)} % of an output's values differ from the CPU's (largest difference ${inNumbers(largest)})` : undefined
}

const covers = (devices: readonly Device[], providers: readonly Provider[]): boolean => providers.every((provider) => devices.some((device) => device.provider === provider))

/** The fastest of those that agree. */
export function fastest(devices: readonly Device[]): Provider {
  const timed = devices.filter(({ state, milliseconds }) => (state === 'agrees' || state === 'reference') && milliseconds !== undefined)
  return timed.sort((a, b) => a.milliseconds! - b.milliseconds!)[0]?.provider ?? 'cpu'
}

export class Chooser implements AutoChooser {
  private checking: Promise<Device[]> | undefined

  constructor(
    readonly memory: ProviderMemory,
    private readonly measured: Measure = measure,
  ) {}

  readonly choose: AutoChooser['choose'] = async (model, candidates) => {
    const { devices } = await this.memory.recall()
    const { usable, refused } = sorted(devices && covers(devices, candidates) ? devices : await this.devices(presentProviders()), candidates)
    if (usable.length === 0) return { order: ['cpu'], refused }
    const { order, onCpu, refused: byModel } = await this.onModel(model, usable)
    return { order, refused: [...refused, ...byModel], onCpu }
  }

  /**
   * Whoever names a provider does without the check of the machine and the timing, but not without right answers: a
   * kernel can be wrong for one model and right for all others. What cannot be compared may pass.
   */
  readonly objection: AutoChooser['objection'] = async (provider, model) => {
    const { devices, comparisons } = await this.memory.recall()
    const device = devices?.find((each) => each.provider === provider)
    if (device?.state === 'disagrees') return device.reason
    const sha256 = modelKey(model)
    const before = comparisons.find((each) => each.sha256 === sha256 && each.provider === provider)
    if (before) return before.objection ?? undefined
    const feeds = madeUpFeeds(model)
    if (!feeds) return undefined
    let found: string | undefined
    try {
      found = disagreement(await this.measured('cpu', model, feeds, { runs: 0 }), await this.measured(provider, model, feeds, { runs: 0 }))
    } catch {
      // What does not run there says so when it is to run.
      return undefined
    }
    await this.memory.rememberComparison({ sha256, provider, objection: found ?? null })
    return found
  }

  /**
   * The check of this machine's providers, remembered.
   * @param again forgets what is remembered, models included
   */
  async devices(providers: readonly Provider[], options: CheckOptions & { again?: boolean } = {}): Promise<Device[]> {
    const known = await this.memory.recall()
    if (!options.again && known.devices && covers(known.devices, providers)) return known.devices
    if (this.tryingElsewhere(known)) return [{ provider: 'cpu', state: 'reference' }]
    this.checking ??= this.check(providers, known, options).finally(() => (this.checking = undefined))
    return this.checking
  }

  /** Another process of Assay is measuring just now: two at once would measure each other. */
  private tryingElsewhere({ trying }: RememberedMachine): boolean {
    return trying !== undefined && trying.process !== process.pid && Date.now() - trying.since < longestTry && running(trying.process)
  }

  private async check(providers: readonly Provider[], known: RememberedMachine, { again, ...options }: CheckOptions & { again?: boolean }): Promise<Device[]> {
    // Whoever asks again wants it tried again, whatever it did the last time.
    const fatal = again ? undefined : known.trying?.provider
    const absent = options.absent ?? knownAbsent
    const devices = await checkDevices(providers, {
      measure: this.measured,
      ...options,
      absent: (provider) => absent(provider) ?? (provider === fatal ? 'Assay ended while it was tried; check again to give it another chance' : undefined),
      progress: async (provider, done, total) => {
        await options.progress?.(provider, done, total)
        if (provider !== 'cpu') await this.memory.change((machine) => ({ ...machine, trying: { provider, process: process.pid, since: Date.now() } }))
      },
    }).catch(async (error: unknown) => {
      await this.memory.change(({ trying: _ended, ...machine }) => machine)
      throw error
    })
    await this.memory.change(({ trying: _ended, ...machine }) => ({ ...machine, checkedAt: Date.now(), devices, ...(again && { models: [], comparisons: [] }) }))
    return devices
  }

  private async onModel(model: Uint8Array, usable: readonly Provider[]): Promise<RememberedModel> {
    const sha256 = modelKey(model)
    const known = await this.memory.recall()
    const before = known.models.find((each) => each.sha256 === sha256)
    if (before) return before
    const unmeasured: RememberedModel = { sha256, order: ['cpu'], refused: [], onCpu: {} }
    if (this.tryingElsewhere(known)) return unmeasured
    if (known.trying?.model === sha256 && known.trying.process !== process.pid) {
      const { provider } = known.trying
      const survived = { ...unmeasured, refused: [{ provider, reason: 'Assay ended while it was tried on this model; "assay devices --again" gives it another chance' }] }
      await this.memory.rememberModel(survived)
      return survived
    }
    const feeds = madeUpFeeds(model)
    // What cannot be run on made-up values is judged by the probe alone.
    const cpu = feeds && (await this.measured('cpu', model, feeds, { runs: 2, budget: 500 }).catch(() => undefined))
    if (!feeds || !cpu) return { ...unmeasured, order: [...usable, 'cpu'] }
    const times: [Provider, number][] = [['cpu', cpu.milliseconds]]
    const found: RememberedModel = { ...unmeasured, refused: [], onCpu: {} }
    for (const provider of usable) {
      await this.memory.change((machine) => ({ ...machine, trying: { provider, process: process.pid, since: Date.now(), model: sha256 } }))
      try {
        const measured = await this.measured(provider, model, feeds, { runs: 2, budget: 500, placements: true })
        const reason = disagreement(cpu, measured)
        if (reason !== undefined) {
          found.refused.push({ provider, reason })
          continue
        }
        if (measured.onCpu.length > 0) found.onCpu[provider] = measured.onCpu
        times.push([provider, measured.milliseconds])
      } catch (error) {
        found.refused.push({ provider, reason: toAssayError(error).message })
      }
    }
    found.order = times.sort((a, b) => a[1] - b[1]).map(([provider]) => provider)
    // Behind the CPU nothing will ever be asked.
    found.order = found.order.slice(0, found.order.indexOf('cpu') + 1)
    await this.memory.rememberModel(found)
    return found
  }
}

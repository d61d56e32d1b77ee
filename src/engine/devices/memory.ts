/**
 * What was found out about providers, kept in `providers.json` in the data folder: per machine (several may share the
 * folder), and per model by the hash of its graph. It only ever saves time, so that a damaged or unwritable file is the
 * same as none.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { deviceSchema, fallbackSchema, providerNameSchema } from '../../shared/types'
import { makeFolder, writeFileAtomic } from '../bundle/atomic'

const modelSchema = z.object({
  sha256: z.string(),
  /** Fastest first; the CPU at the latest last. */
  order: z.array(providerNameSchema).min(1),
  refused: z.array(fallbackSchema),
  /** By provider: operators that it leaves to the CPU. */
  onCpu: z.partialRecord(providerNameSchema, z.array(z.string())),
})
export type RememberedModel = z.infer<typeof modelSchema>

/** Whether a provider that was named computes a model as the CPU does. */
const comparisonSchema = z.object({
  sha256: z.string(),
  provider: providerNameSchema,
  /** Null where it does. */
  objection: z.string().nullable(),
})
export type RememberedComparison = z.infer<typeof comparisonSchema>

const machineSchema = z.object({
  key: z.string(),
  checkedAt: z.number(),
  /** Null until the providers of this machine were checked. */
  devices: z.array(deviceSchema).nullable(),
  /** The latest used last. */
  models: z.array(modelSchema),
  /** The latest last. */
  comparisons: z.array(comparisonSchema).default([]),
  /** Set while a provider is tried: a driver can take the whole process with it, and must not do so at every start. */
  trying: z.object({ provider: providerNameSchema, process: z.number(), since: z.number(), model: z.string().optional() }).optional(),
})
export type RememberedMachine = z.infer<typeof machineSchema>

const fileSchema = z.object({ format: z.literal('assay-providers/1'), machines: z.array(machineSchema) })

export const memoryFile = 'providers.json'
const machinesKept = 8
const modelsKept = 200

export class ProviderMemory {
  private queue: Promise<unknown> = Promise.resolve()

  /** @param key of this machine */
  constructor(
    private readonly folder: string,
    readonly key: string,
  ) {}

  private async machines(): Promise<RememberedMachine[]> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(join(this.folder, memoryFile), 'utf8'))).machines
    } catch {
      return []
    }
  }

  private mine = (machines: readonly RememberedMachine[]): RememberedMachine =>
    machines.find(({ key }) => key === this.key) ?? { key: this.key, checkedAt: 0, devices: null, models: [], comparisons: [] }

  /** What is known of this machine. */
  async recall(): Promise<RememberedMachine> {
    await this.queue
    return this.mine(await this.machines())
  }

  /** Changes what is known of this machine; the newest machine and the newest models push out the oldest. */
  change(change: (machine: RememberedMachine) => RememberedMachine): Promise<void> {
    const turn = this.queue.then(async () => {
      const machines = await this.machines()
      const changed = change(this.mine(machines))
      const kept = [...machines.filter(({ key }) => key !== this.key), { ...changed, models: changed.models.slice(-modelsKept), comparisons: changed.comparisons.slice(-modelsKept) }].slice(-machinesKept)
      await makeFolder(this.folder)
      await writeFileAtomic(join(this.folder, memoryFile), `${JSON.stringify({ format: 'assay-providers/1', machines: kept }, null, 1)}\n`)
    })
    this.queue = turn.catch(() => undefined)
    return this.queue as Promise<void>
  }

  rememberModel = (model: RememberedModel): Promise<void> =>
    this.change(({ trying: _ended, ...machine }) => ({ ...machine, models: [...machine.models.filter(({ sha256 }) => sha256 !== model.sha256), model] }))

  rememberComparison = (found: RememberedComparison): Promise<void> =>
    this.change((machine) => ({ ...machine, comparisons: [...machine.comparisons.filter(({ sha256, provider }) => sha256 !== found.sha256 || provider !== found.provider), found] }))
}

/**
 * `assay devices`, and "Check again" in the interface: a job, so that it waits for work under way instead of measuring
 * beside it.
 */
import { basename } from 'node:path'
import type { JobParameters } from '../../shared/job-parameters'
import type { DeviceReport, Provider } from '../../shared/types'
import { loadBundle, resolveBundle } from '../bundle/load'
import type { JobContext, JobDefinition } from '../jobs/definition'
import { presentProviders } from '../runtime/providers'
import { createSession } from '../runtime/session'
import { bundleStep, checkModel, modelStep } from './check-model'
import type { CheckOptions } from './check'
import { fastest } from './chooser'
import type { Chooser } from './chooser'
import { openChooser } from './open-chooser'

/** What is remembered of the machine; null when it was never checked. */
export async function rememberedDevices(places: JobContext['places']): Promise<DeviceReport | null> {
  const { memory } = await openChooser(places)
  const { devices, checkedAt, key } = await memory.recall()
  return devices && { machine: key, checkedAt, devices, auto: fastest(devices) }
}

/** What `auto` takes for a file, as whoever runs it next will find it remembered. */
async function autoFor(file: string, model: Uint8Array): Promise<{ file: string; provider: Provider; onCpu: string[] }> {
  const session = await createSession(model)
  await session.release()
  return { file, provider: session.provider, onCpu: [...(session.onCpu ?? [])] }
}

async function aboutModel({ bundle, model }: JobParameters['devices'], context: JobContext, devices: DeviceReport['devices'], options: CheckOptions): Promise<DeviceReport['model']> {
  if (bundle !== undefined) {
    const loaded = await loadBundle(await resolveBundle(bundle, context.places.bundleFolders))
    const { id, classifier, purifier } = loaded.manifest
    return {
      name: id,
      devices: await checkModel(bundleStep(loaded), devices, options),
      auto: [await autoFor(classifier.file, loaded.classifier), ...(purifier && loaded.purifier ? [await autoFor(purifier.file, loaded.purifier)] : [])],
    }
  }
  if (model === undefined) return undefined
  const step = await modelStep(model)
  return { name: basename(model), devices: await checkModel(step, devices, options), auto: [await autoFor('forward and backward', step)] }
}

async function report(parameters: JobParameters['devices'], context: JobContext, chooser: Chooser): Promise<DeviceReport> {
  const named = parameters.bundle ?? parameters.model
  const options: CheckOptions = {
    signal: context.signal,
    progress: (provider, done, total) => context.progress({ done, total, message: `checking ${provider}` }),
  }
  const devices = await chooser.devices(presentProviders(), { ...options, again: parameters.again })
  const { checkedAt, key } = await chooser.memory.recall()
  const model = named === undefined ? undefined : await aboutModel(parameters, context, devices, options)
  return { machine: key, checkedAt, devices, auto: fastest(devices), ...(model && { model }) }
}

export const devicesJob: JobDefinition<'devices'> = {
  kind: 'devices',
  title: () => 'Check where models can run',
  /** `result` is a DeviceReport. */
  async run(parameters, context) {
    return { result: await report(parameters, context, await openChooser(context.places)), exitCode: 0 }
  },
}

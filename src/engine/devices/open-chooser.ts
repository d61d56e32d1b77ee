/** The chooser of a data folder: one per process, so that two sessions opened at once do not measure each other. */
import type { EnginePlaces } from '../jobs/definition'
import { Chooser } from './chooser'
import { machineKey } from './machine'
import { ProviderMemory } from './memory'

const open = new Map<string, Promise<Chooser>>()

export function openChooser({ dataFolder, version }: Pick<EnginePlaces, 'dataFolder' | 'version'>): Promise<Chooser> {
  let chooser = open.get(dataFolder)
  if (!chooser) open.set(dataFolder, (chooser = machineKey(version).then((key) => new Chooser(new ProviderMemory(dataFolder, key)))))
  return chooser
}

/**
 * Which devices scans come from, and whether those are other ones than a bundle knows: what is learned from one device
 * need not hold for another, and looks do not always tell them apart.
 */
import { z } from 'zod'
import { originsSchema } from '../../shared/bundle'
import type { BundleManifest, Origins } from '../../shared/bundle'
import { sameKind } from '../../shared/modalities'
import type { Device } from '../image/decoded-image'

export const noOrigins: Origins = { modalities: [], manufacturers: [], devices: [] }

/** As they are compared: "SIEMENS" and "Siemens " are one. */
const plain = (value: string | undefined): string => value?.trim().toUpperCase() ?? ''

export const makerOf = ({ manufacturer }: Pick<Device, 'manufacturer'>): string | undefined => plain(manufacturer) || undefined

const sorted = (values: readonly string[]): string[] => [...new Set(values.filter((value) => value !== ''))].sort()

export const originsOf = (devices: readonly Device[]): Origins => ({
  modalities: sorted(devices.map(({ modality }) => plain(modality))),
  manufacturers: sorted(devices.map(({ manufacturer }) => plain(manufacturer))),
  devices: sorted(devices.map(({ manufacturer, model }) => (model === undefined ? '' : `${plain(manufacturer)} ${plain(model)}`.trim()))),
})

/** Of a training's record: bundles of earlier versions, and other people's, have none. */
const recorded = z.object({ data: z.object({ origins: originsSchema }) })

/** Where the images came from that a bundle's models learned from; either of them may have learned from its own. */
export function learnedFrom({ training, detector }: Pick<BundleManifest, 'training' | 'detector'>): Origins {
  const known = [training['classifier'], training['purifier']].flatMap((part) => recorded.safeParse(part).data?.data.origins ?? [])
  const all = [...known, detector?.trainedOn ?? noOrigins]
  return {
    modalities: sorted(all.flatMap(({ modalities }) => modalities)),
    manufacturers: sorted(all.flatMap(({ manufacturers }) => manufacturers)),
    devices: sorted(all.flatMap(({ devices }) => devices)),
  }
}

const listed = (words: readonly string[]): string => words.join(', ')

/** Those of the scans that a bundle does not know; none where it knows none at all. */
const strangers = (scans: readonly string[], known: readonly string[]): string[] => (known.length === 0 ? [] : scans.filter((each) => !known.includes(each)))

/** Sentences where scans come from elsewhere than what a bundle was made for and learned from; none where either does not say. */
export function originWarnings(scans: Origins, manifest: Pick<BundleManifest, 'name' | 'modality' | 'training' | 'detector'>): string[] {
  const { name, modality } = manifest
  const learned = learnedFrom(manifest)
  const warnings: string[] = []
  const expected = modality ? [modality.toUpperCase()] : learned.modalities
  const other = scans.modalities.filter((each) => expected.length > 0 && expected.every((one) => sameKind(each, one) === false))
  if (other.length > 0)
    warnings.push(`Among these scans are some that say they are ${listed(other)}, and ${name} was made for ${listed(expected)}: its models may not be fit for them.`)
  // A model is only told apart where the maker is known: an unknown maker says enough.
  const makers = strangers(scans.manufacturers, learned.manufacturers)
  const models = makers.length > 0 ? [] : strangers(scans.devices, learned.devices)
  if (makers.length > 0)
    warnings.push(`Among these scans are some from devices by ${listed(makers)}, and the models of ${name} learned from devices by ${listed(learned.manufacturers)}: audit it on such scans before you rely on it.`)
  if (models.length > 0)
    warnings.push(`Among these scans are some from ${listed(models)}, and the models of ${name} learned from ${listed(learned.devices)}: audit it on such scans before you rely on it.`)
  return warnings
}

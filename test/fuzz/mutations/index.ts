/**
 * What is done to whole files: damage as disks and networks do it, and lies as somebody writes them who knows the format.
 */
import type { Random } from '../../../src/engine/tensor/random'
import type { Seed } from '../seeds'
import { anyFile } from './any-file'
import { dicom } from './dicom'
import { jpeg } from './jpeg'
import type { Mutation } from './mutation'
import { pick } from './mutation'
import { pictures } from './pictures'
import { png } from './png'

/** General damage comes up as often as knowledge of the format. */
export const mutations: readonly { mutation: Mutation; special: boolean }[] = [
  ...anyFile.map((mutation) => ({ mutation, special: false })),
  ...[...dicom, ...jpeg, ...png, ...pictures].map((mutation) => ({ mutation, special: true })),
]

/** @returns the mutated file and what was done to it */
export function mutate(seed: Seed, random: Random, others: readonly Seed[]): { bytes: Uint8Array; done: string[] } {
  let bytes = seed.bytes
  const done: string[] = []
  const wanted = 1 + random.integer(3)
  for (let tries = 0; tries < 20 && done.length < wanted; tries++) {
    const special = random.next() < 0.6
    const { mutation } = pick(random, mutations.filter((one) => one.special === special))
    let changed: Uint8Array | undefined
    try {
      changed = mutation.apply(bytes, random, others)
    } catch {
      // An earlier mutation took away what this one holds on to.
      continue
    }
    if (!changed || changed.length === 0) continue
    bytes = changed
    done.push(mutation.name)
  }
  return { bytes, done }
}

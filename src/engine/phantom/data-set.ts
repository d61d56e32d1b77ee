/**
 * A labelled data set of phantoms on disk, in the folder layout that training and audits read:
 * `<folder>/{train,test}/{normal,opacity}/phantom-0001.png`.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError, toAssayError } from '../../shared/errors'
import { writeDicom } from '../image/dicom/write'
import { encodePng, quantize } from '../image/encode'
import type { Phantom } from './phantom'
import { makePhantom, phantomKinds } from './phantom'

export interface PhantomDataSetOptions {
  /** Images in all; half of each kind, and one in five for the test folder. */
  count: number
  /** Width and height in pixels. */
  size: number
  seed: number
  /** png: 8 bits; dicom: 12 of 16 bits, computed radiography. */
  format: 'png' | 'dicom'
}

export interface PhantomDataSetSummary {
  folder: string
  written: number
  train: number
  test: number
}

const testShare = 0.2
/** Width of the pictured area: an upright detector. */
const fieldMillimetres = 350

/**
 * Writes the set; files that are there already under the same names are replaced.
 * @throws AssayError `output-not-writable`, `disk-full`, `cancelled`.
 */
export async function writePhantomDataSet(
  folder: string,
  { count, size, seed, format }: PhantomDataSetOptions,
  hooks: { progress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<PhantomDataSetSummary> {
  const test = Math.round(count * testShare)
  const sizes = { train: count - test, test }
  let written = 0
  for (const split of ['train', 'test'] as const) {
    for (const kind of phantomKinds) await writable(folder, () => mkdir(join(folder, split, kind), { recursive: true }))
    for (let i = 0; i < sizes[split]; i++) {
      if (hooks.signal?.aborted) throw new AssayError('cancelled', `Stopped after ${written} of ${count} phantoms.`, { written })
      const kind = phantomKinds[i % phantomKinds.length]!
      const number = String(Math.floor(i / phantomKinds.length) + 1).padStart(4, '0')
      // Every picture is another person: pairs of one would leak from train to test, or from class to class.
      const name = `${seed}/${split}/${kind}/${number}`
      const phantom = makePhantom({ seed: name, width: size, height: size, kind })
      const bytes = format === 'png' ? phantomPng(phantom) : phantomDicom(phantom, name)
      await writable(folder, () => writeFile(join(folder, split, kind, `phantom-${number}.${format === 'png' ? 'png' : 'dcm'}`), bytes))
      hooks.progress?.(++written, count)
    }
  }
  return { folder, written, ...sizes }
}

/** 8-bit grey. */
export function phantomPng({ pixels, width, height }: Phantom): Uint8Array {
  return encodePng({ width, height, samples: 1, data: quantize(pixels, 8) })
}

/** 12 bits in 16, MONOCHROME2, computed radiography. @param seed makes the UIDs and the patient. */
export function phantomDicom({ pixels, width, height }: Phantom, seed: string): Uint8Array {
  const top = 4095
  const spacing = fieldMillimetres / Math.min(width, height)
  return writeDicom({
    kind: 'computed-radiography',
    modality: 'CR',
    width,
    height,
    pixels: Uint16Array.from(pixels, (value) => Math.round(value * top)),
    bitsStored: 12,
    windows: [{ center: (top + 1) / 2, width: top + 1 }],
    spacing: { row: spacing, column: spacing },
    seed: `phantom/${seed}`,
    attributes: [
      { tag: 0x00100010, vr: 'PN', value: 'Phantom' },
      // Every phantom is another person. Neither this nor anything else in the header tells its class, not even by its length.
      { tag: 0x00100020, vr: 'LO', value: `PHANTOM-${createHash('sha256').update(seed).digest('hex').slice(0, 12)}` },
      { tag: 0x00180015, vr: 'CS', value: 'CHEST' },
      { tag: 0x00185101, vr: 'CS', value: 'PA' },
      { tag: 0x0008103e, vr: 'LO', value: 'Computed chest phantom' },
    ],
  })
}

async function writable<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const known = toAssayError(error)
    if (known.code === 'disk-full') throw known
    throw new AssayError('output-not-writable', `Nothing can be written to ${folder}; choose another folder or change its permissions.`, { path: folder }, { cause: error })
  }
}

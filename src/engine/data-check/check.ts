/**
 * Looks through the images of a training before it begins. Each file is decoded once; some 5 KiB of each stay in memory.
 */
import { basename, resolve } from 'node:path'
import type { ModelInput } from '../../shared/bundle'
import type { DataCheck } from '../../shared/training'
import { toAssayError } from '../../shared/errors'
import type { LabelledSource, SourceItem } from '../dataset/labelled-source'
import { readAhead, throwIfAborted, type LoadFailure } from '../dataset/model-inputs'
import { joinPatients } from '../dataset/patients'
import { findAlike } from './alike'
import { alikeFindings } from './alike-findings'
import { classFindings, countsOf } from './class-findings'
import { amount, finding, percent, sorted, type PartName, type Sample } from './finding'
import { giveawayOf, patientsPerClass } from './giveaway'
import { countPatients, patientFindings } from './patient-findings'
import { giveawayFindings, pictureFindings, type Shown, type Wanted } from './picture-findings'
import { fileFeatures, toneFeatures, traitsOf } from './traits'

export interface CheckedPart {
  source: LabelledSource
  /** Folder or archive, as people know it. */
  path: string
}

export interface CheckQuery extends Wanted {
  training: CheckedPart
  test?: CheckedPart | undefined
  intensity: ModelInput['intensity']
  seed: number
  signal?: AbortSignal
  progress?: (done: number, total: number) => void
}

type Read = Shown & { part: PartName }

/** @throws AssayError `cancelled` */
export async function checkData(query: CheckQuery): Promise<DataCheck> {
  const began = performance.now()
  const { training, test, seed, signal } = query
  const { classes } = training.source
  const { images, failures } = await read(query)
  const patients = joinPatients(images.map(({ item, image }) => ({ group: item.group, patient: image.origin?.patient })))
  const samples = images.map(({ name, part, item }, i): Sample => ({ name, part, label: item.label, group: patients.groups[i]! }))
  const alike = await findAlike(images.map((image) => ({ ...image, blank: image.faint, kind: `${image.part} ${image.item.label}` })), signal)

  // What a table puts aside to measure on is of the training's images all the same.
  const learned = images.flatMap((image, i) => (image.part !== 'test' ? [{ image, label: image.item.label, group: patients.groups[i]! }] : []))
  const file = giveawayOf(learned.map(({ image, ...of }) => ({ ...of, features: fileFeatures(image) })), classes.length, seed)
  const tone = giveawayOf(learned.map(({ image, ...of }) => ({ ...of, features: toneFeatures(image) })), classes.length, seed)
  const [trained, tested] = [countsOf(samples, classes, false), countsOf(samples, classes, true)]
  const asked = training.source.items.length + (test?.source.items.length ?? 0)
  return {
    classes: classes.map((name, i) => ({ name, training: trained[i]!, test: tested[i]! })),
    images: { training: learned.length, test: images.length - learned.length },
    channels: images[0]?.image.samples ?? null,
    unreadable: failures.map(({ path, error }) => ({ path, code: error.code, message: error.message })),
    patients: countPatients(samples, patients.known),
    findings: sorted([
      ...(failures.length > 0
        ? [finding('warning', 'unreadable', failures.length, `${amount(failures.length, 'file')} of ${asked.toLocaleString('en')} (${percent(failures.length / asked)}) cannot be read and would be left out; remove or replace them.`, failures.map(({ path }) => path))]
        : []),
      ...classFindings(samples, classes),
      ...patientFindings(samples, patients),
      ...alikeFindings(samples, alike),
      ...giveawayFindings(file, tone, learned.length, patientsPerClass(learned, classes.length)),
      ...pictureFindings(images, query),
    ]),
    giveaway: file,
    tone,
    seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
  }
}

async function read({ training, test, intensity, signal, progress }: CheckQuery): Promise<{ images: Read[]; failures: LoadFailure[] }> {
  const parts = [{ of: 'training' as const, ...training }, ...(test ? [{ of: 'test' as const, ...test }] : [])]
  const wanted = parts.flatMap(({ of, source, path }) => source.items.map((item) => ({ part: of === 'training' && item.part === 'val' ? ('validation' as const) : of, source, item, name: nameOf(path, item) })))
  const images: Read[] = []
  const failures: LoadFailure[] = []
  const one = async ({ part, source, item, name }: (typeof wanted)[number]): Promise<Read | LoadFailure> => {
    throwIfAborted(signal)
    try {
      return { ...(await traitsOf(source, item, intensity, signal)), part, name }
    } catch (error) {
      return { path: item.path, error: toAssayError(error) }
    }
  }
  let done = 0
  for await (const result of readAhead(wanted, one)) {
    throwIfAborted(signal)
    if ('error' in result) failures.push(result)
    else images.push(result)
    progress?.(++done, wanted.length)
  }
  return { images, failures }
}

/** `train/NORMAL/1.png`, `set.npz#12`: short, and yet clear about which part it is of. */
const nameOf = (path: string, { name }: SourceItem): string => `${basename(resolve(path))}${name.startsWith('#') ? '' : '/'}${name}`

/**
 * The cheap part of the check on images that a training has in memory anyway: classes, patients, equal pictures. What file
 * and header say is no longer there.
 */
import { createHash } from 'node:crypto'
import type { DataFinding } from '../../shared/training'
import type { LoadedItem } from '../dataset/labelled-source'
import { joinPatients } from '../dataset/patients'
import { bytesOf } from '../tensor/tensor'
import { findAlike } from './alike'
import { alikeFindings } from './alike-findings'
import { classFindings } from './class-findings'
import { sorted, type PartName, type Sample } from './finding'
import { lookOf, shrink } from './look'
import { patientFindings } from './patient-findings'

export interface LoadedPart {
  /** [items.length, channels, height, width] in [0, 1]. */
  x: Float32Array
  size: { channels: number; height: number; width: number }
  items: readonly LoadedItem[]
}

/**
 * Some milliseconds per image, and some seconds for all pairs of ten thousand.
 * @param parts those that there are
 * @throws AssayError `cancelled`
 */
export async function checkLoaded(parts: Partial<Record<PartName, LoadedPart | undefined>>, classes: readonly string[], signal?: AbortSignal): Promise<DataFinding[]> {
  const given = (['training', 'validation', 'test'] as const).flatMap((part) => (parts[part] ? [{ part, ...parts[part] }] : []))
  const images = given.flatMap(({ part, x, size: { channels, height, width }, items }) => {
    const length = channels * height * width
    return items.map((item, i) => {
      const planes = x.subarray(i * length, (i + 1) * length)
      const first = planes[0]!
      return {
        item,
        part,
        kind: `${part} ${item.label}`,
        look: lookOf(shrink(planes, channels, width, height)),
        digest: createHash('sha256').update(bytesOf(planes)).digest('base64'),
        blank: planes.every((v) => Math.abs(v - first) < 1.5 / 255),
      }
    })
  })
  const patients = joinPatients(images.map(({ item }) => item))
  const samples = images.map(({ item, part }, i): Sample => ({ name: item.name, part, label: item.label, group: patients.groups[i]! }))
  return sorted([...classFindings(samples, classes), ...patientFindings(samples, patients), ...alikeFindings(samples, await findAlike(images, signal))])
}

/**
 * Where a DICOM image comes from, as far as a check of data sets wants to know it: of whom, by which device, of what.
 * The patient is a digest, so that nothing that is made of it can name a person.
 */
import { createHash } from 'node:crypto'
import type { DataSet } from 'dicom-parser'
import type { ImageOrigin } from '../decoded-image'
import { text } from './values'

const tags = { manufacturer: 'x00080070', station: 'x00081010', model: 'x00081090', protocol: 'x00181030', bodyPart: 'x00180015', view: 'x00185101' } as const

/** Identifiers are unique within their issuer (PS3.3 C.2.2). */
export const patientDigest = (id: string, issuer = ''): string => createHash('sha256').update(`${issuer}\n${id}`).digest('hex').slice(0, 24)

function patientOf(dataSet: DataSet): string | undefined {
  const id = text(dataSet, 'x00100020')
  return id && patientDigest(id, text(dataSet, 'x00100021'))
}

export function readOrigin(dataSet: DataSet): ImageOrigin {
  const patient = patientOf(dataSet)
  const told = Object.entries(tags).flatMap(([name, tag]) => {
    const value = text(dataSet, tag)
    return value ? [[name, value]] : []
  })
  return { ...(patient && { patient }), ...(Object.fromEntries(told) as Omit<ImageOrigin, 'patient'>) }
}

/**
 * What the side panel tells about a DICOM image, short, and nothing of the patient.
 */
import type { DecodedImage } from '../decoded-image'
import type { Spacing } from './geometry'
import type { OpenedDicom } from './read'
import { text } from './values'

type Fact = DecodedImage['facts'][number]

/** Text of the file is cut to what the panel has room for. */
const maximumLength = 40

export function dicomFacts({ dataSet, description: d, transferSyntax }: OpenedDicom, tables: number, spacing: Spacing | undefined): Fact[] {
  const fact = (label: string, value: string | undefined): Fact[] => (value ? [{ label, value: value.length > maximumLength ? `${value.slice(0, maximumLength - 1)}…` : value }] : [])
  return [
    ...fact('Format', 'DICOM'),
    ...fact('Modality', text(dataSet, 'x00080060')),
    ...fact('Body part', text(dataSet, 'x00180015')),
    ...fact('View', text(dataSet, 'x00185101')),
    ...fact('Size', `${d.columns} × ${d.rows}`),
    ...fact('Bits', d.kind === 'integer' ? `${d.bitsStored} of ${d.bitsAllocated}${d.signed ? ', signed' : ''}` : `${d.bitsAllocated}, floating point`),
    ...fact('Photometric', text(dataSet, 'x00280004') ?? `not given, taken as ${d.photometric}`),
    ...(dataSet.elements['x00281201'] && d.photometric.startsWith('MONOCHROME') ? fact('Supplemental palette', 'not used') : []),
    ...(tables > 0 ? fact('VOI lookup tables', String(tables)) : []),
    ...fact('Transfer syntax', transferSyntax.name),
    ...(spacing ? fact('Spacing', `${rounded(spacing.row)} × ${rounded(spacing.column)} mm`) : []),
  ]
}

const rounded = (millimetres: number): string => String(Number(millimetres.toPrecision(4)))

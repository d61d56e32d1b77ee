/** Tags for the scripted engine: a short list with everything that a browser of tags has to deal with, and a very long one. */
import type { DicomTag } from '../../../src/shared/types'

const element = (tag: string, vr: string, name: string, value: string, over: Partial<DicomTag> = {}): DicomTag => ({ tag, vr, name, value, depth: 0, private: false, hidden: false, ...over })

export const longValue = `${'A long description that goes on and on. '.repeat(24)}The end of it.`

const short: DicomTag[] = [
  element('(0002,0010)', 'UI', 'TransferSyntaxUID', '1.2.840.10008.1.2.1'),
  element('(0008,0060)', 'CS', 'Modality', 'MR'),
  element('(0008,103E)', 'LO', 'SeriesDescription', longValue),
  element('(0008,1140)', 'SQ', 'ReferencedImageSequence', ''),
  element('(0008,1150)', 'UI', 'ReferencedSOPClassUID', '1.2.840.10008.5.1.4.1.1.4', { depth: 1 }),
  element('(0040,A170)', 'SQ', 'PurposeOfReferenceCodeSequence', '', { depth: 1 }),
  element('(0008,0104)', 'LO', 'CodeMeaning', 'Localizer', { depth: 2 }),
  element('(0009,0010)', 'LO', 'PrivateCreator', 'MAKER 1.0', { private: true }),
  element('(0009,1001)', 'UN', 'MAKER 1.0', '(12 bytes)', { private: true }),
  element('(0010,0010)', 'PN', 'PatientName', 'Doe^Jane', { hidden: true }),
  element('(0010,0030)', 'DA', 'PatientBirthDate', '19700101', { hidden: true }),
  element('(0028,0010)', 'US', 'Rows', '96'),
]

const long = Array.from({ length: 20_000 }, (_, i) =>
  element(`(${(0x0020 + Math.floor(i / 5000) * 2).toString(16).padStart(4, '0')},${(i % 5000).toString(16).padStart(4, '0')})`, 'LO', `Element${i}`, `value of ${i}`),
)

export function scriptedTags(path: string, patientData: boolean): DicomTag[] {
  if (path.includes('many-tags')) return long
  if (!path.endsWith('.dcm')) return []
  return short.map((tag) => (tag.hidden ? (patientData ? { ...tag, hidden: false } : { ...tag, value: '' }) : tag))
}

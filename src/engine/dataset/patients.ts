/**
 * Which images are of one patient: as a table's own column or a manifest of groups says, else by the identifier in DICOM
 * files. What a person wrote down counts for more than what an anonymiser left in a header.
 */
import { patientDigest } from '../image/dicom/origin'
import { gather } from './gather'

export interface OfPatient {
  /** `group:…` or `patient:…` where a table says it; else the image's own path, a group of one. */
  group: string
  /** Digest of a DICOM patient identifier. */
  patient?: string | undefined
}

export interface Patients {
  /** For each image the name of its group; images of one patient have the same. */
  groups: string[]
  /** Something says which images belong together. */
  known: boolean
  /** Images that no table speaks of and whose DICOM identifier tells nothing: a placeholder, or that of most files. */
  ignored: number
}

/** True where a table named the group. */
const named = (group: string): boolean => /^(group|patient):/.test(group)

/** True where an identifier in DICOM files is what says it. */
export const byIdentifier = (group: string): boolean => group.startsWith('dicom:')

const words = 'anon anonym anonymous anonymized anonymised deidentified de-identified removed deleted hidden unknown none null nil n/a na patient patientid id test x xx xxx xxxx 0 00 000 0000 00000 000000 0000000 00000000 - -- ? *'.split(' ')
/** What anonymisers put in the place of every identifier, however it is written. */
const placeholders = new Set(words.flatMap((word) => [word, word.toUpperCase(), word[0]!.toUpperCase() + word.slice(1)].map((id) => patientDigest(id))))

/** An identifier that more than half of the files share, and at least so many, is no patient's. */
const manyFiles = 10

/** Identifiers that tell nothing. */
function empty(images: readonly OfPatient[]): Set<string> {
  const carriers = images.filter(({ patient }) => patient !== undefined)
  const files = [...gather(carriers, ({ patient }) => patient!)].map(([patient, members]) => ({ patient, count: members.length }))
  const found = new Set(files.filter(({ patient, count }) => placeholders.has(patient) || (count > 1 && count === carriers.length)).map(({ patient }) => patient))
  const others = files.filter(({ patient }) => !found.has(patient)).sort((a, b) => b.count - a.count)
  // Without the commonest the next may be that of most: some sets have a placeholder for each of two scanners.
  let left = others.reduce((sum, { count }) => sum + count, 0)
  for (const { patient, count } of others) {
    if (count < manyFiles || count <= left / 2) break
    found.add(patient)
    left -= count
  }
  return found
}

export function joinPatients(images: readonly OfPatient[]): Patients {
  const nothing = empty(images)
  const carried = ({ patient }: OfPatient): string | undefined => (patient === undefined || nothing.has(patient) ? undefined : patient)
  const tables = gather(images.filter(({ group }) => named(group)), carried)
  const groupOf = (image: OfPatient): string => {
    const patient = carried(image)
    if (named(image.group) || patient === undefined) return image.group
    // A file that the table forgot is with those of its identifier, unless the table says that they are several people.
    const [table, ...others] = new Set((tables.get(patient) ?? []).map(({ group }) => group))
    return table !== undefined && others.length === 0 ? table : `dicom:${patient}`
  }
  const groups = images.map(groupOf)
  return {
    groups,
    known: groups.some((group) => named(group) || byIdentifier(group)),
    ignored: images.filter((image) => !named(image.group) && image.patient !== undefined && nothing.has(image.patient)).length,
  }
}

/**
 * The elements of a DICOM data set as a person reads them: names by the standard's dictionary, values as text, nested
 * sequences with their depth. Values that tell of a person are withheld unless they are asked for.
 */
import type { DicomTag } from '../../../shared/types'
import { unsupported } from '../errors'

/** @throws AssayError `image-*` */
export async function listTags(_file: Uint8Array, name: string, _options: { patientData: boolean }): Promise<DicomTag[]> {
  throw unsupported(name, 'tags')
}

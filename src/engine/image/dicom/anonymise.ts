/**
 * A copy of a DICOM file without what tells of a person: the Basic Application Level Confidentiality Profile of PS3.15, E.
 */
import { unsupported } from '../errors'

/**
 * @param salt makes the new UIDs: files anonymised with the same salt stay together in their study and series.
 * @throws AssayError `image-*`
 */
export async function anonymiseDicom(_file: Uint8Array, name: string, _salt: string): Promise<Uint8Array> {
  throw unsupported(name, 'no anonymised copy')
}

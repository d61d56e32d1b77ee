/**
 * Files on disk to images: what the rest of the engine reads pictures with. A bad file is a typed error with its path.
 */
import { readFile } from 'node:fs/promises'
import { AssayError, toAssayError } from '../../shared/errors'
import type { DicomTag } from '../../shared/types'
import { decodeImage, openImage } from './decode'
import type { DecodedImage, StoredImage } from './decoded-image'
import { anonymiseDicom } from './dicom/anonymise'
import { listTags } from './dicom/tags'

async function located<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, message, facts, cause } = toAssayError(error)
    throw new AssayError(code, message, { path, ...facts }, { cause })
  }
}

/**
 * @param frame counted from 0; the file's default frame where none is named.
 * @throws AssayError what reading or decoding can meet; always with the path among its facts
 */
export const readImage = (path: string, frame?: number): Promise<DecodedImage> => located(path, async () => decodeImage(await readFile(path), path, frame))

/** All frames as stored. @throws AssayError like readImage */
export const readStored = (path: string): Promise<StoredImage> => located(path, async () => (await openImage(await readFile(path), path)).stored())

/** The elements of a DICOM file, none for other formats. @throws AssayError like readImage */
export const readTags = (path: string, options: { patientData: boolean }): Promise<DicomTag[]> =>
  located(path, async () => listTags(await readFile(path), path, options))

/** A DICOM file without what tells of a person. @throws AssayError like readImage; `image-unsupported` for other formats */
export const anonymisedCopy = (path: string, salt: string): Promise<Uint8Array> => located(path, async () => anonymiseDicom(await readFile(path), path, salt))

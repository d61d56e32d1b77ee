/**
 * Files on disk to images: what the rest of the engine reads pictures with. A bad file is a typed error with its path.
 * Decoding runs in the pool's workers; the image that arrives is the caller's own.
 */
import type { DicomTag } from '../../shared/types'
import type { DecodedImage, StoredImage } from './decoded-image'
import type { SourceAttribute } from './dicom/source-attributes'
import { closeDecoders, decodeFile } from './pool'

export { closeDecoders }

/**
 * @param frame counted from 0; the file's default frame where none is named.
 * @param signal gives up, also in the middle of decoding.
 * @throws AssayError what reading or decoding can meet; always with the path among its facts
 */
export const readImage = (path: string, frame?: number, signal?: AbortSignal): Promise<DecodedImage> => decodeFile({ kind: 'frame', path, frame }, signal)

/** All frames as stored. @throws AssayError like readImage */
export const readStored = (path: string, signal?: AbortSignal): Promise<StoredImage> => decodeFile({ kind: 'stored', path }, signal)

/** The elements of a DICOM file, none for other formats. @throws AssayError like readImage */
export const readTags = (path: string, options: { patientData: boolean }, signal?: AbortSignal): Promise<DicomTag[]> =>
  decodeFile({ kind: 'tags', path, patientData: options.patientData }, signal)

/** A DICOM file without what tells of a person. @throws AssayError like readImage; `image-unsupported` for other formats */
export const anonymisedCopy = (path: string, salt: string, signal?: AbortSignal): Promise<Uint8Array> => decodeFile({ kind: 'anonymise', path, salt }, signal)

/** What an image made of this one takes over: patient, study, which instance it was. None for files that are not DICOM. @throws AssayError like readImage */
export const readSource = (path: string, signal?: AbortSignal): Promise<SourceAttribute[]> => decodeFile({ kind: 'source', path }, signal)

/**
 * What can be asked of a file, and how it is answered on whichever thread this runs on.
 */
import { AssayError, toAssayError } from '../../../shared/errors'
import type { DicomTag } from '../../../shared/types'
import type { DecodedImage, StoredImage } from '../decoded-image'
import { anonymiseDicom } from '../dicom/anonymise'
import { readSourceAttributes } from '../dicom/source-attributes'
import type { SourceAttribute } from '../dicom/source-attributes'
import { listTags } from '../dicom/tags'
import type { FileKeeper } from './file-keeper'

export type DecodeTask =
  /** Without a number the file's default frame. */
  | { kind: 'frame'; path: string; frame?: number | undefined }
  | { kind: 'stored'; path: string }
  | { kind: 'tags'; path: string; patientData: boolean }
  | { kind: 'anonymise'; path: string; salt: string }
  | { kind: 'source'; path: string }

export interface DecodeResults {
  frame: DecodedImage
  stored: StoredImage
  tags: DicomTag[]
  anonymise: Uint8Array
  source: SourceAttribute[]
}

export type DecodeResult = DecodeResults[DecodeTask['kind']]

/** @throws AssayError what reading or decoding can meet; always with the path among its facts */
export async function runTask(task: DecodeTask, files: FileKeeper): Promise<DecodeResult> {
  try {
    switch (task.kind) {
      case 'frame': {
        const file = await files.open(task.path)
        return await file.frame(task.frame ?? file.defaultFrame)
      }
      case 'stored':
        return await (await files.open(task.path, { allFrames: true })).stored()
      case 'tags':
        return await listTags(files.bytes(task.path), task.path, { patientData: task.patientData })
      case 'anonymise':
        return await anonymiseDicom(files.bytes(task.path), task.path, task.salt)
      case 'source':
        return await readSourceAttributes(files.bytes(task.path), task.path)
    }
  } catch (error) {
    const { code, message, facts, cause } = toAssayError(error)
    throw new AssayError(code, message, { path: task.path, ...facts }, { cause: cause ?? error })
  }
}

/**
 * An image format is one record: how to recognise its bytes, and how to open them. Register it in index.ts.
 */
import type { ImageFile, ImageFormatId } from '../decoded-image'

export interface ImageFormat {
  readonly id: ImageFormatId
  /** Looks at the content, never at the file's name. Cheap: the first bytes have to do. */
  recognises(bytes: Uint8Array): boolean
  /**
   * Finds out what is in the file and checks declared sizes; pixels may be decoded now or when a frame is asked for.
   * @param name for errors. @throws AssayError `image-*`, `dicom-*`.
   */
  open(bytes: Uint8Array, name: string): Promise<ImageFile>
}

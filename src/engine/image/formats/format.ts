/**
 * An image format is one record: how to recognise its bytes, and how to decode them. Register it in index.ts.
 */
import type { DecodedImage } from '../decoded-image'

export interface ImageFormat {
  readonly id: DecodedImage['format']
  /** Looks at the content, never at the file's name. Cheap: the first bytes have to do. */
  recognises(bytes: Uint8Array): boolean
  /** @param name for errors. @throws AssayError `image-*`, `dicom-*`. */
  decode(bytes: Uint8Array, name: string): Promise<DecodedImage>
}
